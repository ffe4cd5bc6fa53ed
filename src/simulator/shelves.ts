import { DAY_MS } from './calendar.ts'
import { toCents } from './order.ts'
import { amount, later, send, type World } from './world.ts'

/** Announces every product, then changes a price now and then. */
export function startCatalogue(world: World): void {
  for (const product of world.catalogue.products) {
    send(
      world,
      'server',
      'product_created',
      {},
      {
        product_id: product.product_id,
        name: product.name,
        category: product.category,
        brand: product.brand,
        price: amount(product.price),
        cost: amount(product.cost),
        currency: world.currency,
      },
    )
  }
  later(world, pause(world), () => reprice(world))
}

function reprice(world: World): void {
  const { random, catalogue } = world
  const product = random.pick(catalogue.products)
  const floor = product.cost * 1.08
  product.price = toCents(Math.max(floor, product.price * random.pick([0.9, 0.95, 1.05, 1.1])))
  send(
    world,
    'server',
    'product_updated',
    {},
    {
      product_id: product.product_id,
      price: amount(product.price),
      currency: world.currency,
    },
  )
  later(world, pause(world), () => reprice(world))
}

function pause(world: World): number {
  return world.random.exponential(0.8 * DAY_MS)
}
