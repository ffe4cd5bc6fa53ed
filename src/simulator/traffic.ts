import { DAY_MS, HOUR_MS } from './calendar.ts'
import { crawl } from './crawler.ts'
import {
  anyChannel,
  createRegulars,
  daysToReturn,
  familiarChannel,
  newVisitor,
  type Visitor,
} from './people.ts'
import { createRandom, type Random } from './random.ts'
import { type Cart, openVisit, type Visit } from './visit.ts'
import type { ChannelData } from './visitor-data.ts'
import { type Course, land, openCart } from './walk.ts'
import { later, type World } from './world.ts'

const YEAR_MS = 365.25 * DAY_MS
const REGULAR_CHANCE = 0.22
const NEW_DEVICE_CHANCE = 0.15
/** Visits of customers who come back and of carts that are taken up again come on top of those that arrive. */
const ARRIVING_SHARE = 0.95
const BOTS_PER_VISIT = 0.025
/** Those who come to buy again know what they want. */
const RETURNING_EAGERNESS = 6
const RESUMING_EAGERNESS = 1.6

/** Lets people and programs come, by the hour, for as long as the agenda runs. */
export function startTraffic(
  world: World,
  options: { growth_per_year: number; clock_skew: number },
): void {
  const { random } = world
  const opened = world.now
  const regulars = createRegulars()
  const skewOf = createSkew(world, options.clock_skew)

  function hour(): void {
    const growth = (1 + options.growth_per_year) ** ((world.now - opened) / YEAR_MS)
    const mean = (world.sessions_per_day / 24) * world.calendar.busyness(world.now) * growth
    arrive(random.poisson(mean * ARRIVING_SHARE), visitor)
    arrive(random.poisson(mean * BOTS_PER_VISIT), () => crawl(world))
    world.agenda.schedule(world.now + HOUR_MS, hour)
  }

  function arrive(count: number, action: () => void): void {
    for (let one = 0; one < count; one++) later(world, random.next() * HOUR_MS, action)
  }

  function visitor(): void {
    const regular = random.chance(REGULAR_CHANCE) ? regulars.any(world) : undefined
    const known = regular ?? newVisitor(world)
    if (!regular) regulars.remember(known)
    open(known, anyChannel(world), 1)
  }

  function open(known: Visitor, channel: ChannelData, eagerness: number, cart?: Cart): void {
    const visit = openVisit(world, known, channel, { eagerness, skew_ms: skewOf(), cart })
    const course: Course = { world, visit, onAbandoned: takeUpLater, onOrdered: comeBackLater }
    if (cart) openCart(course)
    else land(course)
  }

  function takeUpLater(visit: Visit, pause_ms: number): void {
    const { cart, visitor: known } = visit
    later(world, pause_ms, () => open(known, familiarChannel(world), RESUMING_EAGERNESS, cart))
  }

  function comeBackLater({ visitor: known }: Visit): void {
    const days = known.customer ? daysToReturn(world, known.customer) : undefined
    if (days === undefined) return
    later(world, days * DAY_MS, () => comeBack(known, 3))
  }

  /** Comes to buy again, at most so many times until something is bought; a purchase starts anew. */
  function comeBack(known: Visitor, tries: number): void {
    const before = known.customer!.orders
    open(onSomeDevice(known), familiarChannel(world), RETURNING_EAGERNESS)
    if (tries <= 1) return
    later(world, random.between(1, 6) * DAY_MS, () => {
      if (known.customer!.orders === before) comeBack(known, tries - 1)
    })
  }

  function onSomeDevice(known: Visitor): Visitor {
    if (!random.chance(NEW_DEVICE_CHANCE)) return known
    return { ...newVisitor(world), customer: known.customer }
  }

  hour()
}

/** How far a browser's clock is behind. Its own dice: clocks change nothing of what people do. */
function createSkew(world: World, rate: number): () => number {
  if (rate === 0) return () => 0
  const random: Random = createRandom(world.seed, 303)
  return () => (random.chance(rate) ? -random.integer(2000, 10 * 60_000) : 0)
}
