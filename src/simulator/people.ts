import { DAY_MS } from './calendar.ts'
import { createChooser } from './random.ts'
import {
  CHANNELS,
  type ChannelData,
  DEVICES,
  FIRST_NAMES,
  LAST_NAMES,
  PLACES,
} from './visitor-data.ts'
import { nextId, send, type World } from './world.ts'

/** A browser and whoever sits before it. */
export interface Visitor {
  readonly anonymous_id: string
  readonly user_agent: string
  /** Multiplies the chance of each step towards an order. */
  readonly intent: number
  customer: Customer | undefined
  /** Whether customer_identified was sent for this browser. */
  identified: boolean
}

/** A person with an account. */
export interface Customer {
  readonly customer_id: string
  readonly name: string
  readonly email: string
  readonly country: string
  readonly city: string
  /** Chance to come back for another order after each order. */
  readonly loyalty: number
  orders: number
  /** Months of the first and of the latest order, YYYY-MM in the shop's zone. */
  first_month?: string
  last_month?: string
}

const chooseDevice = createChooser(DEVICES.map((device) => device.share))
const chooseChannel = createChooser(CHANNELS.map((channel) => channel.share))
const choosePlace = createChooser(PLACES.map((_, index) => 1 / (index + 1)))

/** A browser that was never here before. */
export function newVisitor(world: World): Visitor {
  const { random } = world
  const device = DEVICES[chooseDevice(random)]!
  world.truth.counts.visitors++
  return {
    anonymous_id: nextId(world, 'anon'),
    user_agent: random.pick(device.user_agents),
    intent: device.intent,
    customer: undefined,
    identified: false,
  }
}

export function anyChannel(world: World): ChannelData {
  return CHANNELS[chooseChannel(world.random)]!
}

/** A channel of those who know the shop: typed the address, or followed the newsletter. */
export function familiarChannel(world: World): ChannelData {
  const name = world.random.chance(0.6) ? 'direct' : 'email'
  return CHANNELS.find((channel) => channel.name === name)!
}

/** Opens an account and tells what the shop knows of its owner. */
export function register(world: World): Customer {
  const { random } = world
  const [country, cities] = PLACES[choosePlace(random)]!
  const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)]
  const customer_id = nextId(world, 'cust')
  const customer: Customer = {
    customer_id,
    name: `${first} ${last}`,
    email: `${first}.${last}.${customer_id}@example.com`.toLowerCase(),
    country,
    city: random.pick<string>(cities),
    loyalty: random.chance(0.6) ? random.between(0.7, 0.92) : random.between(0.05, 0.25),
    orders: 0,
  }
  send(
    world,
    'server',
    'customer_updated',
    { customer_id },
    {
      customer_id,
      name: customer.name,
      email: customer.email,
      country,
      city: customer.city,
      marketing_consent: random.chance(0.6),
      ...(random.chance(0.3) ? { phone: `+1555${random.integer(1_000_000, 9_999_999)}` } : {}),
    },
  )
  return customer
}

/** Days until a customer comes back to buy, or undefined where that never happens. Hazard falls with time. */
export function daysToReturn(world: World, customer: Customer): number | undefined {
  const { random } = world
  return random.chance(customer.loyalty) ? Math.max(1, random.logNormal(24, 0.75)) : undefined
}

/** Who was here lately without an account: some of them come back. Holds at most so many. */
export interface Regulars {
  remember(visitor: Visitor): void
  any(world: World): Visitor | undefined
}

const REMEMBERED = 4000

export function createRegulars(): Regulars {
  const ring: Visitor[] = []
  let next = 0
  return {
    remember(visitor) {
      ring[next] = visitor
      next = (next + 1) % REMEMBERED
    },
    any: (world) => (ring.length === 0 ? undefined : world.random.pick(ring)),
  }
}

/** Milliseconds until an abandoned cart is thought of again. */
export function cartPause(world: World): number {
  return Math.max(45 / 1440, world.random.logNormal(0.7, 0.9)) * DAY_MS
}
