import type { OrderLine } from './documents.ts'
import type { OrderEffect } from './order-effect.ts'
import { amountOf, convert } from './project-amount.ts'
import type { Horizon, ProjectContext } from './project-context.ts'
import { addCustomerOrder } from './project-customer.ts'
import { addLiveOrder } from './project-live.ts'
import { addProductOrder, type ProductShare } from './project-product.ts'
import { addSessionOrder } from './project-session.ts'

/** Moves what the order gives to customers, products, sessions, live minutes and the index from `before` to `after`. */
export function moveOrder(
  before: OrderEffect,
  after: OrderEffect,
  oldest: Horizon,
  context: ProjectContext,
): void {
  moveIndex(before, after, context)
  if (isSameForCustomer(before, after)) {
    moveReturns(before, after, context)
    return
  }
  for (const [effect, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    if (!effect.placed) continue
    addCustomerOrder(effect, sign, context)
    addLiveOrder(effect, sign, oldest.live, context)
  }
  moveSession(before, after, oldest.sessions, context)
  moveProducts(before, after, context)
}

function isSameForCustomer(a: OrderEffect, b: OrderEffect): boolean {
  return (
    a.placed === b.placed &&
    a.cancelled === b.cancelled &&
    a.created_at === b.created_at &&
    a.customer_id === b.customer_id &&
    a.session_id === b.session_id &&
    a.shop_value === b.shop_value &&
    a.refunded_value === b.refunded_value &&
    a.items === b.items
  )
}

function moveReturns(before: OrderEffect, after: OrderEffect, context: ProjectContext): void {
  if (before.returned.size === 0 && after.returned.size === 0) return
  moveProducts(before, after, context)
}

function moveIndex(before: OrderEffect, after: OrderEffect, { workspace }: ProjectContext): void {
  const [old, now] = [indexKeys(before), indexKeys(after)]
  for (const key of old) if (!now.includes(key)) workspace.remove('order_index', key)
  for (const key of now) {
    if (!old.includes(key)) workspace.put('order_index', key, { order_id: after.order_id })
  }
}

/** Keys of table `order_index`: by time, and by customer and time. */
export function indexKeys(
  order: Pick<OrderEffect, 'order_id' | 'placed' | 'created_at' | 'customer_id'>,
): string[] {
  if (!order.placed) return []
  const byTime = `time/${order.created_at}/${order.order_id}`
  if (order.customer_id === undefined) return [byTime]
  return [byTime, `customer/${order.customer_id}/${order.created_at}/${order.order_id}`]
}

function moveSession(
  before: OrderEffect,
  after: OrderEffect,
  oldest: string,
  context: ProjectContext,
): void {
  const same =
    before.placed === after.placed &&
    before.session_id === after.session_id &&
    before.items === after.items
  if (same) return
  if (before.placed) addSessionOrder(before, -1, oldest, context)
  if (after.placed) addSessionOrder(after, 1, oldest, context)
}

function moveProducts(before: OrderEffect, after: OrderEffect, context: ProjectContext): void {
  const shares = new Map<string, ProductShare>()
  addShares(shares, before, -1)
  addShares(shares, after, 1)
  for (const [product_id, share] of shares) addProductOrder(product_id, share, context)
}

function addShares(shares: Map<string, ProductShare>, effect: OrderEffect, sign: 1 | -1): void {
  if (!effect.placed) return
  const seen = new Set<string>()
  for (const line of effect.cancelled ? [] : effect.items) {
    const share = shareOf(shares, line.product_id)
    if (!seen.has(line.product_id)) share.orders += sign
    seen.add(line.product_id)
    share.units += sign * line.quantity
    share.revenue += BigInt(sign) * lineValue(line, effect)
  }
  for (const [product_id, units] of effect.returned) {
    shareOf(shares, product_id).returned += sign * units
  }
}

function shareOf(shares: Map<string, ProductShare>, product_id: string): ProductShare {
  let share = shares.get(product_id)
  if (!share) {
    share = { orders: 0, units: 0, revenue: 0n, returned: 0 }
    shares.set(product_id, share)
  }
  return share
}

/** Price × quantity less the line's discount in the shop's currency; 0 where the order has no rate. */
function lineValue(line: OrderLine, effect: OrderEffect): bigint {
  if (effect.shop_value === undefined) return 0n
  const total = amountOf(line.price) * BigInt(line.quantity) - amountOf(line.discount)
  return effect.fx_rate === undefined ? total : convert(total, effect.fx_rate)
}
