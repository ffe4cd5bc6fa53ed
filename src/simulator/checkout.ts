import { placeOrder } from './orders.ts'
import { type Customer, register } from './people.ts'
import { reach, report, senderOf, type Visit } from './visit.ts'
import { amount, later, type World } from './world.ts'

const GUEST_CHANCE = 0.08

/** Exactly one of them is called: after the order, or when the visitor leaves without one. */
export interface CheckoutEnd {
  onOrdered(visit: Visit): void
  onLeft(): void
}

/** The visitor begins to check out what is in the cart, which is not empty. */
export function beginCheckout(world: World, visit: Visit, end: CheckoutEnd): void {
  const { random, catalogue } = world
  const { cart_id, lines } = visit.cart!
  let total = 0
  for (const [index, quantity] of lines) total += catalogue.products[index]!.price * quantity
  report(world, visit, 'checkout_started', '/checkout', {
    cart_id,
    items: [...lines].map(([index, quantity]) => ({
      product_id: catalogue.products[index]!.product_id,
      quantity,
      price: amount(catalogue.products[index]!.price),
    })),
    total_amount: amount(total),
    currency: world.currency,
  })
  reach(world, visit, 'checkout_started')
  if (random.chance(Math.min(0.92, 0.62 * Math.sqrt(visit.intent)))) {
    later(world, random.logNormal(45_000, 0.6), () => identify(world, visit, end))
  } else end.onLeft()
}

/** Logs in, opens an account, or goes on as a guest; then pays. */
function identify(world: World, visit: Visit, end: CheckoutEnd): void {
  const { random } = world
  const { visitor } = visit
  const isGuest = visitor.customer === undefined && random.chance(GUEST_CHANCE)
  if (!isGuest && !visit.loggedIn) logIn(world, visit)
  const customer = isGuest ? undefined : visitor.customer
  later(world, random.logNormal(40_000, 0.5), () => buy(world, visit, customer, end))
}

/** Tells once for each browser whose it is: a second time would be the same event. */
function logIn(world: World, visit: Visit): void {
  const { visitor } = visit
  visitor.customer ??= register(world)
  visit.loggedIn = true
  if (visitor.identified) return
  visitor.identified = true
  const { customer_id, email } = visitor.customer
  const fields = { anonymous_id: visitor.anonymous_id, customer_id, email }
  report(world, visit, 'customer_identified', '/account', fields)
}

function buy(world: World, visit: Visit, customer: Customer | undefined, end: CheckoutEnd): void {
  if (!placeOrder(world, visit.cart!.lines, customer, senderOf(visit))) {
    end.onLeft()
    return
  }
  visit.cart = undefined
  reach(world, visit, 'order_created')
  if (visit.orders++ === 0) visit.day.converted_sessions++
  end.onOrdered(visit)
  later(world, world.random.between(300, 1500), () => {
    report(world, visit, 'page_view', '/thank-you', { title: 'Thank you' })
  })
}
