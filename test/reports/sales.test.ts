import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Event, openTestLake, type TestLake } from './lake.ts'

const A = { product_id: 'A', price: '10.0000', name: 'Lamp', category: 'Light' }
const B = { product_id: 'B', price: '5.5000' }

function order(order_id: string, occurred_at: string, fields: object): Event {
  return { event_type: 'order_created', order_id, occurred_at, fx_rate: 1, ...fields }
}

/** Orders, refunds and a cancellation in January 2025; the figures below are worked out by hand. */
const EVENTS: Event[] = [
  order('o1', '2025-01-10T09:00:00Z', {
    customer_id: 'c1',
    items: [
      { ...A, quantity: 2, discount: '1' },
      { ...B, quantity: 1 },
    ],
    total_amount: '30',
    discount_amount: '0.5',
    shipping_amount: '5',
    tax_amount: '1',
    shipping_address: { country: 'DE', city: 'Berlin' },
  }),
  // The browser saw another price, later: the server's word stands.
  order('o1', '2025-01-10T09:00:05Z', {
    source_kind: 'browser',
    items: [{ ...A, quantity: 9 }],
    total_amount: '90',
  }),
  order('o2', '2025-01-20T23:30:00Z', {
    customer_id: 'c1',
    items: [{ ...A, quantity: 1 }],
    total_amount: '10',
    shipping_address: { country: 'DE' },
  }),
  // 2 × 5 EUR at 1.1; the product's name and category come from the catalogue as it was.
  order('o3', '2025-01-20T12:00:00Z', {
    customer_id: 'c2',
    currency: 'EUR',
    fx_rate: 1.1,
    shop_value: '11',
    items: [{ product_id: 'B', price: '5', quantity: 2 }],
    total_amount: '10',
    shipping_address: { country: 'FR' },
  }),
  order('o4', '2024-12-15T10:00:00Z', {
    customer_id: 'c3',
    items: [{ product_id: 'C', price: '100', quantity: 1 }],
    total_amount: '100',
  }),
  order('o5', '2025-01-25T10:00:00Z', {
    items: [{ product_id: 'C', price: '0.3333', quantity: 3 }],
    total_amount: '0.9999',
  }),
  ...(['server', 'webhook', 'browser'] as const).map(
    (source_kind): Event => ({
      event_type: 'order_refunded',
      order_id: 'o1',
      refund_id: source_kind === 'browser' ? 'r9' : 'r1',
      amount: '5.5',
      reason: 'broken',
      occurred_at: '2025-01-22T00:00:00Z',
      source_kind,
    }),
  ),
  {
    event_type: 'order_refunded',
    order_id: 'unknown',
    amount: '2',
    occurred_at: '2025-01-23T00:00:00Z',
  },
  // What was said last stands, as far as it says anything.
  ...[{ reason: 'out of stock' }, { reason: 'changed mind' }, {}].map(
    (why, index): Event => ({
      event_type: 'order_cancelled',
      order_id: 'o2',
      occurred_at: `2025-01-28T0${index}:00:00Z`,
      ...why,
    }),
  ),
  { event_type: 'order_paid', order_id: 'o1', amount: '30', occurred_at: '2025-01-10T09:01:00Z' },
  {
    event_type: 'product_created',
    product_id: 'B',
    name: 'Bulb',
    category: 'Light',
    cost: '2',
    occurred_at: '2025-01-15T00:00:00Z',
  },
  {
    event_type: 'product_updated',
    product_id: 'B',
    category: 'Spare parts',
    occurred_at: '2025-01-18T00:00:00Z',
  },
]

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.add(EVENTS)
})
afterAll(() => lake.close())

describe('sales', () => {
  it('adds up the overview: refunds on their own day, once; cancelled orders reversed', async () => {
    expect(await lake.report('sales_overview')).toEqual([
      {
        gross_sales: '47.4999',
        discounts: '1.5000',
        sales_reversals: '17.5000',
        net_sales: '28.4999',
        shipping: '5.0000',
        taxes: '1.0000',
        orders: '4',
        units: '9',
        aov: '11.5000',
        units_per_order: 2.25,
        discount_rate: 1.5 / 47.4999,
        refund_rate: 0.25,
        customers: '2',
        sessions: '0',
        conversion_rate: null,
        revenue_per_session: null,
      },
    ])
  })

  it('adds up one country alone, and then tells nothing of visits', async () => {
    const [row] = await lake.report('sales_overview', { country: 'DE' })
    expect(row).toMatchObject({
      gross_sales: '35.5000',
      // The refund of o1, and what o2 was worth when it was cancelled.
      sales_reversals: '15.5000',
      net_sales: '18.5000',
      orders: '2',
      sessions: null,
      conversion_rate: null,
      revenue_per_session: null,
    })
  })

  it('of all countries add up to the whole, reversals too, by where the merged order goes', async () => {
    const shop = await openTestLake()
    const items = [{ ...A, quantity: 1 }]
    const told = { items, total_amount: '10' }
    const refund = { event_type: 'order_refunded', amount: '4' } as const
    await shop.add([
      // Sold before the period, first without an address.
      order('x', '2024-12-20T10:00:00Z', { ...told, source_kind: 'browser' }),
      order('x', '2024-12-20T10:00:05Z', { ...told, shipping_address: { country: 'DE' } }),
      order('y', '2025-01-10T10:00:00Z', { ...told, shipping_address: { country: 'FR' } }),
      { ...refund, order_id: 'x', occurred_at: '2025-01-12T10:00:00Z' },
      { ...refund, order_id: 'unknown', amount: '1', occurred_at: '2025-01-13T10:00:00Z' },
      { event_type: 'order_cancelled', order_id: 'y', occurred_at: '2025-01-14T10:00:00Z' },
    ])
    const reversed = async (country: string) => {
      const [all] = await shop.report('sales_overview', { country })
      const [month] = await shop.report('sales_over_time', { country, grain: 'month' })
      expect(month).toMatchObject({ sales_reversals: all?.sales_reversals })
      return all?.sales_reversals
    }
    const amounts: unknown[] = []
    for (const country of ['DE', 'FR', '(none)', '']) amounts.push(await reversed(country))
    shop.close()
    expect(amounts).toEqual(['4.0000', '10.0000', '1.0000', '15.0000'])
  })

  it('follow weeks from Monday and months, also where nothing was sold, and one country', async () => {
    const range = { from: '2025-01-10', to: '2025-01-28' }
    const told = async (params: object) =>
      (await lake.report('sales_over_time', { ...range, ...params })).map((row) => [
        row.period,
        row.orders,
        row.net_sales,
      ])
    expect(await told({ grain: 'week' })).toEqual([
      ['2025-01-06', '1', '24.0000'],
      ['2025-01-13', '0', '0.0000'],
      ['2025-01-20', '3', '14.4999'],
      ['2025-01-27', '0', '-10.0000'],
    ])
    expect(await told({ grain: 'month' })).toEqual([['2025-01-01', '4', '28.4999']])
    expect(await told({ grain: 'month', country: 'FR' })).toEqual([['2025-01-01', '1', '11.0000']])
    const [none] = await lake.report('sales_over_time', {
      ...range,
      grain: 'month',
      country: '(none)',
    })
    expect(none).toMatchObject({ orders: '1', gross_sales: '0.9999' })
  })

  it('fall into hours of the day', async () => {
    const rows = await lake.report('sales_by_hour', { from: '2025-01-20', to: '2025-01-20' })
    expect(rows.length).toBe(24)
    expect(rows.filter((row) => row.orders !== '0').map((row) => [row.period, row.orders])).toEqual(
      [
        ['2025-01-20 12:00', '1'],
        ['2025-01-20 23:00', '1'],
      ],
    )
  })

  it('are a list of orders, by country, state and product', async () => {
    const ids = async (params: object) =>
      (await lake.report('order_list', { ...params })).map((row) => row.order_id)
    expect(await ids({})).toEqual(['o5', 'o2', 'o3', 'o1'])
    expect(await ids({ country: 'DE' })).toEqual(['o2', 'o1'])
    expect(await ids({ status: 'cancelled' })).toEqual(['o2'])
    expect(await ids({ product_id: 'B' })).toEqual(['o3', 'o1'])
    const [first] = await lake.report('order_list', { product_id: 'B', country: 'DE' })
    expect(first).toMatchObject({ net_sales: '18.5000', sales_reversals: '5.5000' })
  })

  it('of a category or a product are those of one country where that is asked', async () => {
    const names = async (report: string, params: object) =>
      (await lake.report(report, { ...params })).map((row) => Object.values(row)[0])
    expect(await names('sales_by_category', { country: 'DE' })).not.toContain('Spare parts')
    expect(await names('top_products', { category: 'Spare parts' })).toEqual(['B'])
    expect(await names('top_products', { country: 'FR' })).toEqual(['B'])
    expect(await lake.report('sales_by_hour_weekday', { country: 'FR' })).toMatchObject([
      { weekday: '1', hour: 12, orders: '1' },
    ])
  })

  it('fills days without sales and puts reversals on their day', async () => {
    const rows = await lake.report('sales_by_day', { from: '2025-01-19', to: '2025-01-22' })
    expect(
      rows.map((row) => [row.day, row.orders, row.gross_sales, row.net_sales, row.aov]),
    ).toEqual([
      ['2025-01-19', '0', '0.0000', '0.0000', null],
      ['2025-01-20', '2', '21.0000', '21.0000', '10.5000'],
      ['2025-01-21', '0', '0.0000', '0.0000', null],
      ['2025-01-22', '0', '0.0000', '-5.5000', null],
    ])
  })

  it('sums months', async () => {
    const rows = await lake.report('sales_by_month', { from: '2024-12-01', to: '2025-01-31' })
    expect(rows.map((row) => [row.month, row.orders, row.units, row.net_sales])).toEqual([
      ['2024-12-01', '1', '1', '100.0000'],
      ['2025-01-01', '4', '9', '28.4999'],
    ])
  })

  it('takes the category of the line, else of the catalogue at that time', async () => {
    const rows = await lake.report('sales_by_category')
    expect(rows.map((row) => [row.category, row.orders, row.units, row.gross_sales])).toEqual([
      ['Light', '2', '4', '35.5000'],
      ['Spare parts', '1', '2', '11.0000'],
      ['(none)', '1', '3', '0.9999'],
    ])
    expect(rows.reduce((sum, row) => sum + Number(row.share), 0)).toBeCloseTo(1, 12)
  })

  it('splits by country', async () => {
    const rows = await lake.report('sales_by_country')
    expect(rows.map((row) => [row.country, row.orders, row.customers, row.gross_sales])).toEqual([
      ['DE', '2', '1', '35.5000'],
      ['FR', '1', '1', '11.0000'],
      ['(none)', '1', '0', '0.9999'],
    ])
  })

  it('ranks products by what is asked for', async () => {
    const bySales = await lake.report('top_products', { limit: 2 })
    expect(bySales.map((row) => [row.product_id, row.name, row.units, row.gross_sales])).toEqual([
      ['A', 'Lamp', '3', '30.0000'],
      ['B', 'Bulb', '3', '16.5000'],
    ])
    const byOrders = await lake.report('top_products', {
      by: 'orders',
      limit: 1,
      from: '2025-01-21',
    })
    expect(byOrders.map((row) => row.product_id)).toEqual(['C'])
  })

  it('puts orders into hours and weekdays', async () => {
    const rows = await lake.report('sales_by_hour_weekday')
    expect(rows.map((row) => [row.weekday, row.hour, row.orders])).toEqual([
      ['1', 12, '1'],
      ['1', 23, '1'],
      ['5', 9, '1'],
      ['6', 10, '1'],
    ])
  })

  it('knows what became of each order', async () => {
    const rows = await lake.query(
      'SELECT order_id, status, refunded, paid, order_number FROM orders ORDER BY 1',
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['o1', 'partially_refunded', '5.5000', '30.0000', '1'],
      ['o2', 'cancelled', '0.0000', '0.0000', '2'],
      ['o3', 'created', '0.0000', '0.0000', '1'],
      ['o4', 'created', '0.0000', '0.0000', '1'],
      ['o5', 'created', '0.0000', '0.0000', null],
    ])
  })

  it('lists reversals by reason, best customers, latest orders', async () => {
    const reasons = await lake.report('refunds_by_reason')
    expect(reasons.map((row) => [row.kind, row.reason, row.amount])).toEqual([
      ['cancellation', 'changed mind', '10.0000'],
      ['refund', 'broken', '5.5000'],
      ['refund', '(none)', '2.0000'],
    ])
    const customers = await lake.report('top_customers')
    expect(customers.map((row) => [row.customer_id, row.orders, row.gross_sales])).toEqual([
      ['c1', '2', '35.5000'],
      ['c2', '1', '11.0000'],
    ])
    const latest = await lake.report('latest_orders', { limit: 2 })
    expect(latest.map((row) => row.order_id)).toEqual(['o5', 'o2'])
  })

  it('counts customers net of what went back', async () => {
    const rows = await lake.query(
      'SELECT customer_id, orders, net_sales, first_order_date, second_order_date FROM customers ORDER BY 1',
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['c1', '2', '18.5000', '2025-01-10', '2025-01-20'],
      ['c2', '1', '11.0000', '2025-01-20', null],
      ['c3', '1', '100.0000', '2024-12-15', null],
    ])
  })

  it('says how today goes against a week ago', async () => {
    const today = await openTestLake()
    const item = { product_id: 'A', price: '4', quantity: 1 }
    await today.add([
      order('t1', '2025-02-01T08:00:00Z', { items: [item], total_amount: '4' }),
      order('t2', '2025-01-25T11:59:00Z', { items: [item], total_amount: '4' }),
      order('t3', '2025-01-25T12:01:00Z', { items: [item], total_amount: '4' }),
    ])
    const [row] = await today.report('today')
    today.close()
    expect(row).toMatchObject({
      orders: '1',
      net_sales: '4.0000',
      orders_week_ago: '1',
      gross_sales_week_ago: '4.0000',
      conversion_rate: null,
    })
  })

  it('counts an order and a review that a program sent: they are the books, not traffic', async () => {
    const sent = await openTestLake()
    await sent.add([
      order('b1', '2025-01-20T10:00:00Z', {
        bot: true,
        items: [{ product_id: 'A', price: '4', quantity: 1 }],
        total_amount: '4',
      }),
      {
        event_type: 'review_submitted',
        review_id: 'b2',
        product_id: 'A',
        rating: 5,
        occurred_at: '2025-01-20T11:00:00Z',
        bot: true,
      },
    ])
    const counted = await sent.query(
      'SELECT (SELECT COUNT(*) FROM orders), (SELECT COUNT(*) FROM reviews)',
    )
    sent.close()
    expect(counted.map((row) => Object.values(row).map(Number))).toEqual([[1, 1]])
  })

  it('survives amounts at the edge of what the wire takes', async () => {
    const edge = await openTestLake()
    const huge = { product_id: 'X', price: '99999999999999.9999', quantity: 2147483647 }
    await edge.add([order('h', '2025-01-20T00:00:00Z', { items: [huge, huge], total_amount: '1' })])
    const [row] = await edge.report('sales_overview')
    edge.close()
    expect(row?.gross_sales).toBe('429496729399999999570503.2706')
  })
})
