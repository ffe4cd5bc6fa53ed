import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Figure } from '../../src/main/figure.ts'
import { reportFigures } from '../../src/main/verify-reports.ts'
import { DAY_MS } from '../../src/simulator/calendar.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import type { Truth } from '../../src/simulator/truth.ts'
import { NOON, openDoor, rowsOf } from '../door-fixture.ts'
import { type Event, openTestLake, type TestLake } from '../reports/lake.ts'

const PERIOD = { from: '2024-12-01', to: '2025-02-01' }

let lake: TestLake
let truth: Truth
let figures: readonly Figure[]

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
  figures = await reportFigures(truth, PERIOD, lake.report)
}, 60_000)

afterAll(() => lake.close())

describe('reports over a simulated shop', () => {
  it('say what really happened, figure by figure', () => {
    expect(figures.filter((figure) => !figure.equal)).toEqual([])
  })

  it('are compared where there is something to compare', () => {
    expect(truth.totals.orders).toBeGreaterThan(150)
    const groups = new Map<string, number>()
    for (const { group, truth: told } of figures) {
      groups.set(group, (groups.get(group) ?? 0) + (Number(told) > 0 ? 1 : 0))
    }
    const least = {
      sales_overview: 11,
      sales_by_day: 150,
      sales_by_month: 12,
      purchase_funnel: 5,
      sessions_by_day: 60,
      repeat_rate: 2,
      search_terms: 2,
      top_products: 200,
      ratings: 40,
      stock_cover: 150,
      data_quality: 20,
    }
    for (const [group, count] of Object.entries(least)) {
      expect(groups.get(group), group).toBeGreaterThanOrEqual(count)
    }
  })

  it('differ where the lake misses one order', async () => {
    const [first] = await lake.query('SELECT MIN(order_id) AS id FROM order_created')
    await lake.query(`DELETE FROM order_created WHERE order_id = '${first!.id}'`)
    const unequal = (await reportFigures(truth, PERIOD, lake.report)).filter((one) => !one.equal)
    const groups = new Set(unequal.map((figure) => figure.group))
    expect([...groups]).toEqual(
      expect.arrayContaining(['sales_overview', 'sales_by_day', 'top_products', 'data_quality']),
    )
  })
})
