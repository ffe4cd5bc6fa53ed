import { formatMoney } from '../schema/money.ts'
import type { CustomerDocument } from './documents.ts'
import type { Row } from './erase.ts'
import type { OrderEffect } from './order-effect.ts'
import { amountOf, divide, plus } from './project-amount.ts'
import { momentOf, type ProjectContext, stampOf, takeFields, textOf } from './project-context.ts'

export const BROWSERS_LIMIT = 50
const PROFILE = [
  'name',
  'email_hash',
  'phone_hash',
  'country',
  'city',
  'segment',
  'marketing_consent',
] as const

function newCustomer(customer_id: string): CustomerDocument {
  return {
    customer_id,
    first_seen_at: '',
    last_seen_at: '',
    orders: 0,
    cancelled_orders: 0,
    order_value: '0',
    refunded_value: '0',
    spend: '0',
    average_order_value: null,
    anonymous_ids: [],
    merge: { stamps: {}, browsers: [] },
  }
}

/** Any event that names a customer: when they were seen. May be taken twice; a customer who is new is in the next commit. */
export function seeCustomer(customer_id: string, at: string, { workspace }: ProjectContext): void {
  const customer = workspace.editLater('customers', customer_id, newCustomer)
  if (customer.first_seen_at === '') workspace.edit('customers', customer_id, newCustomer)
  if (customer.first_seen_at === '' || at < customer.first_seen_at) customer.first_seen_at = at
  if (at > customer.last_seen_at) customer.last_seen_at = at
}

/** order_created that names a customer: when they first and last ordered. */
export function seeOrdering(customer_id: string, at: string, context: ProjectContext): void {
  const customer = context.workspace.edit('customers', customer_id, newCustomer)
  if (customer.first_order_at === undefined || at < customer.first_order_at) {
    customer.first_order_at = at
  }
  if (customer.last_order_at === undefined || at > customer.last_order_at) {
    customer.last_order_at = at
  }
}

/** customer_updated: absent fields stay, of two values the later event's stands. */
export function updateProfile(row: Row, context: ProjectContext): void {
  const customer = context.workspace.edit('customers', row.customer_id as string, newCustomer)
  takeFields(customer, customer.merge.stamps, row, PROFILE, stampOf(row))
}

/** customer_identified: browser and customer know each other; the later event decides whose the browser is. */
export function identify(row: Row, context: ProjectContext): void {
  const { workspace } = context
  const anonymous_id = textOf(row, 'anonymous_id')
  const customer_id = textOf(row, 'customer_id')
  // An erased person's rows name no browser any more.
  if (anonymous_id === undefined || customer_id === undefined) return
  const customer = workspace.edit('customers', customer_id, newCustomer)
  takeFields(customer, customer.merge.stamps, row, ['email_hash'], stampOf(row))
  const stamp = momentOf(row)
  addBrowser(customer, anonymous_id, stamp)
  const held = workspace.get('identities', anonymous_id)
  if (held && held.merge.stamp >= stamp) return
  workspace.put('identities', anonymous_id, {
    anonymous_id,
    customer_id,
    identified_at: row.occurred_at as string,
    merge: { stamp },
  })
}

function addBrowser(customer: CustomerDocument, anonymous_id: string, stamp: string): void {
  const { browsers } = customer.merge
  const held = browsers.find((browser) => browser.anonymous_id === anonymous_id)
  if (held) {
    if (held.stamp >= stamp) return
    held.stamp = stamp
  } else browsers.push({ anonymous_id, stamp })
  browsers.sort((a, b) => (a.stamp < b.stamp ? 1 : -1))
  browsers.length = Math.min(browsers.length, BROWSERS_LIMIT)
  customer.anonymous_ids = browsers.map((browser) => browser.anonymous_id)
}

/** Adds what an order gives to its customer, or takes it back (`sign` -1). */
export function addCustomerOrder(effect: OrderEffect, sign: 1 | -1, context: ProjectContext): void {
  if (effect.customer_id === undefined) return
  const customer = context.workspace.edit('customers', effect.customer_id, newCustomer)
  if (effect.cancelled) {
    customer.cancelled_orders += sign
    return
  }
  customer.orders += sign
  customer.order_value = plus(customer.order_value, BigInt(sign) * amountOf(effect.shop_value))
  customer.refunded_value = plus(
    customer.refunded_value,
    BigInt(sign) * amountOf(effect.refunded_value),
  )
  presentSpend(customer)
}

/** Computes what follows from a customer's sums, in place. */
export function presentSpend(customer: CustomerDocument): void {
  const value = amountOf(customer.order_value)
  customer.spend = formatMoney(value - amountOf(customer.refunded_value))
  customer.average_order_value =
    customer.orders > 0 ? formatMoney(divide(value, BigInt(customer.orders))) : null
}
