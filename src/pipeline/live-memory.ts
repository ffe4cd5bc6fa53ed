import type { LiveNow, StoreDocument } from '../ports.ts'
import { formatMoney } from '../schema/money.ts'
import { createShopClock, liveDays, type SoldMinute } from './live-days.ts'
import { amountOf } from './project-amount.ts'

const VISITOR_MS = 5 * 60_000
const CART_MS = 10 * 60_000
const SHOWN_MINUTES = 60
/** Covers any shop's yesterday and today, a day of 25 hours included. */
const MEMORY_MS = 52 * 3_600_000
/** Far above what five minutes bring to one machine: then the oldest are forgotten. */
const VISITORS_LIMIT = 200_000
const CARTS_LIMIT = 50_000
/** So large a part goes at once: finding the oldest entry of a Map takes longer the more have gone before it. */
const FORGOTTEN_SHARE = 0.1

/** Where a visit carries what is remembered of it: looking it up at each event would cost more. JSON knows nothing of it. */
const SEEN = Symbol('seen')

/** The last moment of a visitor; forgotten ones are looked up again. */
interface Seen {
  at: string
  forgotten: boolean
}

/** A visit's document, or just its name. */
export interface Visit {
  readonly session_id: string
  [SEEN]?: Seen
}

/** What the live view remembers between commits, in bounded memory. Moments are ISO text. */
export interface LiveMemory {
  visitor(visit: Visit, at: string): void
  /** The visit's cart now; `value` in ten-thousandths, undefined when it is empty. */
  cart(key: string, at: string, value: bigint | undefined): void
  /** The visit was erased. */
  forget(key: string): void
  /** A minute's document as it was committed; null where it was deleted. */
  minute(minute: string, document: StoreDocument | null): void
  now(at: number): LiveNow
}

/** What projections tell the live view of visits. */
export type VisitWatch = Pick<LiveMemory, 'visitor' | 'cart' | 'forget'>

interface RememberedMinute extends SoldMinute {
  readonly document: StoreDocument
}

/** A live memory for a shop; `time_zone` is an IANA name. */
export function createLiveMemory(shop: { currency: string; time_zone: string }): LiveMemory {
  const visitors = new Map<string, Seen>()
  const carts = new Map<string, { at: string; value: bigint }>()
  const minutes = new Map<string, RememberedMinute>()
  const clock = createShopClock(shop.time_zone)

  function remember(minute: string, document: StoreDocument | null): void {
    if (document === null) {
      minutes.delete(minute)
      return
    }
    const { date, time } = minutes.get(minute) ?? clock(new Date(`${minute}:00Z`))
    minutes.set(minute, {
      document: { ...document },
      date,
      time,
      orders: document.orders as number,
      sales: amountOf(document.sales),
    })
  }

  return {
    visitor(visit, at) {
      const held = visit[SEEN]
      if (held && !held.forgotten) {
        if (held.at < at) held.at = at
        return
      }
      const seen = visitors.get(visit.session_id) ?? { at, forgotten: false }
      if (seen.at < at) seen.at = at
      visit[SEEN] = seen
      visitors.set(visit.session_id, seen)
      if (visitors.size > VISITORS_LIMIT) forgetOldest(visitors, forgetVisitor)
    },
    cart(key, at, value) {
      if (value === undefined) carts.delete(key)
      else carts.set(key, { at, value })
      if (carts.size > CARTS_LIMIT) forgetOldest(carts)
    },
    forget(key) {
      const seen = visitors.get(key)
      if (seen) forgetVisitor(seen)
      visitors.delete(key)
      carts.delete(key)
    },
    minute: remember,
    now(at) {
      forgetBefore(visitors, isoOf(at - VISITOR_MS), (seen) => seen.at, forgetVisitor)
      forgetBefore(carts, isoOf(at - CART_MS), (cart) => cart.at)
      forgetBefore(minutes, isoOf(at - MEMORY_MS), (minute) => minute.document.minute as string)
      return {
        at: isoOf(at),
        visitors: visitors.size,
        open_carts: carts.size,
        open_cart_value: formatMoney(sumOf(carts.values(), (cart) => cart.value)),
        currency: shop.currency,
        ...liveDays(minutes.values(), clock(new Date(at))),
        minutes: shownMinutes(minutes, isoOf(at - SHOWN_MINUTES * 60_000).slice(0, 16)),
      }
    },
  }
}

function shownMinutes(minutes: ReadonlyMap<string, RememberedMinute>, from: string) {
  return [...minutes.entries()]
    .filter(([minute]) => minute > from)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { document }]) => document)
}

function sumOf<T>(values: Iterable<T>, of: (value: T) => bigint): bigint {
  let total = 0n
  for (const value of values) total += of(value)
  return total
}

function forgetVisitor(seen: Seen): void {
  seen.forgotten = true
}

function forgetBefore<V>(
  map: Map<string, V>,
  oldest: string,
  at: (value: V) => string,
  onForget?: (value: V) => void,
): void {
  for (const [key, value] of map) {
    if (at(value) >= oldest) continue
    map.delete(key)
    onForget?.(value)
  }
}

/** Those that were added first. */
function forgetOldest<V>(map: Map<string, V>, onForget?: (value: V) => void): void {
  let left = Math.ceil(map.size * FORGOTTEN_SHARE)
  for (const [key, value] of map) {
    if (left-- === 0) return
    map.delete(key)
    onForget?.(value)
  }
}

function isoOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
