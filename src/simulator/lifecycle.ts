import { DAY_MS, HOUR_MS } from './calendar.ts'
import { type Line, type Order, toCents } from './order.ts'
import { moveStock } from './stock.ts'
import { addTo } from './truth.ts'
import { amount, later, nextId, type Sender, send, today, type World } from './world.ts'

const UNPAID_CHANCE = 0.035
const REVIEW_CHANCE = 0.16
const REFUND_CHANCE = 0.055
const CARRIERS = ['dhl', 'ups', 'fedex', 'local_post']

/** Sees an order through: paid or cancelled, shipped, delivered, and perhaps reviewed or sent back. */
export function follow(world: World, order: Order): void {
  const { random } = world
  if (random.chance(UNPAID_CHANCE)) {
    later(world, random.between(1, 3) * DAY_MS, () => cancel(world, order))
    return
  }
  const pause =
    order.payment_method === 'bank_transfer'
      ? random.logNormal(1.2, 0.5) * DAY_MS
      : random.logNormal(20_000, 0.8)
  later(world, pause, () => pay(world, order))
}

function cancel(world: World, order: Order): void {
  const reason = world.random.pick(['payment_failed', 'payment_failed', 'customer_request'])
  send(world, 'server', 'order_cancelled', senderOf(order), { order_id: order.order_id, reason })
  today(world).sales_reversals += order.gross - order.discounts
  for (const { index, quantity, price, discount } of order.lines) {
    const product = world.truth.product(world.catalogue.products[index]!.product_id)
    product.cancelled_orders++
    product.cancelled_units += quantity
    product.cancelled_sales += price * quantity
    product.cancelled_discounts += discount
  }
  moveOn(world, 'created', 'cancelled')
  putBack(world, order, order.lines, 'cancelled')
}

function pay(world: World, order: Order): void {
  send(world, 'server', 'order_paid', senderOf(order), {
    order_id: order.order_id,
    amount: amount(order.total),
    currency: world.currency,
    payment_id: nextId(world, 'pay'),
    payment_method: order.payment_method,
  })
  moveOn(world, 'created', 'paid')
  later(world, world.random.logNormal(18, 0.6) * HOUR_MS, () => ship(world, order))
}

function ship(world: World, order: Order): void {
  const { random } = world
  const shipment_id = nextId(world, 'ship')
  send(world, 'server', 'order_shipped', senderOf(order), {
    order_id: order.order_id,
    shipment_id,
    carrier: random.pick(CARRIERS),
    tracking_number: `TR${random.integer(100_000_000, 999_999_999)}`,
  })
  moveOn(world, 'paid', 'shipped')
  later(world, random.logNormal(2.6, 0.4) * DAY_MS, () => deliver(world, order, shipment_id))
}

function deliver(world: World, order: Order, shipment_id: string): void {
  const { random } = world
  const { order_id } = order
  send(world, 'server', 'order_delivered', senderOf(order), { order_id, shipment_id })
  moveOn(world, 'shipped', 'delivered')
  if (order.customer && random.chance(REVIEW_CHANCE)) {
    later(world, random.logNormal(5, 0.6) * DAY_MS, () => review(world, order))
  }
  const worst = Math.min(
    ...order.lines.map((line) => world.catalogue.products[line.index]!.quality),
  )
  if (random.chance(REFUND_CHANCE * (5.6 - worst))) {
    later(world, random.logNormal(8, 0.5) * DAY_MS, () => refund(world, order))
  }
}

/** Gives back what was paid for one line, or for all of them. */
function refund(world: World, order: Order): void {
  const { random, catalogue } = world
  const returned = random.chance(0.5) ? order.lines : [random.pick(order.lines)]
  const value = refundOf(order, returned)
  send(world, 'server', 'order_refunded', senderOf(order), {
    order_id: order.order_id,
    amount: amount(value),
    currency: world.currency,
    refund_id: nextId(world, 'ref'),
    reason: random.pick(['did_not_fit', 'not_as_described', 'changed_mind', 'damaged']),
    items: returned.map((line) => ({
      product_id: catalogue.products[line.index]!.product_id,
      quantity: line.quantity,
      price: amount(line.price),
      ...(line.discount > 0 ? { discount: amount(line.discount) } : {}),
    })),
  })
  today(world).sales_reversals += value
  for (const { index, quantity } of returned) {
    world.truth.product(catalogue.products[index]!.product_id).units_returned += quantity
  }
  moveOn(world, 'delivered', 'refunded')
  putBack(world, order, returned, 'return')
}

/** What the customer paid for these lines, with their share of the coupon. All lines together give the whole exactly. */
function refundOf(order: Order, lines: readonly Line[]): number {
  if (lines.length === order.lines.length) return order.gross - order.discounts
  const value = lines.reduce((sum, line) => sum + line.price * line.quantity - line.discount, 0)
  const whole = order.gross - order.discounts + order.coupon_discount
  return value - toCents((order.coupon_discount * value) / whole)
}

function putBack(
  world: World,
  order: Order,
  lines: readonly Line[],
  reason: 'return' | 'cancelled',
): void {
  for (const { index, quantity } of lines) {
    moveStock(world, index, quantity, reason, order.order_id)
  }
}

const PRAISE = [
  'Exactly what I hoped for.',
  'Great quality for the price.',
  'Bought it twice already!',
  'Arrived quickly, works perfectly. 👍',
]
const COMPLAINTS = [
  'Smaller than it looks in the pictures.',
  'Broke after a week.',
  'Not worth the price.',
  'The colour is off.',
]

function review(world: World, order: Order): void {
  const { random, catalogue, truth } = world
  const { product_id, quality } = catalogue.products[random.pick(order.lines).index]!
  const spread = (random.next() + random.next() + random.next() - 1.5) * 2
  const rating = Math.min(5, Math.max(1, Math.round(quality + 0.3 + spread)))
  send(world, 'server', 'review_submitted', senderOf(order), {
    review_id: nextId(world, 'rev'),
    product_id,
    rating,
    verified_purchase: true,
    ...(random.chance(0.8) ? { review_text: random.pick(rating >= 4 ? PRAISE : COMPLAINTS) } : {}),
  })
  const product = truth.product(product_id)
  product.reviews++
  product.rating_sum += rating
  const day = today(world)
  day.reviews++
  day.rating_sum += rating
}

function senderOf(order: Order): Sender {
  return { customer_id: order.customer?.customer_id }
}

function moveOn(world: World, from: string, to: string): void {
  addTo(world.truth.orders_by_status, from, -1)
  addTo(world.truth.orders_by_status, to, 1)
}
