import type { EventFields, EventType } from '../schema/registry.ts'
import type { Product } from './catalogue.ts'
import type { Visitor } from './people.ts'
import type { DayTruth } from './truth.ts'
import type { ChannelData } from './visitor-data.ts'
import { nextId, type Sender, send, today, type World } from './world.ts'

export const SHOP_URL = 'https://shop.example'

/** Pieces by product index. */
export interface Cart {
  readonly cart_id: string
  readonly lines: Map<number, number>
}

/** Steps of the purchase funnel, in order; the index is how far a visit has come. */
const FUNNEL = [
  'sessions',
  'product_view',
  'add_to_cart',
  'checkout_started',
  'order_created',
] as const

type FunnelStep = (typeof FUNNEL)[number]

/** One session of one browser. */
export interface Visit {
  readonly session_id: string
  readonly visitor: Visitor
  /** Multiplies the chance of each step towards an order. */
  readonly intent: number
  readonly skew_ms: number
  readonly day: DayTruth
  /** Query and referrer of the landing page; undefined once it was shown. */
  landing: { query: string; referrer: string | undefined } | undefined
  /** Path of the page that it is on. */
  page: string
  loggedIn: boolean
  reached: number
  orders: number
  steps: number
  cart: Cart | undefined
}

/** Begins a session and books it. */
export function openVisit(
  world: World,
  visitor: Visitor,
  channel: ChannelData,
  options: { eagerness: number; skew_ms: number; cart?: Cart | undefined },
): Visit {
  const { random } = world
  const query =
    channel.queries.length > 0
      ? random.pick(channel.queries).replace('{n}', random.integer(1e8, 9e8).toString(36))
      : ''
  const day = today(world, options.skew_ms)
  day.sessions++
  world.truth.funnel.sessions++
  return {
    session_id: nextId(world, 'sess'),
    visitor,
    intent: visitor.intent * channel.intent * options.eagerness,
    skew_ms: options.skew_ms,
    day,
    landing: {
      query,
      referrer: channel.referrers.length > 0 ? random.pick(channel.referrers) : undefined,
    },
    page: '/',
    loggedIn: visitor.identified && random.chance(0.7),
    reached: 0,
    orders: 0,
    steps: 0,
    cart: options.cart,
  }
}

/** Sends an event of the visit from the browser. The first one carries where the visitor came from. */
export function report<T extends EventType>(
  world: World,
  visit: Visit,
  type: T,
  page: string,
  fields: EventFields<T>,
): void {
  const { landing } = visit
  visit.landing = undefined
  visit.page = page
  const query = landing?.query ? `${page.includes('?') ? '&' : '?'}${landing.query}` : ''
  const { visitor } = visit
  const sender: Sender = {
    session_id: visit.session_id,
    customer_id: visit.loggedIn ? visitor.customer?.customer_id : undefined,
    anonymous_id: visitor.anonymous_id,
    page_url: `${SHOP_URL}${page}${query}`,
    referrer: landing?.referrer,
    user_agent: visitor.user_agent,
    skew_ms: visit.skew_ms,
  }
  send(world, 'browser', type, sender, fields)
}

/** Who acts, as the shop's server knows it. */
export function senderOf(visit: Visit): Sender {
  return {
    session_id: visit.session_id,
    customer_id: visit.loggedIn ? visit.visitor.customer?.customer_id : undefined,
    anonymous_id: visit.visitor.anonymous_id,
    user_agent: visit.visitor.user_agent,
  }
}

/** Books that the visit did this step, where it did the one before. */
export function reach(world: World, visit: Visit, step: FunnelStep): void {
  if (FUNNEL[visit.reached + 1] !== step) return
  visit.reached++
  world.truth.funnel[step]++
}

export function cartOf(world: World, visit: Visit): Cart {
  visit.cart ??= { cart_id: nextId(world, 'cart'), lines: new Map() }
  return visit.cart
}

export function pageOf(product: Product): string {
  return `/products/${product.slug}`
}
