import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { athenaNames } from '../../src/derive/athena.ts'
import { boundTables, withTables } from '../../src/reports/bounds.ts'
import { EVER, SAME_DAYS } from '../../src/reports/reach.ts'
import { allModels, allReports, openTestLake, type TestLake } from './lake.ts'
import { restlessShop } from './restless.ts'

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

  it('is read for chosen keys where nothing else wants the rest', () => {
    const wanted = new Map([
      ['placed_orders', EVER],
      ['order_facts', EVER],
    ])
    const tables = boundTables(wanted, [...wanted.keys()], [RANGES[0]!], {
      ...{ dialect: 'duckdb', models, kept: true },
      chosen: new Map([['order_facts', 'chosen']]),
    })
    const later = tables.filter((table) => table.of)
    expect(later.map((table) => table.name)).toContain('payments')
    expect(later.find((table) => table.name === 'order_paid')!.sql).toContain(
      'order_id IN (SELECT order_id FROM chosen)',
    )
    expect(later.map((table) => table.name)).not.toContain('day_orders')
  })

  it('reads event types through their views where all of the history is wanted', () => {
    const tables = boundTables(new Map([['stock', EVER]]), ['stock'], [RANGES[0]!], {
      dialect: 'duckdb',
      models,
    })
    expect(tables.map((table) => table.name)).toEqual(['stock_movements', 'stock'])
  })

  it('reads what is compacted on Trino, also where all of the history is wanted', () => {
    const tables = boundTables(new Map([['stock', EVER]]), ['stock'], [RANGES[0]!], {
      dialect: 'trino',
      models,
    })
    expect(tables.map((table) => table.name)).toEqual([
      'inventory_updated',
      'stock_movements',
      'stock',
    ])
    expect(tables[0]!.sql).toContain(athenaNames('inventory_updated').compacted)
  })
})
