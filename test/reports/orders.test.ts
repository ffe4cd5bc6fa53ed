import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Event, openTestLake, type Row } from './lake.ts'

const ITEM = { product_id: 'A', price: '10', quantity: 1 }

function placed(order_id: string, fields: object = {}): Event {
  return {
    event_type: 'order_created',
    order_id,
    occurred_at: '2025-01-10T09:00:00.500Z',
    fx_rate: 1,
    items: [ITEM],
    total_amount: '10',
    ...fields,
  }
}

function later(event_type: Event['event_type'], order_id: string, fields: object = {}): Event {
  return { event_type, order_id, occurred_at: '2025-01-11T00:00:00Z', ...fields }
}

async function ask(events: readonly Event[], sql: string): Promise<Row[]> {
  const lake = await openTestLake()
  try {
    await lake.add(events)
    return await lake.query(sql)
  } finally {
    lake.close()
  }
}

describe('orders', () => {
  it('have the status of what happened last in their life', async () => {
    const rows = await ask(
      [
        placed('created'),
        placed('part'),
        later('order_paid', 'part', { amount: '4' }),
        placed('paid'),
        later('order_paid', 'paid', { amount: '4', payment_id: 'p1' }),
        later('order_paid', 'paid', { amount: '6', payment_id: 'p2' }),
        placed('shipped'),
        later('order_shipped', 'shipped', { shipment_id: 's1' }),
        later('order_shipped', 'shipped', { shipment_id: 's2' }),
        later('order_delivered', 'shipped', { shipment_id: 's1' }),
        placed('delivered'),
        later('order_shipped', 'delivered', { shipment_id: 's1' }),
        later('order_delivered', 'delivered'),
        placed('refunded'),
        later('order_paid', 'refunded', { amount: '8' }),
        later('order_refunded', 'refunded', { amount: '8' }),
        placed('cancelled'),
        later('order_cancelled', 'cancelled'),
        placed('browser', { source_kind: 'browser' }),
        later('order_cancelled', 'browser', { source_kind: 'browser' }),
        placed('server'),
        later('order_cancelled', 'server', { source_kind: 'browser' }),
        later('order_delivered', 'nowhere'),
      ],
      'SELECT order_id, status FROM orders ORDER BY order_id',
    )
    expect(Object.fromEntries(rows.map((row) => [row.order_id, row.status]))).toEqual({
      created: 'created',
      part: 'created',
      paid: 'paid',
      shipped: 'shipped',
      delivered: 'delivered',
      refunded: 'refunded',
      cancelled: 'cancelled',
      browser: 'cancelled',
      server: 'created',
    })
  })

  it('count money without a number only where no better source tells', async () => {
    const rows = await ask(
      [
        placed('a'),
        later('order_refunded', 'a', { amount: '1' }),
        later('order_refunded', 'a', { amount: '1', source_kind: 'webhook' }),
        later('order_refunded', 'a', { amount: '2', refund_id: 'r', source_kind: 'webhook' }),
        placed('b'),
        later('order_refunded', 'b', { amount: '4', source_kind: 'webhook' }),
      ],
      'SELECT order_id, refunded, refund_count FROM orders ORDER BY order_id',
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['a', '3.0000', '2'],
      ['b', '4.0000', '1'],
    ])
  })

  const reports = [
    placed('a', { event_id: 'w', source_kind: 'webhook', coupon: 'HOOK', total_amount: '9' }),
    placed('a', {
      event_id: 's1',
      customer_id: 'c1',
      occurred_at: '2025-01-10T09:00:05Z',
      coupon: 'OLD',
    }),
    placed('a', {
      event_id: 's2',
      occurred_at: '2025-01-12T00:00:00Z',
      total_amount: '12',
      shipping_address: { country: 'DE' },
    }),
    placed('a', {
      event_id: 'b',
      source_kind: 'browser',
      session_id: 'visit',
      device: 'mobile',
      total_amount: '1',
      occurred_at: '2025-01-10T08:59:59Z',
    }),
  ]

  it('are one merge of all reports, whatever their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(reports, { minLength: 4 }), async (events) => {
        const rows = await ask(
          events,
          `SELECT event_id, occurred_at, local_date, total_amount, customer_id, session_id, device, coupon, country,
             reports FROM orders JOIN (SELECT order_id AS id, reports FROM order_created_once) ON id = order_id`,
        )
        expect(rows.map((row) => Object.values(row))).toEqual([
          [
            ...['s2', '2025-01-10 09:00:05', '2025-01-10', '12.0000'],
            ...['c1', 'visit', 'mobile', 'OLD', 'DE', '4'],
          ],
        ])
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })
})

describe('in_shop_currency', () => {
  it('rounds half away from zero at four decimals, by the rate of nine', async () => {
    const order = (order_id: string, price: string, fx_rate: number | null, quantity = 1) =>
      placed(order_id, {
        currency: 'EUR',
        fx_rate,
        shop_value: null,
        items: [{ product_id: 'A', price, quantity }],
      })
    const rows = await ask(
      [
        order('a', '0.0001', 0.5),
        order('b', '99999999.9999', 1.123456789),
        order('c', '10', null),
        order('d', '99999999999999', 2, 1000),
      ],
      'SELECT order_id, gross_sales FROM order_items ORDER BY order_id',
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['a', '0.0001'],
      ['b', '112345678.8999'],
      ['c', null],
      ['d', '199999999999998007.7056'],
    ])
  })
})
