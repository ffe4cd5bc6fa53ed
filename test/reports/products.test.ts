import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Event, openTestLake, type TestLake } from './lake.ts'

function order(order_id: string, at: string, products: readonly string[]): Event {
  return {
    event_type: 'order_created',
    order_id,
    occurred_at: `2025-01-${at}Z`,
    fx_rate: 1,
    items: products.map((product_id) => ({ product_id, price: '1', quantity: 2 })),
    total_amount: String(products.length * 2),
  }
}

function stock(product_id: string, at: string, fields: object): Event {
  return { event_type: 'inventory_updated', product_id, occurred_at: `2025-01-${at}Z`, ...fields }
}

function review(review_id: string, at: string, rating: number, fields: object = {}): Event {
  const occurred_at = `2025-01-${at}Z`
  return {
    event_type: 'review_submitted',
    review_id,
    product_id: 'A',
    rating,
    occurred_at,
    ...fields,
  }
}

const EVENTS: Event[] = [
  order('o1', '10T08:00:00', ['A', 'B', 'B']),
  order('o2', '11T08:00:00', ['A', 'B']),
  order('o3', '12T08:00:00', ['A', 'C']),
  order('o4', '13T08:00:00', ['C']),
  // A: 10 on hand from the 10th, sold out on the 12th, back on the 14th with 4; a second place has 1 from the 15th.
  stock('A', '10T00:00:00', { level: 10, reason: 'count' }),
  stock('A', '10T08:00:00', { delta: -2, reason: 'sale' }),
  stock('A', '11T08:00:00', { delta: -2, reason: 'sale' }),
  stock('A', '12T08:00:00', { delta: -6, reason: 'sale' }),
  stock('A', '14T00:00:00', { level: 4, reason: 'restock' }),
  stock('A', '15T00:00:00', { delta: 1, location: 'hanoi' }),
  // A browser's key is public: its word moves nothing.
  stock('A', '16T00:00:00', { level: 0, source_kind: 'browser' }),
  review('r1', '10T00:00:00', 1),
  review('r1', '11T00:00:00', 2),
  review('r2', '11T01:00:00', 5, { verified_purchase: true }),
]

const RANGE = { from: '2025-01-10', to: '2025-01-16' }

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.add(EVENTS)
}, 60_000)
afterAll(() => lake.close())

describe('products', () => {
  it('are bought together more often than by chance', async () => {
    const rows = await lake.report('product_affinity', { ...RANGE, min_orders: 2 })
    // 4 orders, A in 3, B in 2, both in 2.
    expect(rows).toEqual([
      {
        product_a: 'B',
        name_a: null,
        product_b: 'A',
        name_b: null,
        pair_orders: '2',
        support: 0.5,
        confidence: 1,
        lift: 4 / 3,
      },
    ])
  })

  it('have ratings, the latest word of each review', async () => {
    expect(await lake.report('ratings', RANGE)).toEqual([
      {
        product_id: 'A',
        name: null,
        reviews: '2',
        mean_rating: 3.5,
        low_rating_share: 0.5,
        verified_reviews: '1',
        last_review_date: '2025-01-11',
      },
    ])
    const days = await lake.report('ratings_by_day', { from: '2025-01-10', to: '2025-01-11' })
    expect(days.map((row) => [row.day, row.reviews, row.mean_rating])).toEqual([
      ['2025-01-10', '0', null],
      ['2025-01-11', '2', 3.5],
    ])
  })
})

describe('stock', () => {
  it('is what levels set and deltas add, per place', async () => {
    const rows = await lake.query('SELECT location, on_hand FROM stock ORDER BY location')
    expect(rows).toEqual([
      { location: 'default', on_hand: '4' },
      { location: 'hanoi', on_hand: '1' },
    ])
    const changes = await lake.query(
      "SELECT change, level_after FROM stock_movements WHERE location = 'default' ORDER BY place",
    )
    expect(changes.map((row) => Object.values(row))).toEqual([
      ['10', '10'],
      ['-2', '8'],
      ['-2', '6'],
      ['-6', '0'],
      ['4', '4'],
    ])
  })

  it('lasts by the days on which there was any', async () => {
    const [row] = await lake.report('stock_cover', RANGE)
    // 6 units; in stock on the 10th, 11th, 12th (sold), 14th, 15th, 16th; out on the 13th.
    expect(row).toEqual({
      product_id: 'A',
      name: null,
      on_hand: '5',
      units: '6',
      days_in_stock: '6',
      units_per_day: 1,
      days_of_cover: 5,
      stockout_days: '1',
    })
    // Today is the first of February: what is still to come is no day in stock.
    const coming = await lake.report('stock_cover', { from: '2025-01-31', to: '2025-02-10' })
    expect(coming).toMatchObject([{ days_in_stock: '2', stockout_days: '0' }])
  })

  it('moves for reasons', async () => {
    const rows = await lake.report('stock_by_reason', RANGE)
    expect(
      rows.map((row) => [row.reason, row.movements, row.units_in, row.units_out, row.change]),
    ).toEqual([
      ['sale', '3', '0', '10', '-10'],
      ['(none)', '1', '1', '0', '1'],
      ['count', '1', '10', '0', '10'],
      ['restock', '1', '4', '0', '4'],
    ])
  })
})

describe('trust', () => {
  it('counts what came late, drifted, or does not add up', async () => {
    const own = await openTestLake()
    const seen = { event_type: 'page_view', occurred_at: '2025-01-20T10:00:00Z' } as const
    await own.add([
      { ...seen, received_at: '2025-01-20T10:00:01Z' },
      { ...seen, received_at: '2025-01-20T10:00:03Z', extra: { a: 1 } },
      {
        ...seen,
        received_at: '2025-01-20T12:00:00Z',
        bot: true,
        replay_of: 'x',
        consent: 'denied',
      },
      {
        ...order('o1', '20T10:00:00', ['A']),
        amount_mismatch: true,
        shop_value: null,
        source: 'erp',
      },
    ])
    const rows = await own.report('data_quality')
    expect(rows[1]).toEqual({
      source: 'shop',
      event_type: 'page_view',
      events: '3',
      late_events: '1',
      delay_p50_s: 3,
      delay_p95_s: 7200,
      drift_events: '1',
      bot_events: '1',
      mismatch_events: '0',
      unvalued_events: '0',
      replayed_events: '1',
      denied_events: '1',
      last_received_at: '2025-01-20 12:00:00',
    })
    expect(rows[0]).toMatchObject({ source: 'erp', mismatch_events: '1', unvalued_events: '1' })
    expect(await own.report('unknown_fields')).toMatchObject([
      { event_type: 'page_view', field: 'a', source: 'shop', events: '1' },
    ])
    await own.add([{ ...order('o1', '20T10:01:00', ['A']), source_kind: 'browser' }])
    await own.add([order('o2', '20T10:00:00', ['A'])])
    const days = { from: '2025-01-19', to: '2025-01-20' }
    expect(await own.report('tracking_coverage', days)).toEqual([
      {
        day: '2025-01-19',
        server_orders: '0',
        matched_orders: '0',
        browser_only_orders: '0',
        tracking_coverage: null,
      },
      {
        day: '2025-01-20',
        server_orders: '2',
        matched_orders: '1',
        browser_only_orders: '0',
        tracking_coverage: 0.5,
      },
    ])
    own.close()
  })
})

describe('one product', () => {
  it('is told in one line, over time, and by what it is bought with', async () => {
    expect(await lake.report('product_overview', { ...RANGE, product_id: 'A' })).toEqual([
      {
        gross_sales: '6.0000',
        units: '6',
        orders: '3',
        viewing_sessions: '0',
        view_to_cart_rate: null,
        mean_rating: 3.5,
        reviews: '2',
      },
    ])
    const days = await lake.report('product_over_time', { ...RANGE, product_id: 'B' })
    expect(days.map((row) => row.units)).toEqual(['4', '2', '0', '0', '0', '0', '0'])
    const pairs = await lake.report('product_affinity', {
      ...RANGE,
      product_id: 'B',
      min_orders: 1,
    })
    expect(pairs.map((row) => [row.product_a, row.product_b, row.pair_orders])).toEqual([
      ['B', 'A', '2'],
    ])
  })

  it('has its reviews, the latest first, and all of them one line', async () => {
    const ids = async (params: object) =>
      (await lake.report('review_list', { ...RANGE, ...params })).map((row) => row.rating)
    expect(await ids({ product_id: 'A' })).toEqual([5, 2])
    expect(await ids({ stars: 5 })).toEqual([5])
    expect(await ids({ product_id: 'B' })).toEqual([])
    expect(await lake.report('review_overview', RANGE)).toEqual([
      { reviews: '2', mean_rating: 3.5, low_rating_share: 0.5, products: '1' },
    ])
  })

  it('and the others lie in stock, or do not', async () => {
    expect(await lake.report('stock_overview')).toEqual([
      { products: '1', on_hand: '5', out_of_stock: '0', low_stock: '0' },
    ])
  })
})
