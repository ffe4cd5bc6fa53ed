import type { StoreDocument, StoreTable } from '../ports.ts'
import type {
  CustomerDocument,
  DeadLetterDocument,
  Documents,
  IdentityDocument,
  LiveMinuteDocument,
  ProductDocument,
  TombstoneDocument,
} from './documents.ts'
import { mergeSessions } from './merge-sessions.ts'
import { amountOf, plus } from './project-amount.ts'
import { BROWSERS_LIMIT, presentSpend } from './project-customer.ts'

/**
 * One document of the shares that buckets hold of it: what it would be had one writer projected all their records. Undefined where the
 * shares come to nothing. `buckets` is how many there are: an erasure is over when all of them have seen it.
 */
export function mergeShares(
  table: StoreTable,
  shares: readonly StoreDocument[],
  buckets: number,
): StoreDocument | undefined {
  if (shares.length === 0) return undefined
  const merge = MERGES[table] as (shares: readonly unknown[], buckets: number) => object | undefined
  return merge(shares, buckets) as StoreDocument | undefined
}

type Merge<T extends StoreTable> = (
  shares: readonly Documents[T][],
  buckets: number,
) => Documents[T] | undefined

const MERGES: { readonly [T in StoreTable]: Merge<T> } = {
  customers: mergeCustomers,
  products: mergeProducts,
  sessions: mergeSessions,
  live_minutes: mergeMinutes,
  identities: (shares) => greatest<IdentityDocument>(shares, (share) => share.merge.stamp),
  tombstones: mergeTombstones,
  dead_letters: mergeLetters,
  // Records that change these all fall into one bucket.
  orders: first,
  order_index: first,
  stock: first,
  // So do these, or they were moved in from one machine: then buckets hold copies, and no reader asks for one.
  seen: first,
}

function first<D>(shares: readonly D[]): D | undefined {
  return shares[0]
}

function greatest<D>(shares: readonly D[], of: (share: D) => string): D {
  return shares.reduce((best, share) => (of(share) > of(best) ? share : best))
}

interface Stamped {
  merge: { stamps: { [field: string]: string } }
}

/** Each field from the share whose stamp for it is the greatest. */
function takeStamped(target: Stamped, shares: readonly Stamped[]): void {
  const fields = target as unknown as { [field: string]: unknown }
  for (const share of shares) {
    for (const [field, stamp] of Object.entries(share.merge.stamps)) {
      const held = target.merge.stamps[field]
      if (held !== undefined && held >= stamp) continue
      target.merge.stamps[field] = stamp
      fields[field] = (share as unknown as { [field: string]: unknown })[field]
    }
  }
}

function mergeCustomers(shares: readonly CustomerDocument[]): CustomerDocument {
  if (shares.length === 1) return shares[0]!
  const merged = structuredClone(shares[0]!)
  takeStamped(merged, shares.slice(1))
  for (const share of shares.slice(1)) {
    merged.orders += share.orders
    merged.cancelled_orders += share.cancelled_orders
    merged.order_value = plus(merged.order_value, amountOf(share.order_value))
    merged.refunded_value = plus(merged.refunded_value, amountOf(share.refunded_value))
    merged.first_seen_at = least(merged.first_seen_at, share.first_seen_at) ?? ''
    if (share.last_seen_at > merged.last_seen_at) merged.last_seen_at = share.last_seen_at
    const firstOrder = least(merged.first_order_at, share.first_order_at)
    if (firstOrder !== undefined) merged.first_order_at = firstOrder
    const lastOrder = share.last_order_at
    if (lastOrder !== undefined && lastOrder > (merged.last_order_at ?? '')) {
      merged.last_order_at = lastOrder
    }
  }
  merged.merge.browsers = browsersOf(shares)
  merged.anonymous_ids = merged.merge.browsers.map((browser) => browser.anonymous_id)
  presentSpend(merged)
  return merged
}

/** The lesser text; absent and empty stand for none. */
function least(a: string | undefined, b: string | undefined): string | undefined {
  if (!a) return b
  if (!b) return a
  return a < b ? a : b
}

function browsersOf(shares: readonly CustomerDocument[]): CustomerDocument['merge']['browsers'] {
  const stamps = new Map<string, string>()
  for (const { anonymous_id, stamp } of shares.flatMap((share) => share.merge.browsers)) {
    if (stamp > (stamps.get(anonymous_id) ?? '')) stamps.set(anonymous_id, stamp)
  }
  return [...stamps]
    .map(([anonymous_id, stamp]) => ({ anonymous_id, stamp }))
    .sort((a, b) => (a.stamp < b.stamp ? 1 : -1))
    .slice(0, BROWSERS_LIMIT)
}

const PRODUCT_COUNTS = [
  'views',
  'clicks',
  'carts',
  'cart_units',
  'cart_removals',
  'orders',
  'units_sold',
  'units_returned',
  'rating_count',
  'rating_sum',
] as const

function mergeProducts(shares: readonly ProductDocument[]): ProductDocument {
  if (shares.length === 1) return shares[0]!
  const merged = structuredClone(shares[0]!)
  takeStamped(merged, shares.slice(1))
  for (const share of shares.slice(1)) {
    for (const count of PRODUCT_COUNTS) merged[count] += share[count]
    merged.revenue = plus(merged.revenue, amountOf(share.revenue))
  }
  merged.rating_mean = merged.rating_count > 0 ? merged.rating_sum / merged.rating_count : null
  return merged
}

const MINUTE_COUNTS = [
  'page_views',
  'product_views',
  'product_clicks',
  'searches',
  'carts',
  'checkouts',
  'orders',
] as const

function mergeMinutes(shares: readonly LiveMinuteDocument[]): LiveMinuteDocument | undefined {
  const merged = { ...shares[0]! }
  for (const share of shares.slice(1)) {
    for (const count of MINUTE_COUNTS) merged[count] += share[count]
    merged.sales = plus(merged.sales, amountOf(share.sales))
  }
  return MINUTE_COUNTS.every((count) => merged[count] === 0) ? undefined : merged
}

/** The earliest one stands; scrubbed when every bucket has looked through its documents. */
function mergeTombstones(shares: readonly TombstoneDocument[], buckets: number): TombstoneDocument {
  const earliest = shares.reduce((a, b) => (b.requested_at < a.requested_at ? b : a))
  const { scrubbed_at: _, ...merged } = earliest
  const scrubbed = shares.flatMap((share) => share.scrubbed_at ?? [])
  if (scrubbed.length < buckets) return merged
  return { ...merged, scrubbed_at: scrubbed.sort().at(-1)! }
}

/**
 * The letter stands in its own bucket; what a replay made of it, as a copy, in that of the replayed event. The copy that was refused most
 * often has the reason; one that was accepted says more of how it was settled than its duplicates.
 */
function mergeLetters(shares: readonly DeadLetterDocument[]): DeadLetterDocument {
  const again = (share: DeadLetterDocument) => share.refused_again ?? 0
  const refused = shares.reduce((a, b) => (again(b) > again(a) ? b : a))
  const replayed = shares.filter((share) => share.status === 'replayed')
  const settled = replayed.find((share) => share.replayed_as !== 'duplicate') ?? replayed[0]
  if (!settled) return refused
  const { status, replayed_at, replayed_as } = settled
  return {
    ...refused,
    status,
    ...(replayed_at && { replayed_at }),
    ...(replayed_as && { replayed_as }),
  }
}
