import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Event, openTestLake, type TestLake } from './lake.ts'

function order(order_id: string, day: string, customer_id: string, amount: number): Event {
  return {
    event_type: 'order_created',
    order_id,
    occurred_at: `${day}T12:00:00Z`,
    customer_id,
    fx_rate: 1,
    items: [{ product_id: 'A', price: String(amount), quantity: 1 }],
    total_amount: String(amount),
  }
}

/** Five customers: c1 four orders, c2 two, the others one. As of 2025-01-31. */
const EVENTS: Event[] = [
  order('o1', '2024-11-05', 'c1', 10),
  order('o2', '2024-12-05', 'c1', 10),
  order('o3', '2025-01-05', 'c1', 10),
  order('o4', '2025-01-30', 'c1', 50),
  order('o5', '2024-11-20', 'c2', 20),
  order('o6', '2025-01-20', 'c2', 20),
  order('o7', '2024-12-31', 'c3', 5),
  order('o8', '2025-01-10', 'c4', 7),
  order('o9', '2025-01-31', 'c5', 100),
  {
    event_type: 'customer_updated',
    customer_id: 'c6',
    country: 'DE',
    occurred_at: '2025-01-01T00:00:00Z',
  },
]

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.add(EVENTS)
})
afterAll(() => lake.close())

describe('customers', () => {
  it('come back at a rate, after a median time', async () => {
    expect(await lake.report('repeat_rate', { as_of: '2025-01-31' })).toEqual([
      {
        customers: '5',
        repeat_customers: '2',
        repeat_purchase_rate: 0.4,
        // 30 and 61 days: the one of rank ceil(0.5 × 2).
        time_to_second_order: '30',
        orders_per_customer: 1.8,
        sales_per_customer: '46.4000',
      },
    ])
  })

  it('are new or returning by all of their history, also in months in which nobody ordered', async () => {
    const rows = await lake.report('new_vs_returning', {
      from: '2025-01-01',
      to: '2025-02-28',
      grain: 'month',
    })
    expect(rows).toEqual([
      {
        period: '2025-01-01',
        new_customers: '2',
        returning_customers: '2',
        new_orders: '2',
        returning_orders: '3',
        guest_orders: '0',
        new_sales: '107.0000',
        returning_sales: '80.0000',
        returning_customer_rate: 0.5,
      },
      {
        period: '2025-02-01',
        new_customers: '0',
        returning_customers: '0',
        new_orders: '0',
        returning_orders: '0',
        guest_orders: '0',
        new_sales: '0.0000',
        returning_sales: '0.0000',
        returning_customer_rate: null,
      },
    ])
  })

  it('are told in one line', async () => {
    expect(
      await lake.report('customer_overview', { from: '2025-01-01', to: '2025-01-31' }),
    ).toEqual([
      {
        customers: '4',
        new_customers: '2',
        returning_customers: '2',
        returning_customer_rate: 0.5,
        guest_orders: '0',
      },
    ])
  })

  it('form cohorts whose cells wait until their month is over', async () => {
    const cells = async (as_of: string) =>
      (await lake.report('cohort_retention', { as_of })).map((row) => [
        row.cohort,
        row.month_number,
        row.customers,
        row.retention,
        row.cumulative_sales_per_customer,
      ])
    expect(await cells('2025-01-31')).toEqual([
      ['2024-11-01', '0', '2', 1, '15.0000'],
      ['2024-11-01', '1', '1', 0.5, '20.0000'],
      ['2024-11-01', '2', '2', 1, '60.0000'],
      ['2024-12-01', '0', '1', 1, '5.0000'],
      ['2024-12-01', '1', '0', 0, '5.0000'],
      ['2025-01-01', '0', '2', 1, '53.5000'],
    ])
    expect((await cells('2025-01-30')).map(([cohort, month]) => [cohort, month])).toEqual([
      ['2024-11-01', '0'],
      ['2024-11-01', '1'],
      ['2024-12-01', '0'],
    ])
    // Today is the first of February: what is asked for is still to come.
    expect(await cells('2025-03-01')).toEqual(await cells('2025-01-31'))
  })

  it('have quantiles by nearest rank', async () => {
    const rows = await lake.report('rfm_quantiles', { as_of: '2025-01-31' })
    // Recency 0, 1, 11, 21, 31; frequency 1, 1, 1, 2, 4; monetary 5, 7, 40, 80, 100.
    expect(
      rows.map((row) => [row.percentile, row.recency_days, row.frequency, row.monetary]),
    ).toEqual([
      [10, '0', '1', '5.0000'],
      [20, '0', '1', '5.0000'],
      [25, '1', '1', '7.0000'],
      [40, '1', '1', '7.0000'],
      [50, '11', '1', '40.0000'],
      [60, '11', '1', '40.0000'],
      [75, '21', '2', '80.0000'],
      [80, '21', '2', '80.0000'],
      [90, '31', '4', '100.0000'],
      [95, '31', '4', '100.0000'],
    ])
  })

  it('fall into groups', async () => {
    const rows = await lake.report('rfm', { as_of: '2025-01-31' })
    // R: c5 5, c1 4, c2 3, c4 2, c3 1. F: c1 5, c2 4, the others 1. M: c3 1, c4 2, c2 3, c1 4, c5 5.
    expect(rows.map((row) => [row.rfm_group, row.customers, row.orders, row.gross_sales])).toEqual([
      ['active', '1', '1', '100.0000'],
      ['loyal', '1', '4', '80.0000'],
      ['needs_attention', '1', '2', '40.0000'],
      ['dormant', '2', '2', '12.0000'],
      ['prospects', '1', '0', '0.0000'],
    ])
  })
})
