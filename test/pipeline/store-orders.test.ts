import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CustomerDocument, OrderDocument } from '../../src/pipeline/documents.ts'
import { anyOrder, dumpOf, lifecycles, rowOf, type TypedRow } from './store-rows.ts'

const ITEMS = [{ product_id: 'p1', quantity: 2, price: '29.99' }]

function placed(minute: number, fields: object = {}): TypedRow {
  return rowOf('order_created', minute, {
    order_id: 'o1',
    customer_id: 'c1',
    items: ITEMS,
    total_amount: '59.98',
    shop_value: '59.98',
    ...fields,
  })
}

function step(type: Parameters<typeof rowOf>[0], minute: number, fields: object = {}): TypedRow {
  return rowOf(type, minute, { order_id: 'o1', ...fields })
}

function orderOf(rows: readonly TypedRow[]): OrderDocument {
  return dumpOf(rows).orders!.o1 as OrderDocument
}

describe('an order', () => {
  it('is the same document for any interleaving and repetition of its events, and so is what follows from it', () => {
    const cases = lifecycles().chain((rows) =>
      fc.tuple(fc.constant(rows), anyOrder(rows), fc.integer({ min: 1, max: 4 })),
    )
    fc.assert(
      fc.property(cases, ([rows, others, commitEvery]) => {
        expect(dumpOf(others, commitEvery)).toEqual(dumpOf(rows))
      }),
      { numRuns: 300 },
    )
  })

  it('never takes paid, refunded or a price that a server has set from a browser', () => {
    const browser = { source_kind: 'browser' }
    const order = orderOf([
      placed(0),
      placed(5, { ...browser, total_amount: '1', items: [{ ...ITEMS[0], price: '0.5' }] }),
      step('order_paid', 6, { ...browser, amount: '59.98' }),
      step('order_refunded', 7, { ...browser, amount: '59.98' }),
      step('order_cancelled', 8, browser),
    ])
    expect(order).toMatchObject({
      status: 'created',
      total_amount: '59.98',
      items: ITEMS,
      paid_amount: '0',
      refunded_amount: '0',
    })
    expect(order.timeline).toHaveLength(5)
  })

  it('adds amounts to the last ten-thousandth, however large: for the order, the customer and the product', () => {
    const parts = ['90000000000000.0001', '9999999999999.9998', '-0.0003', '0.1', '0.2']
    const paid = parts.map((amount, minute) =>
      step('order_paid', minute + 1, { amount, payment_id: `p${minute}` }),
    )
    expect(orderOf([placed(0), ...paid]).paid_amount).toBe('100000000000000.2996')
    const large = { total_amount: '90000000000000.0001', shop_value: '90000000000000.0001' }
    const small = { order_id: 'o2', total_amount: '0.0002', shop_value: '0.0002' }
    const dump = dumpOf([placed(0, large), placed(1, { ...small, event_id: 'second' })])
    expect(dump.customers!.c1).toMatchObject({ order_value: '90000000000000.0003' })
    // Anybody who has the public key of a shop's pages can place such orders.
    const browsed = ['a', 'b', 'c'].map((order_id, minute) =>
      placed(minute, {
        order_id,
        event_id: order_id,
        source_kind: 'browser',
        items: [{ product_id: 'p9', quantity: 1, price: '90000000000000.0001' }],
      }),
    )
    expect(dumpOf(browsed).products!.p9).toMatchObject({ revenue: '270000000000000.0003' })
  })

  it('takes a browser at its word where nobody else speaks, money aside', () => {
    const browser = { source_kind: 'browser' }
    const rows = [placed(0, browser), step('order_cancelled', 1, { ...browser, reason: 'mind' })]
    expect(orderOf(rows)).toMatchObject({ status: 'cancelled', cancel_reason: 'mind' })
    expect(orderOf([...rows, step('order_paid', 2, { amount: '59.98' })])).toMatchObject({
      status: 'paid',
    })
  })

  it('lets a better source win whenever it comes, a later event of the same rank otherwise', () => {
    const total = (...kinds: [string, number, string][]) =>
      orderOf(
        kinds.map(([source_kind, minute, total_amount]) =>
          placed(minute, { source_kind, total_amount, event_id: `${source_kind}${minute}` }),
        ),
      ).total_amount
    expect(total(['server', 1, '1'], ['import', 2, '2'], ['webhook', 3, '3'])).toBe('1')
    expect(total(['webhook', 3, '3'], ['import', 2, '2'], ['browser', 4, '4'])).toBe('2')
    expect(total(['server', 1, '1'], ['server', 2, '2'])).toBe('2')
    expect(total(['server', 2, '2'], ['server', 1, '1'])).toBe('2')
  })

  it('walks its states, however late the steps are told', () => {
    const steps = [
      placed(0),
      step('order_paid', 1, { amount: '59.98', payment_id: 'p' }),
      step('order_shipped', 2, { carrier: 'dhl', tracking_number: 'T1' }),
      step('order_delivered', 3),
      step('order_refunded', 4, { amount: '9.98', refund_id: 'r1', shop_value: '9.98' }),
      step('order_refunded', 5, { amount: '50', refund_id: 'r2', shop_value: '50' }),
    ]
    const states = steps.map((_, index) => orderOf(steps.slice(0, index + 1)).status)
    expect(states).toEqual([
      'created',
      'paid',
      'shipped',
      'delivered',
      'partially_refunded',
      'refunded',
    ])
    const all = orderOf(steps.toReversed())
    expect(all).toMatchObject({
      status: 'refunded',
      paid_amount: '59.98',
      refunded_amount: '59.98',
      shipments: [{ shipment_id: null, carrier: 'dhl', tracking_number: 'T1' }],
    })
    expect(all.timeline.map((entry) => entry.event_type)).toEqual(steps.map(({ type }) => type))
    expect(orderOf(steps.slice(2, 3)).status).toBe('shipped')
  })

  it('is delivered when every parcel is', () => {
    const parcel = (type: 'order_shipped' | 'order_delivered', minute: number, id: string) =>
      step(type, minute, { shipment_id: id })
    const rows = [
      placed(0),
      parcel('order_shipped', 1, 'a'),
      parcel('order_shipped', 2, 'b'),
      parcel('order_delivered', 3, 'a'),
    ]
    expect(orderOf(rows).status).toBe('shipped')
    expect(orderOf([...rows, parcel('order_delivered', 4, 'b')]).status).toBe('delivered')
  })

  it('adds up partial payments by number, and counts unnumbered ones of the best source only', () => {
    const paid = (minute: number, fields: object) => step('order_paid', minute, fields)
    const numbered = [
      placed(0),
      paid(1, { amount: '20', payment_id: 'a' }),
      paid(2, { amount: '39.98', payment_id: 'b' }),
      paid(3, { amount: '20', payment_id: 'a', source_kind: 'webhook' }),
    ]
    expect(orderOf(numbered)).toMatchObject({ paid_amount: '59.98', status: 'paid' })
    const twice = [
      placed(0),
      paid(1, { amount: '59.98', event_id: 's' }),
      paid(1, { amount: '59.98', event_id: 'w', source_kind: 'webhook' }),
    ]
    expect(orderOf(twice).paid_amount).toBe('59.98')
  })

  it('stays bounded, and the same, with hundreds of events', () => {
    const rows = Array.from({ length: 450 }, (_, index) =>
      step('order_paid', index, { amount: '1', payment_id: `p${index}` }),
    )
    const order = orderOf(rows)
    expect(order.timeline).toHaveLength(100)
    expect(Object.keys(order.merge.payments)).toHaveLength(200)
    expect(orderOf(rows.toReversed())).toEqual(order)
  })
})

describe('what follows from orders', () => {
  it('is counted once per customer, and taken back when an order is cancelled or refunded', () => {
    const customer = (rows: TypedRow[]) => dumpOf(rows).customers!.c1 as CustomerDocument
    const second = placed(3, { order_id: 'o2', total_amount: '10', shop_value: '10.0001' })
    const rows = [placed(0), placed(0), step('order_paid', 1, { amount: '59.98' }), second]
    expect(customer(rows)).toMatchObject({
      orders: 2,
      order_value: '69.9801',
      spend: '69.9801',
      average_order_value: '34.9901',
    })
    const refund = step('order_refunded', 4, { amount: '9.98', shop_value: '9.98', refund_id: 'r' })
    expect(customer([...rows, refund, refund])).toMatchObject({ spend: '60.0001' })
    expect(customer([...rows, refund, step('order_cancelled', 5)])).toMatchObject({
      orders: 1,
      cancelled_orders: 1,
      spend: '10.0001',
      average_order_value: '10.0001',
    })
  })

  it('moves with the order when a better source names another customer', () => {
    const browser = placed(0, { customer_id: 'guest', source_kind: 'browser', event_id: 'b' })
    const { customers, order_index } = dumpOf([browser, placed(1)])
    expect(customers).toMatchObject({ guest: { orders: 0, spend: '0' }, c1: { orders: 1 } })
    expect(Object.keys(order_index!)).toEqual([
      'time/2025-02-01T12:01:00.000Z/o1',
      'customer/c1/2025-02-01T12:01:00.000Z/o1',
    ])
  })

  it('gives products their units and revenue in the shop currency', () => {
    const euro = placed(0, {
      currency: 'EUR',
      fx_rate: 1.25,
      shop_value: '74.975',
      items: [{ product_id: 'p1', quantity: 3, price: '10.01', discount: '0.03' }],
    })
    expect(dumpOf([euro]).products).toMatchObject({
      p1: { orders: 1, units_sold: 3, revenue: '37.5' },
    })
    expect(dumpOf([euro, step('order_cancelled', 1)]).products).toMatchObject({
      p1: { orders: 0, units_sold: 0, revenue: '0' },
    })
  })
})
