import { isErased } from '../schema/erased.ts'
import { formatMoney } from '../schema/money.ts'
import type {
  MoneyFact,
  OrderDocument,
  OrderStatus,
  Shipment,
  ShipmentFact,
  Stamp,
} from './documents.ts'
import { amountOf } from './project-amount.ts'
import { rankOfStamp, timeOfStamp } from './project-context.ts'

/**
 * Computes what the document shows from the facts it keeps, in place: amounts, moments, parcels, status. A function of
 * the facts alone, so that the order of arrival cannot show.
 */
export function presentOrder(order: OrderDocument): void {
  const { merge } = order
  if (order.customer_id !== undefined && isErased(order.customer_id)) dropPerson(order)
  if (merge.created) order.created_at = merge.created.at
  const payments = counted(merge.payments)
  const refunds = counted(merge.refunds)
  if (merge.stamps.order === undefined) order.currency = currencyOf(payments, refunds, order)
  order.paid_amount = sum(payments, order.currency)
  order.refunded_amount = sum(refunds, order.currency)
  order.refunded_value = formatMoney(
    refunds.reduce((total, fact) => total + amountOf(fact.shop_value), 0n),
  )
  setTime(order, 'paid_at', latest(payments))
  setTime(order, 'refunded_at', latest(refunds))
  presentParcels(order)
  presentCancel(order)
  order.status = statusOf(order)
}

/** Events that name nobody, such as a parcel's, may still tell of the erased person whose order it is. */
function dropPerson(order: OrderDocument): void {
  delete order.anonymous_id
  delete order.session_id
  delete order.email_hash
  delete order.phone_hash
  if (order.shipping_address) {
    const { name, street, postal_code, ...place } = order.shipping_address
    order.shipping_address = place
  }
  for (const { shipped } of Object.values(order.merge.shipments)) delete shipped?.tracking_number
}

/** Refund facts that count, for the units that came back. */
export function countedRefunds(order: OrderDocument): MoneyFact[] {
  return counted(order.merge.refunds)
}

/** One without a number of its own counts only when no better source reports any: it may be the same money again. */
function counted(facts: { [key: string]: MoneyFact }): MoneyFact[] {
  const all = Object.values(facts)
  const best = all.reduce((rank, fact) => Math.max(rank, rankOfStamp(fact.stamp)), 0)
  return all.filter((fact) => fact.named || rankOfStamp(fact.stamp) === best)
}

/** Until an order_created tells, the currency of the newest money; failing that, what stands there. */
function currencyOf(payments: MoneyFact[], refunds: MoneyFact[], order: OrderDocument): string {
  let newest: MoneyFact | undefined
  for (const fact of [...payments, ...refunds]) {
    if (!newest || fact.stamp > newest.stamp) newest = fact
  }
  return newest?.currency ?? order.currency
}

function sum(facts: MoneyFact[], currency: string): string {
  let total = 0n
  for (const fact of facts) if (fact.currency === currency) total += amountOf(fact.amount)
  return formatMoney(total)
}

function latest(facts: MoneyFact[]): string | undefined {
  let at: string | undefined
  for (const fact of facts) {
    const time = timeOfStamp(fact.stamp)
    if (at === undefined || time > at) at = time
  }
  return at
}

type TimeField = 'paid_at' | 'refunded_at' | 'shipped_at' | 'delivered_at' | 'cancelled_at'

function setTime(order: OrderDocument, field: TimeField, at: string | undefined): void {
  if (at === undefined) delete order[field]
  else order[field] = at
}

/** Once a better source knows the order, a browser's word on its lifecycle no longer counts. */
function counts(stamp: Stamp | undefined, order: OrderDocument): boolean {
  return stamp !== undefined && (rankOfStamp(stamp) > 0 || order.merge.rank === 0)
}

function presentParcels(order: OrderDocument): void {
  const parcels: Shipment[] = []
  for (const [key, fact] of Object.entries(order.merge.shipments)) {
    const parcel = parcelOf(key, fact, order)
    if (parcel) parcels.push(parcel)
  }
  order.shipments = parcels.sort(byTime)
  setTime(order, 'shipped_at', greatest(order.shipments.map((parcel) => parcel.shipped_at)))
  setTime(order, 'delivered_at', greatest(order.shipments.map((parcel) => parcel.delivered_at)))
}

function parcelOf(key: string, fact: ShipmentFact, order: OrderDocument): Shipment | undefined {
  const shipped = counts(fact.shipped?.stamp, order) ? fact.shipped : undefined
  const delivered = counts(fact.delivered, order) ? fact.delivered : undefined
  if (!shipped && delivered === undefined) return undefined
  return {
    shipment_id: key === '' ? null : key.slice(3),
    ...(shipped && { shipped_at: timeOfStamp(shipped.stamp) }),
    ...(delivered !== undefined && { delivered_at: timeOfStamp(delivered) }),
    ...(shipped?.carrier !== undefined && { carrier: shipped.carrier }),
    ...(shipped?.tracking_number !== undefined && { tracking_number: shipped.tracking_number }),
  }
}

function byTime(a: Shipment, b: Shipment): number {
  const left = `${a.shipped_at ?? a.delivered_at} ${a.shipment_id ?? ''}`
  const right = `${b.shipped_at ?? b.delivered_at} ${b.shipment_id ?? ''}`
  if (left === right) return 0
  return left < right ? -1 : 1
}

function greatest(times: (string | undefined)[]): string | undefined {
  let found: string | undefined
  for (const time of times) {
    if (time !== undefined && (found === undefined || time > found)) found = time
  }
  return found
}

function presentCancel(order: OrderDocument): void {
  const { cancelled } = order.merge
  const valid = cancelled && counts(cancelled.stamp, order)
  setTime(order, 'cancelled_at', valid ? timeOfStamp(cancelled.stamp) : undefined)
  if (valid && cancelled.reason !== undefined) order.cancel_reason = cancelled.reason
  else delete order.cancel_reason
}

function statusOf(order: OrderDocument): OrderStatus {
  if (order.cancelled_at !== undefined) return 'cancelled'
  const paid = amountOf(order.paid_amount)
  const refunded = amountOf(order.refunded_amount)
  if (refunded > 0n) return isWhole(refunded, paid, order) ? 'refunded' : 'partially_refunded'
  if (isDelivered(order.shipments)) return 'delivered'
  if (order.shipments.length > 0) return 'shipped'
  if (order.paid_at === undefined) return 'created'
  return order.total_amount === undefined || paid >= amountOf(order.total_amount)
    ? 'paid'
    : 'created'
}

/** Whether all the money went back: all that was paid, else all that was to be paid. */
function isWhole(refunded: bigint, paid: bigint, order: OrderDocument): boolean {
  if (paid > 0n) return refunded >= paid
  return order.total_amount !== undefined && refunded >= amountOf(order.total_amount)
}

/** A delivery that names no parcel is the whole order's. */
function isDelivered(parcels: readonly Shipment[]): boolean {
  if (parcels.some((parcel) => parcel.shipment_id === null && parcel.delivered_at !== undefined)) {
    return true
  }
  return parcels.length > 0 && parcels.every((parcel) => parcel.delivered_at !== undefined)
}
