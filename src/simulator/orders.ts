import { follow } from './lifecycle.ts'
import { type Line, type Order, toCents } from './order.ts'
import type { Customer } from './people.ts'
import { moveStock } from './stock.ts'
import { addTo } from './truth.ts'
import { FIRST_NAMES, LAST_NAMES, PLACES } from './visitor-data.ts'
import { amount, nextId, type Sender, send, today, type World } from './world.ts'

const FREE_SHIPPING_FROM = 600_000
const SHIPPING = 49_000
const TAX_RATE = 0.08
const SALE_CHANCE = 0.1
const SALE_RATE = 0.15
const COUPON_CHANCE = 0.16
const PAYMENT_METHODS = [
  ...['credit_card', 'credit_card', 'credit_card', 'credit_card', 'paypal', 'paypal'],
  ...['apple_pay', 'bank_transfer'],
]

/**
 * Sells what is in a cart, as far as it is in stock, and sets the order on its way.
 * Returns false where nothing of it was left.
 */
export function placeOrder(
  world: World,
  cart: ReadonlyMap<number, number>,
  customer: Customer | undefined,
  sender: Sender,
): boolean {
  const lines = linesOf(world, cart)
  if (lines.length === 0) return false
  const order = priceOf(world, lines, customer)
  announce(world, order, sender)
  bookOrder(world, order)
  for (const { index, quantity } of lines) {
    moveStock(world, index, -quantity, 'sale', order.order_id)
  }
  follow(world, order)
  return true
}

function linesOf(world: World, cart: ReadonlyMap<number, number>): Line[] {
  const { random, catalogue, stock, truth } = world
  return [...cart].flatMap(([index, wanted]) => {
    const quantity = Math.min(wanted, stock[index]!)
    const { price, product_id } = catalogue.products[index]!
    if (quantity < wanted) truth.product(product_id).lost_sales++
    if (quantity <= 0) return []
    const discount = random.chance(SALE_CHANCE) ? toCents(price * quantity * SALE_RATE) : 0
    return [{ index, quantity, price, discount }]
  })
}

function priceOf(world: World, lines: readonly Line[], customer: Customer | undefined): Order {
  const { random } = world
  const gross = sum(lines, (line) => line.price * line.quantity)
  const lineDiscounts = sum(lines, (line) => line.discount)
  const coupon_discount = random.chance(COUPON_CHANCE) ? toCents((gross - lineDiscounts) * 0.1) : 0
  const discounts = lineDiscounts + coupon_discount
  const value = gross - discounts
  return {
    order_id: nextId(world, 'ord'),
    customer,
    lines,
    gross,
    discounts,
    coupon_discount,
    total: value + shippingOf(value) + toCents(value * TAX_RATE),
    payment_method: random.pick(PAYMENT_METHODS),
  }
}

/** The shop's server tells of the order. It knows the session, which the browser handed over with the form. */
function announce(world: World, order: Order, sender: Sender): void {
  const { random, catalogue } = world
  const value = order.gross - order.discounts
  const customer = order.customer ?? guest(world)
  send(
    world,
    'server',
    'order_created',
    { ...sender, customer_id: order.customer?.customer_id },
    {
      order_id: order.order_id,
      items: order.lines.map((line) => ({
        product_id: catalogue.products[line.index]!.product_id,
        quantity: line.quantity,
        price: amount(line.price),
        ...(line.discount > 0 ? { discount: amount(line.discount) } : {}),
        name: catalogue.products[line.index]!.name,
        category: catalogue.products[line.index]!.category,
      })),
      total_amount: amount(order.total),
      currency: world.currency,
      ...(order.coupon_discount > 0
        ? { discount_amount: amount(order.coupon_discount), coupon: 'HELLO10' }
        : {}),
      shipping_amount: amount(shippingOf(value)),
      tax_amount: amount(toCents(value * TAX_RATE)),
      payment_method: order.payment_method,
      shipping_address: {
        name: customer.name,
        street: `${random.integer(1, 240)} ${random.pick(LAST_NAMES)} Street`,
        postal_code: String(random.integer(10_000, 99_999)),
        city: customer.city,
        country: customer.country,
      },
      email: customer.email,
    },
  )
}

function guest(world: World): Pick<Customer, 'name' | 'email' | 'city' | 'country'> {
  const { random } = world
  const [country, cities] = random.pick(PLACES)
  const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)]
  const email = `${first}.${last}.${nextId(world, 'guest')}@example.com`.toLowerCase()
  return { name: `${first} ${last}`, email, city: random.pick<string>(cities), country }
}

function bookOrder(world: World, order: Order): void {
  const { truth, catalogue } = world
  const value = order.gross - order.discounts
  const day = today(world)
  day.orders++
  day.gross_sales += order.gross
  day.discounts += order.discounts
  day.shipping += shippingOf(value)
  day.taxes += toCents(value * TAX_RATE)
  for (const { index, quantity, price, discount } of order.lines) {
    const product = truth.product(catalogue.products[index]!.product_id)
    day.units += quantity
    product.orders++
    product.units += quantity
    product.gross_sales += price * quantity
    product.discounts += discount
  }
  addTo(truth.orders_by_status, 'created', 1)
  if (order.customer) countCustomer(world, order.customer, order.gross)
}

function countCustomer(world: World, customer: Customer, gross: number): void {
  const month = world.calendar.dateOf(world.now).slice(0, 7)
  customer.first_month ??= month
  world.truth.cohorts.add(customer.first_month, month, gross, customer.last_month !== month)
  customer.last_month = month
  customer.orders++
  if (customer.orders === 1) world.truth.counts.customers++
  if (customer.orders === 2) world.truth.counts.repeat_customers++
}

function shippingOf(value: number): number {
  return value >= FREE_SHIPPING_FROM ? 0 : SHIPPING
}

function sum<T>(list: readonly T[], value: (entry: T) => number): number {
  return list.reduce((total, entry) => total + value(entry), 0)
}
