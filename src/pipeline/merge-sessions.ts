import type { CartFact, SessionDocument } from './documents.ts'
import {
  CART_LIMIT,
  latestFirst,
  ORDERS_LIMIT,
  presentCart,
  VIEWED_LIMIT,
} from './project-session.ts'

const COUNTS = ['events', 'page_views', 'product_views', 'product_clicks', 'searches'] as const

/** A visit of the shares of its own events' bucket and of the buckets of orders that name it. */
export function mergeSessions(shares: readonly SessionDocument[]): SessionDocument {
  if (shares.length === 1) return shares[0]!
  const merged = structuredClone(firstOf(shares))
  for (const share of shares) {
    if (share.last_at > merged.last_at) merged.last_at = share.last_at
    takeLeast(merged, share, 'customer_id')
    takeLeast(merged, share, 'anonymous_id')
    takeLatest(merged, share, 'cart_at')
    takeLatest(merged, share, 'checkout_at')
  }
  for (const count of COUNTS) {
    merged[count] = shares.reduce((sum, share) => sum + share[count], 0)
  }
  merged.products = viewsOf(shares)
  merged.order_ids = [...new Set(shares.flatMap((share) => share.order_ids))]
    .sort()
    .slice(0, ORDERS_LIMIT)
  merged.converted = merged.order_ids.length > 0
  merged.merge.cart = cartOf(shares)
  presentCart(merged, {})
  return merged
}

/** The share of the visit's first event, which says where it came from; one without an event stands behind. */
function firstOf(shares: readonly SessionDocument[]): SessionDocument {
  const when = (share: SessionDocument) => `${share.first_at || '~'}${share.merge.first}`
  return shares.reduce((a, b) => (when(b) < when(a) ? b : a))
}

function takeLeast(
  merged: SessionDocument,
  share: SessionDocument,
  field: 'customer_id' | 'anonymous_id',
): void {
  const value = share[field]
  const held = merged[field]
  if (value !== undefined && (held === undefined || value < held)) merged[field] = value
}

function takeLatest(
  merged: SessionDocument,
  share: SessionDocument,
  field: 'cart_at' | 'checkout_at',
): void {
  const value = share[field]
  if (value !== undefined && value > (merged[field] ?? '')) merged[field] = value
}

function viewsOf(shares: readonly SessionDocument[]): SessionDocument['products'] {
  const latest = new Map<string, string>()
  for (const { product_id, viewed_at } of shares.flatMap((share) => share.products)) {
    if (viewed_at > (latest.get(product_id) ?? '')) latest.set(product_id, viewed_at)
  }
  return [...latest]
    .map(([product_id, viewed_at]) => ({ product_id, viewed_at }))
    .sort(latestFirst)
    .slice(0, VIEWED_LIMIT)
}

function cartOf(shares: readonly SessionDocument[]): CartFact[] {
  const facts = new Map<string, CartFact>()
  for (const fact of shares.flatMap((share) => share.merge.cart)) {
    const held = facts.get(fact.product_id)
    if (!held) facts.set(fact.product_id, { ...fact })
    else {
      held.net += fact.net
      held.bought += fact.bought
      if (fact.priced && (!held.priced || fact.priced.stamp > held.priced.stamp)) {
        held.priced = fact.priced
      }
    }
  }
  return [...facts.values()]
    .sort((a, b) => (a.product_id < b.product_id ? -1 : 1))
    .slice(0, CART_LIMIT)
}
