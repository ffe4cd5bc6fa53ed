import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundTables, withTables } from '../../src/reports/bounds.ts'
import { EVER, SAME_DAYS } from '../../src/reports/reach.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { allModels, allReports, type Event, openTestLake, type TestLake } from './lake.ts'

const FIRST = Date.parse('2025-01-05T00:00:00Z')
const MINUTE_MS = 60_000
const DAYS = 16
const RANGES = [
  { from: '2025-01-12', to: '2025-01-12' },
  { from: '2025-01-10', to: '2025-01-31' },
]

let lake: TestLake

beforeAll(async () => {
  lake = await openTestLake()
  await lake.add(restlessShop())
}, 60_000)

afterAll(() => lake.close())

describe('a report that reads no more days than it must', () => {
  it.each([...allReports().keys()])(
    '%s says what it says over all of the history',
    async (name) => {
      const dated = allReports()
        .get(name)!
        .parameters.some((parameter) => parameter.name === 'from')
      let rows = 0
      for (const range of dated ? RANGES : [{}]) {
        const whole = await lake.report(name, range, { whole: true })
        expect(await lake.report(name, range), JSON.stringify(range)).toEqual(whole)
        rows += whole.length
      }
      expect(rows, 'rows').toBeGreaterThan(0)
    },
  )
})

describe('a model bounded by days', () => {
  const models = allModels()
  /** Rows of these also depend on other days of the same order, which only order_facts knows. */
  const bounded = models.filter(
    (model) => model.days && !['payments', 'refunds'].includes(model.name),
  )

  it.each(bounded.map((model) => model.name))('%s has the rows of its view', async (name) => {
    for (const days of RANGES) {
      const tables = boundTables(new Map([[name, SAME_DAYS]]), [name], [days], {
        dialect: 'duckdb',
        models,
      })
      const query = `SELECT CAST(t AS VARCHAR) AS t FROM ${name} AS t`
      const cut = `${query} WHERE dt BETWEEN DATE '${days.from}' AND DATE '${days.to}' ORDER BY 1`
      const whole = await lake.query(cut)
      expect(await lake.query(withTables(tables, `${query} ORDER BY 1`))).toEqual(whole)
      if (days === RANGES[1]) expect(whole.length).toBeGreaterThan(0)
    }
  })

  it('is evaluated once where it is read twice', () => {
    const uses = ['sessions', 'order_sessions']
    const wanted = new Map(uses.map((name) => [name, SAME_DAYS]))
    const tables = boundTables(wanted, uses, [RANGES[0]!], { dialect: 'duckdb', models })
    const of = (name: string) => tables.find((table) => table.name === name)?.sql
    expect(of('order_sessions')).toMatch(/^order_sessions AS MATERIALIZED \(/)
    expect(of('sessions')).toMatch(/^sessions AS NOT MATERIALIZED \(/)
    expect(of('page_view')).toContain("dt BETWEEN DATE '2025-01-08' AND DATE '2025-01-15'")
    expect(of('custom_event')).toBeDefined()
    expect(of('inventory_updated')).toBeUndefined()
  })

  it('reads event types through their views where all of the history is wanted', () => {
    const tables = boundTables(new Map([['stock', EVER]]), ['stock'], [RANGES[0]!], {
      dialect: 'trino',
      models,
    })
    expect(tables.map((table) => table.name)).toEqual(['stock_movements', 'stock'])
  })
})

/** Few visitors who do much, at all hours: sessions over midnight, for days, come back; the same for carts and orders. */
function restlessShop(): Event[] {
  const random = createRandom(11, 1)
  const events: Event[] = []
  const one = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!
  const at = (minutes: number) => new Date(FIRST + minutes * MINUTE_MS).toISOString()
  const types = [
    ...['page_view', 'product_view', 'product_view', 'product_click', 'search', 'add_to_cart'],
    ...['add_to_cart', 'remove_from_cart', 'checkout_started'],
  ] as const
  const someone = () => ({
    ...(random.next() < 0.6 ? { session_id: `s${Math.floor(random.next() * 40)}` } : {}),
    ...(random.next() < 0.9 ? { anonymous_id: `a${Math.floor(random.next() * 12)}` } : {}),
    ...(random.next() < 0.4 ? { customer_id: `c${Math.floor(random.next() * 8)}` } : {}),
  })
  for (let visit = 0; visit < 250; visit++) {
    const who = someone()
    const step = one([0, 1, 5, 29, 31, 700])
    let minutes = Math.floor(random.next() * DAYS * 1440)
    for (let act = Math.floor(random.next() * 9); act >= 0; act--) {
      const type = one(types) as Event['event_type']
      events.push({ event_type: type, occurred_at: at(minutes), ...who, ...detailsOf(type, one) })
      minutes += step
    }
  }
  // Without a gap of half an hour for three days.
  for (let minutes = 3000; minutes < 3000 + 3 * 1440; minutes += 25) {
    events.push({ event_type: 'page_view', occurred_at: at(minutes), anonymous_id: 'a99' })
  }
  for (let number = 0; number < 120; number++) {
    const minutes = Math.floor(random.next() * DAYS * 1440)
    events.push(...orderEvents(`o${number}`, minutes, at, someone(), one))
  }
  for (let number = 0; number < 20; number++) {
    const minutes = Math.floor(random.next() * DAYS * 1440)
    events.push({
      event_type: 'customer_identified',
      occurred_at: at(minutes),
      customer_id: one(['c1', 'c2', 'c3']),
      anonymous_id: one(['a1', 'a2', 'a3']),
    })
    events.push({
      event_type: 'review_submitted',
      occurred_at: at(minutes),
      ...{ review_id: `r${number % 12}`, product_id: one(['A', 'B']), rating: one([1, 3, 5]) },
    })
    events.push({
      event_type: 'inventory_updated',
      occurred_at: at(minutes),
      ...{ product_id: one(['A', 'B']), delta: one([-2, 5]), reason: 'count' },
    })
  }
  return events
}

function detailsOf(type: string, one: <T>(values: readonly T[]) => T): object {
  if (type === 'search')
    return { search_term: one(['lamp', ' Lamp', 'desk']), results: one([0, 3]) }
  if (type === 'page_view') {
    return one([
      {},
      { extra: { theme: 'dark' } },
      { utm_campaign: 'spring', utm_source: 'news', utm_medium: 'email' },
    ])
  }
  const product = { product_id: one(['A', 'B', 'C']) }
  if (!type.endsWith('_cart')) return { ...product, ...one([{}, { channel: 'email' }]) }
  const cart = one([{}, { cart_id: 'k1' }, { cart_id: 'k2' }])
  return { ...product, ...cart, quantity: one([1, 2]), price: '4.5000', currency: 'USD' }
}

/** An order as its sources tell it within two days, and what becomes of it in the weeks after. */
function orderEvents(
  order_id: string,
  minutes: number,
  at: (minutes: number) => string,
  who: object,
  one: <T>(values: readonly T[]) => T,
): Event[] {
  const items = ['A', 'B', 'C']
    .slice(one([0, 1]), one([2, 3]))
    .map((product_id) => ({ product_id, quantity: one([1, 3]), price: '10.0000' }))
  const placed = { order_id, items, currency: 'USD', ...who }
  const events: Event[] = [
    { event_type: 'order_created', occurred_at: at(minutes), total_amount: '10.0000', ...placed },
  ]
  if (one([true, false])) {
    events.push({
      event_type: 'order_created',
      occurred_at: at(minutes + one([-900, -3, 2, 1500])),
      ...{ total_amount: '30.0000', ...placed, source_kind: one(['browser', 'webhook']) },
    })
  }
  const later: readonly [Event['event_type'], object][] = [
    ['order_paid', { amount: '10.0000', payment_id: one(['p1', 'p2']) }],
    ['order_paid', { amount: '10.0000' }],
    ['order_shipped', {}],
    ['order_delivered', {}],
    ['order_cancelled', {}],
    ['order_refunded', { amount: '5.0000', refund_id: 'r1', reason: 'broken' }],
    ['order_refunded', { amount: '2.0000', source_kind: 'webhook' }],
  ]
  for (const [event_type, details] of later) {
    if (one([true, false, false])) continue
    const after = one([-30, 10, 3000, 11_000])
    events.push({
      event_type,
      occurred_at: at(minutes + after),
      order_id,
      currency: 'USD',
      ...details,
    })
  }
  return events
}
