import { DAY_MS, HOUR_MS } from './calendar.ts'
import { later, send, type World } from './world.ts'

const UNITS_PER_SESSION = 0.05
const TARGET_DAYS = 30
const REORDER_DAYS = 7
const COUNTED_AT_ONCE = 10
const LOCATION = 'main'

/** Fills the shelves and says so, then counts some of them every week. */
export function openStock(world: World): void {
  world.catalogue.products.forEach((_, index) => {
    world.stock[index] = targetOf(world, index)
    sendLevel(world, index, 'opening')
  })
  later(world, 7 * DAY_MS, () => countSome(world))
}

/** Moves pieces from or to the shelf, and orders more when few are left. */
export function moveStock(
  world: World,
  index: number,
  delta: number,
  reason: 'sale' | 'return' | 'cancelled' | 'restock',
  order_id?: string,
): void {
  const before = world.stock[index]!
  const reorderAt = reorderLevelOf(world, index)
  world.stock[index] = before + delta
  const product_id = book(world, index)
  send(
    world,
    'server',
    'inventory_updated',
    {},
    {
      product_id,
      delta,
      location: LOCATION,
      reason,
      low_stock_at: reorderAt,
      ...(order_id === undefined ? {} : { order_id }),
    },
  )
  if (delta < 0 && before >= reorderAt && before + delta < reorderAt) reorder(world, index)
}

function reorder(world: World, index: number): void {
  const { random } = world
  const days = random.chance(0.12) ? random.between(9, 20) : random.logNormal(3, 0.4)
  later(world, days * DAY_MS, () => {
    const delta = targetOf(world, index) - world.stock[index]!
    if (delta > 0) moveStock(world, index, delta, 'restock')
  })
}

function countSome(world: World): void {
  const { random, catalogue } = world
  for (let counted = 0; counted < COUNTED_AT_ONCE; counted++) {
    sendLevel(world, random.integer(0, catalogue.products.length - 1), 'count')
  }
  later(world, 7 * DAY_MS + random.between(-2, 2) * HOUR_MS, () => countSome(world))
}

function sendLevel(world: World, index: number, reason: 'opening' | 'count'): void {
  const product_id = book(world, index)
  send(
    world,
    'server',
    'inventory_updated',
    {},
    {
      product_id,
      level: world.stock[index]!,
      location: LOCATION,
      reason,
      low_stock_at: reorderLevelOf(world, index),
    },
  )
}

/** Writes what is on hand into the books. Returns the product's id. */
function book(world: World, index: number): string {
  const { product_id } = world.catalogue.products[index]!
  world.truth.product(product_id).on_hand = world.stock[index]!
  return product_id
}

function targetOf(world: World, index: number): number {
  return Math.ceil(dailyUnits(world, index) * TARGET_DAYS) + 12
}

function reorderLevelOf(world: World, index: number): number {
  return Math.ceil(dailyUnits(world, index) * REORDER_DAYS) + 3
}

/** What the shop expects to sell a day; it does not foresee seasons. */
function dailyUnits(world: World, index: number): number {
  const { products } = world.catalogue
  const share = 1 / products[index]!.rank / (Math.log(products.length) + 0.577)
  return world.sessions_per_day * UNITS_PER_SESSION * share
}
