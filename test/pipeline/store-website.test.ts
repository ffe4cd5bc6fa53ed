import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProductDocument, SessionDocument } from '../../src/pipeline/documents.ts'
import { dumpOf, rowOf, type TypedRow } from './store-rows.ts'

const VISIT = { session_id: 's1', anonymous_id: 'a1' }

function seen(type: Parameters<typeof rowOf>[0], minute: number, fields: object = {}): TypedRow {
  return rowOf(type, minute, { ...VISIT, ...fields })
}

const JOURNEY = [
  seen('page_view', 0, { page_url: '/?utm_source=ads', channel: 'paid', device: 'mobile' }),
  seen('search', 1, { search_term: 'laptop' }),
  seen('product_click', 2, { product_id: 'p1' }),
  seen('product_view', 3, { product_id: 'p1', name: 'Laptop', category: 'Tech' }),
  seen('product_view', 4, { product_id: 'p2', name: 'Mouse', customer_id: 'c1' }),
  seen('add_to_cart', 5, { product_id: 'p1', quantity: 2, price: '10.5' }),
  seen('add_to_cart', 6, {
    product_id: 'p2',
    quantity: 3,
    price: '4',
    currency: 'EUR',
    fx_rate: 1.25,
  }),
  seen('remove_from_cart', 7, { product_id: 'p2', quantity: 1 }),
  seen('checkout_started', 8),
  seen('customer_identified', 9, { customer_id: 'c1', email_hash: 'ab' }),
  rowOf('customer_updated', 10, { customer_id: 'c1', name: 'Lan', country: 'Vietnam' }),
  rowOf('customer_updated', 12, { customer_id: 'c1', name: 'Lan N.' }),
  rowOf('review_submitted', 13, { product_id: 'p1', review_id: 'r1', rating: 4 }),
  rowOf('review_submitted', 14, { product_id: 'p1', review_id: 'r2', rating: 5 }),
  rowOf('product_created', 15, { product_id: 'p1', name: 'Laptop 15', price: '10.5', cost: '7' }),
  rowOf('product_updated', 16, { product_id: 'p1', price: '9.5' }),
  seen('custom_event', 17, { name: 'newsletter' }),
  rowOf('order_created', 18, {
    ...VISIT,
    order_id: 'o1',
    items: [{ product_id: 'p1', quantity: 2, price: '10.5' }],
    total_amount: '21',
    shop_value: '21',
  }),
]

const PERMUTED = fc.shuffledSubarray(JOURNEY, { minLength: JOURNEY.length })

describe('website events', () => {
  it('give the same documents in any order', () => {
    fc.assert(
      fc.property(PERMUTED, fc.integer({ min: 1, max: 5 }), (rows, commitEvery) => {
        expect(dumpOf(rows, commitEvery)).toEqual(dumpOf(JOURNEY))
      }),
      { numRuns: 200 },
    )
  })

  it('make a visit, with where it came from and what is left in its cart', () => {
    const before = dumpOf(JOURNEY.slice(0, -1)).sessions!.s1 as SessionDocument
    expect(before).toMatchObject({
      customer_id: 'c1',
      anonymous_id: 'a1',
      first_at: '2025-02-01T12:00:00.000Z',
      last_at: '2025-02-01T12:17:00.000Z',
      events: 10,
      page_views: 1,
      product_views: 2,
      landing_page: '/?utm_source=ads',
      channel: 'paid',
      cart_value: '31',
      cart_units: 4,
      converted: false,
    })
    expect(before.products.map((view) => view.product_id)).toEqual(['p2', 'p1'])
    const after = dumpOf(JOURNEY).sessions!.s1 as SessionDocument
    expect(after).toMatchObject({ converted: true, order_ids: ['o1'], cart_value: '10' })
    expect(after.cart).toEqual([{ product_id: 'p2', quantity: 2, price: '4', currency: 'EUR' }])
  })

  it('count products, whose catalogue wins over what pages call them', () => {
    const { p1, p2 } = dumpOf(JOURNEY).products as { [id: string]: ProductDocument }
    expect(p1).toMatchObject({
      name: 'Laptop 15',
      category: 'Tech',
      price: '9.5',
      cost: '7',
      views: 1,
      clicks: 1,
      carts: 1,
      cart_units: 2,
      units_sold: 2,
      revenue: '21',
      rating_count: 2,
      rating_sum: 9,
      rating_mean: 4.5,
    })
    expect(p2).toMatchObject({ name: 'Mouse', views: 1, cart_removals: 1, rating_mean: null })
  })

  it('tell customers apart by what they last said', () => {
    expect(dumpOf(JOURNEY).customers!.c1).toMatchObject({
      name: 'Lan N.',
      country: 'Vietnam',
      email_hash: 'ab',
      anonymous_ids: ['a1'],
      first_seen_at: '2025-02-01T12:04:00.000Z',
      last_seen_at: '2025-02-01T12:12:00.000Z',
    })
    expect(dumpOf(JOURNEY).identities!.a1).toMatchObject({ customer_id: 'c1' })
  })

  it('count live minutes and leave bots out', () => {
    const bot = seen('product_view', 3, { product_id: 'p1', bot: true, event_id: 'bot' })
    const { live_minutes, products } = dumpOf([...JOURNEY, bot])
    expect(live_minutes!['2025-02-01T12:03']).toMatchObject({ product_views: 1 })
    expect(live_minutes!['2025-02-01T12:18']).toMatchObject({ orders: 1, sales: '21' })
    expect(products!.p1).toMatchObject({ views: 1 })
  })

  it('leave no visit and no minute when they are older than what is kept', () => {
    const old = seen('product_view', -60 * 24 * 40, { product_id: 'p1' })
    const dump = dumpOf([old])
    expect(Object.keys(dump)).toEqual(['products'])
  })

  it('of a visitor without a session are kept per browser and day', () => {
    const dump = dumpOf([
      rowOf('page_view', 0, { anonymous_id: 'a9' }),
      rowOf('page_view', 60 * 13, { anonymous_id: 'a9' }),
      rowOf('page_view', 0, { customer_id: 'c9' }),
      rowOf('page_view', 1, {}),
    ])
    expect(Object.keys(dump.sessions!).sort()).toEqual([
      'browser:a9:2025-02-01',
      'browser:a9:2025-02-02',
      'customer:c9:2025-02-01',
    ])
  })

  it('count a review once, however late it is sent again', () => {
    const review = rowOf('review_submitted', 0, { product_id: 'p1', review_id: 'r1', rating: 2 })
    expect(dumpOf([review, review], 1).products!.p1).toMatchObject({
      rating_count: 1,
      rating_mean: 2,
    })
  })
})
