import type { EventType } from '../schema/registry.ts'
import type {
  MoneyFact,
  OrderDocument,
  OrderLine,
  ShipmentFact,
  Stamp,
  TimelineEntry,
} from './documents.ts'
import type { Row } from './erase.ts'
import { rankOf, rankOfStamp, stampOf, takeFields, textOf } from './project-context.ts'
import { presentOrder } from './project-order-status.ts'

/** Facts of one kind that an order keeps, those with the greatest stamps: a real order has a handful. */
const FACTS_LIMIT = 200
const TIMELINE_LIMIT = 100

/** What an order_created prices: taken together from one event, so that no total meets another one's currency. */
const PRICED = [
  'items',
  'total_amount',
  'currency',
  'discount_amount',
  'shipping_amount',
  'tax_amount',
  'shop_value',
  'fx_rate',
  'amount_mismatch',
] as const

const PLACED_FIELDS = [
  'session_id',
  'coupon',
  'payment_method',
  'shipping_address',
  'email_hash',
  'phone_hash',
]
const ANY_FIELDS = ['customer_id', 'anonymous_id']

export function newOrder(order_id: string, currency: string): OrderDocument {
  return {
    order_id,
    status: 'created',
    items: [],
    currency,
    paid_amount: '0',
    refunded_amount: '0',
    refunded_value: '0',
    updated_at: '',
    shipments: [],
    timeline: [],
    merge: { rank: 0, stamps: {}, payments: {}, refunds: {}, shipments: {} },
  }
}

/**
 * Takes one lifecycle event into the order, in place. Commutative and idempotent: any order and repetition of the same
 * rows gives the same document. Throws a plain Error where an amount is not money.
 */
export function mergeOrder(
  order: OrderDocument,
  type: EventType,
  row: Row,
  currency: string,
): void {
  const { merge } = order
  const stamp = stampOf(row)
  merge.rank = Math.max(merge.rank, rankOf(row))
  if ((row.occurred_at as string) > order.updated_at) order.updated_at = row.occurred_at as string
  takeFields(order, merge.stamps, row, ANY_FIELDS, stamp)
  addToTimeline(order.timeline, type, row)
  FACTS[type]?.(order, row, stamp, currency)
  presentOrder(order)
}

type TakeFact = (order: OrderDocument, row: Row, stamp: Stamp, currency: string) => void

const FACTS: { readonly [T in EventType]?: TakeFact } = {
  order_created: takePlaced,
  order_paid: (order, row, stamp, currency) =>
    takeMoney(order.merge.payments, 'payment_id', row, stamp, currency),
  order_refunded: (order, row, stamp, currency) =>
    takeMoney(order.merge.refunds, 'refund_id', row, stamp, currency),
  order_shipped: takeShipped,
  order_delivered: takeDelivered,
  order_cancelled: takeCancelled,
}

function takePlaced(order: OrderDocument, row: Row, stamp: Stamp, currency: string): void {
  const { stamps } = order.merge
  takeFields(order, stamps, row, PLACED_FIELDS, stamp)
  const country = (row.shipping_address as OrderDocument['shipping_address'])?.country
  if (stamps.shipping_address === stamp && country !== undefined) order.country = country
  else if (stamps.shipping_address === stamp) delete order.country
  takeCreatedAt(order, row)
  const held = stamps.order
  if (held !== undefined && held >= stamp) return
  stamps.order = stamp
  for (const field of PRICED) {
    const target = order as unknown as { [field: string]: unknown }
    if (row[field] === undefined || row[field] === null) delete target[field]
    else target[field] = row[field]
  }
  order.items ??= [] as OrderLine[]
  order.currency ??= currency
}

/** The earliest moment that the best source names. */
function takeCreatedAt({ merge }: OrderDocument, row: Row): void {
  const [rank, at] = [rankOf(row), row.occurred_at as string]
  const held = merge.created
  if (!held || rank > held.rank || (rank === held.rank && at < held.at))
    merge.created = { rank, at }
}

function takeMoney(
  facts: { [key: string]: MoneyFact },
  idField: 'payment_id' | 'refund_id',
  row: Row,
  stamp: Stamp,
  currency: string,
): void {
  // A browser's word never moves money.
  if (rankOfStamp(stamp) === 0) return
  const id = textOf(row, idField)
  const key = id === undefined ? `event:${row.event_id}` : `id:${id}`
  const held = facts[key]
  if (held && held.stamp >= stamp) return
  const shopValue = textOf(row, 'shop_value')
  const method = textOf(row, 'payment_method')
  const units = unitsOf(row)
  facts[key] = {
    stamp,
    amount: row.amount as string,
    currency: textOf(row, 'currency') ?? currency,
    named: id !== undefined,
    ...(shopValue !== undefined && { shop_value: shopValue }),
    ...(method !== undefined && { method }),
    ...(units && { units }),
  }
  bound(facts, (fact) => fact.stamp)
}

function unitsOf(row: Row): { [product_id: string]: number } | undefined {
  const items = row.items as readonly OrderLine[] | undefined
  if (!items?.length) return undefined
  const units = new Map<string, number>()
  for (const item of items) {
    units.set(item.product_id, (units.get(item.product_id) ?? 0) + item.quantity)
  }
  return Object.fromEntries(units)
}

function takeShipped(order: OrderDocument, row: Row, stamp: Stamp): void {
  const fact = shipmentOf(order, row)
  if (fact.shipped && fact.shipped.stamp >= stamp) return
  const carrier = textOf(row, 'carrier')
  const tracking = textOf(row, 'tracking_number')
  fact.shipped = {
    stamp,
    ...(carrier !== undefined && { carrier }),
    ...(tracking !== undefined && { tracking_number: tracking }),
  }
  bound(order.merge.shipments, newestOf)
}

function takeDelivered(order: OrderDocument, row: Row, stamp: Stamp): void {
  const fact = shipmentOf(order, row)
  if (fact.delivered !== undefined && fact.delivered >= stamp) return
  fact.delivered = stamp
  bound(order.merge.shipments, newestOf)
}

function takeCancelled({ merge }: OrderDocument, row: Row, stamp: Stamp): void {
  if (merge.cancelled && merge.cancelled.stamp >= stamp) return
  const reason = textOf(row, 'reason')
  merge.cancelled = { stamp, ...(reason !== undefined && { reason }) }
}

/** The parcel's facts; '' stands for the order's one unnamed parcel, any other id has a mark before it. */
function shipmentOf({ merge }: OrderDocument, row: Row): ShipmentFact {
  const id = textOf(row, 'shipment_id')
  const key = id === undefined ? '' : `id:${id}`
  merge.shipments[key] ??= {}
  return merge.shipments[key]
}

function newestOf(fact: ShipmentFact): Stamp {
  const shipped = fact.shipped?.stamp ?? ''
  return (fact.delivered ?? '') > shipped ? fact.delivered! : shipped
}

/** Drops the facts with the least stamps: keeping the greatest gives the same facts in whatever order they came. */
function bound<F>(facts: { [key: string]: F }, stampOfFact: (fact: F) => Stamp): void {
  const keys = Object.keys(facts)
  if (keys.length <= FACTS_LIMIT) return
  const least = keys.reduce((a, b) => (stampOfFact(facts[b]!) < stampOfFact(facts[a]!) ? b : a))
  delete facts[least]
}

function addToTimeline(timeline: TimelineEntry[], type: EventType, row: Row): void {
  const entry: TimelineEntry = {
    event_type: type,
    event_id: row.event_id as string,
    occurred_at: row.occurred_at as string,
    source: row.source as string,
  }
  const held = timeline.findIndex((other) => other.event_id === entry.event_id)
  if (held !== -1) {
    if (timeline[held]!.occurred_at >= entry.occurred_at) return
    timeline.splice(held, 1)
  }
  let at = timeline.length
  while (at > 0 && isLater(timeline[at - 1]!, entry)) at--
  timeline.splice(at, 0, entry)
  if (timeline.length > TIMELINE_LIMIT) timeline.shift()
}

function isLater(a: TimelineEntry, b: TimelineEntry): boolean {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at > b.occurred_at
  return a.event_id > b.event_id
}
