import { expect, test } from 'vitest'
import { openWholeHome, removeHome } from '../home-fixture.ts'

const DAY = '2011-03-01'
const NEXT_WEEK = Date.parse('2026-03-09T10:00:00Z')

/** What an import of one day's file sends: orders, a refund, and a stock movement for each line. */
function importOfOneDay(): object[] {
  const orders = Array.from({ length: 30 }, (_, index) => ({
    event_type: 'order_created',
    event_id: `online-retail:abc:${index}`,
    timestamp: `${DAY}T10:00:00Z`,
    order_id: `53${index}`,
    customer_id: `c${index % 7}`,
    items: [{ product_id: `p${index % 5}`, quantity: 2, price: '1.255' }],
    total_amount: '2.51',
  }))
  const moves = orders.map((order, index) => ({
    event_type: 'inventory_updated',
    event_id: `${order.event_id}:stock`,
    timestamp: `${DAY}T10:00:00Z`,
    product_id: `p${index % 5}`,
    delta: -2,
    reason: 'sale',
  }))
  const refund = {
    event_type: 'order_refunded',
    event_id: 'online-retail:abc:99',
    timestamp: `${DAY}T12:00:00Z`,
    order_id: '530',
    refund_id: 'C530',
    amount: '2.51',
  }
  return [...orders, ...moves, refund]
}

test('the same import a week later adds nothing, though the door has forgotten it', async () => {
  let home = await openWholeHome()
  const state = () => ({
    orders: home.store.list('orders', { limit: 1000 }),
    customers: home.store.list('customers', { limit: 1000 }),
    products: home.store.list('products', { limit: 1000 }),
    stock: home.store.list('stock', { limit: 1000 }),
  })
  const rows = () =>
    home.query(
      'select (select count(*) from order_created), (select sum(total_amount) from order_created), (select sum(delta) from inventory_updated), (select count(*) from order_refunded)',
    )
  try {
    await home.send(importOfOneDay())
    await home.settle()
    const before = { state: state(), rows: await rows() }

    await home.close()
    home = await openWholeHome({ directory: home.directory, startedAt: NEXT_WEEK })
    const again = await home.send(importOfOneDay())
    expect(again).toMatchObject({ accepted: 61, duplicates: 0 })
    await home.settle()
    expect({ state: state(), rows: await rows() }).toEqual(before)
    const { balanced, totals } = await home.ledger()
    expect({ balanced, late: totals.duplicate_late, in_lake: totals.in_lake }).toEqual({
      balanced: true,
      late: 61,
      in_lake: 61,
    })
  } finally {
    await removeHome(home)
  }
})
