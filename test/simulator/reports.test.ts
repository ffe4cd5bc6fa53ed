import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseMoney } from '../../src/schema/money.ts'
import { DAY_MS } from '../../src/simulator/calendar.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import { type DayTruth, netSalesOf, type Truth } from '../../src/simulator/truth.ts'
import { NOON, openDoor, rowsOf } from '../door-fixture.ts'
import { type Event, openTestLake, type Row, type TestLake } from '../reports/lake.ts'

const PERIOD = { from: '2024-12-01', to: '2025-02-01' }

let lake: TestLake
let truth: Truth

/** Two months of a shop with faults, through the door, as the lake would hold them. */
beforeAll(async () => {
  lake = await openTestLake()
  const { door, stream } = openDoor()
  const simulation = simulate({
    seed: 77,
    from: NOON - 60 * DAY_MS,
    to: NOON - 3_600_000,
    sessions_per_day: 150,
    faults: { duplicate: 0.01, late: 0.02, invalid: 0.01, unknown_field: 0.01, clock_skew: 0.03 },
  })
  const pending = { browser: [] as unknown[], server: [] as unknown[] }
  for (const { source, event } of simulation) pending[source].push(event)
  for (const kind of ['browser', 'server'] as const) {
    for (let at = 0; at < pending[kind].length; at += 2000) {
      await door.collectValues(pending[kind].slice(at, at + 2000), {
        source: { name: kind, kind },
        received_at: NOON,
        request_id: `${kind}-${at}`,
      })
    }
  }
  const rows = rowsOf(stream.records)
  await lake.add(rows.map(({ type, row }) => ({ ...row, event_type: type }) as Event))
  truth = simulation.truth()
}, 60_000)

afterAll(() => lake.close())

/** A decimal of the report in ten-thousandths. */
function units(value: unknown): number {
  return Number(parseMoney(String(value).replace(/(\.\d{4})0+$/, '$1')))
}

function moneyOf(row: Row) {
  return {
    gross_sales: units(row.gross_sales),
    discounts: units(row.discounts),
    sales_reversals: units(row.sales_reversals),
    net_sales: units(row.net_sales),
  }
}

function truthMoney(day: DayTruth) {
  const { gross_sales, discounts, sales_reversals } = day
  return { gross_sales, discounts, sales_reversals, net_sales: netSalesOf(day) }
}

describe('reports over a simulated shop say what really happened', () => {
  it('in the sales overview', async () => {
    const [row] = await lake.report('sales_overview', PERIOD)
    const { totals } = truth
    expect(totals.orders).toBeGreaterThan(150)
    expect(moneyOf(row!)).toEqual(truthMoney(totals))
    expect(units(row!.shipping)).toBe(totals.shipping)
    expect(units(row!.taxes)).toBe(totals.taxes)
    expect(Number(row!.orders)).toBe(totals.orders)
    expect(Number(row!.units)).toBe(totals.units)
    expect(Number(row!.customers)).toBe(truth.customers)
    expect(Number(row!.sessions)).toBe(totals.sessions)
    expect(row!.conversion_rate).toBeCloseTo(totals.converted_sessions / totals.sessions, 12)
  })

  it('day by day', async () => {
    const rows = await lake.report('sales_by_day', PERIOD)
    const told = rows.map((row) => [row.day, Number(row.orders), moneyOf(row)])
    const happened = Object.entries(truth.days)
      .filter(([, day]) => day.orders > 0 || day.sales_reversals > 0)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([date, day]) => [date, day.orders, truthMoney(day)])
    expect(told.filter(([, orders, money]) => orders !== 0 || moneyMoved(money))).toEqual(happened)
  })

  it('in the funnel', async () => {
    const rows = await lake.report('purchase_funnel', PERIOD)
    expect(rows.map((row) => Number(row.sessions))).toEqual(Object.values(truth.purchase_funnel))
  })

  it('about customers who come back', async () => {
    const [row] = await lake.report('repeat_rate')
    expect(Number(row!.customers)).toBe(truth.customers)
    expect(Number(row!.repeat_customers)).toBe(truth.repeat_customers)
  })

  it('about searches, reviews and stock', async () => {
    const searches = await lake.report('search_terms', { ...PERIOD, limit: 5000 })
    const sumOf = (rows: readonly Row[], column: string) =>
      rows.reduce((sum, row) => sum + Number(row[column]), 0)
    expect(sumOf(searches, 'searches')).toBe(truth.totals.searches)
    expect(sumOf(searches, 'no_result_searches')).toBe(truth.totals.no_result_searches)

    const ratings = await lake.report('ratings', { ...PERIOD, limit: 5000 })
    const rated = Object.entries(truth.products).filter(([, product]) => product.reviews > 0)
    expect(Object.fromEntries(ratings.map((row) => [row.product_id, Number(row.reviews)]))).toEqual(
      Object.fromEntries(rated.map(([id, product]) => [id, product.reviews])),
    )

    const stock = await lake.query('SELECT product_id, on_hand FROM stock')
    expect(Object.fromEntries(stock.map((row) => [row.product_id, Number(row.on_hand)]))).toEqual(
      Object.fromEntries(Object.entries(truth.products).map(([id, { on_hand }]) => [id, on_hand])),
    )
  })

  it('product by product', async () => {
    const rows = await lake.report('top_products', { ...PERIOD, limit: 1000 })
    const told = rows.map((row) => [row.product_id, Number(row.units), units(row.gross_sales)])
    const happened = Object.entries(truth.products)
      .filter(([, product]) => product.units > 0)
      .map(([id, product]) => [id, product.units, product.gross_sales])
    expect(new Map(told.map(([id, ...rest]) => [id, rest]))).toEqual(
      new Map(happened.map(([id, ...rest]) => [id, rest])),
    )
  })
})

function moneyMoved(money: unknown): boolean {
  return Object.values(money as { [name: string]: number }).some((value) => value !== 0)
}
