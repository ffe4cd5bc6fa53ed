import { describe, expect, it } from 'vitest'
import { compileReport } from '../../src/reports/compile.ts'
import { expand } from '../../src/reports/expand.ts'
import { type ReportColumn, UNITS } from '../../src/reports/header.ts'
import { METRICS } from '../../src/reports/metrics.ts'
import { eventsColumns, parseModels } from '../../src/reports/model.ts'
import { compileModels } from '../../src/reports/models.ts'
import { tokenize } from '../../src/reports/tokens.ts'
import { EVENT_TYPES } from '../../src/schema/registry.ts'
import { allModels, allReports, NOW, openTestLake } from './lake.ts'

const reports = [...allReports().values()]
const models = allModels()
const CLOCK = { today: '2025-02-01', now: NOW }

/** DuckDB types that a unit may have. */
const TYPES: { readonly [kind: string]: RegExp } = {
  decimal: /^DECIMAL\(38,4\)$/,
  whole: /^(BIGINT|INTEGER)$/,
  number: /^(BIGINT|INTEGER|DOUBLE)$/,
  double: /^DOUBLE$/,
  text: /^VARCHAR$/,
  date: /^DATE$/,
  timestamp: /^TIMESTAMP$/,
  boolean: /^BOOLEAN$/,
}

function fits(column: ReportColumn, found: { name: unknown; type: unknown }): boolean {
  return found.name === column.name && TYPES[UNITS[column.unit]]!.test(String(found.type))
}

describe('reports', () => {
  it('give the columns that their headers promise, in name, order and type', async () => {
    const lake = await openTestLake()
    const problems: string[] = []
    for (const report of reports) {
      const { sql, params } = compileReport(report, {}, { dialect: 'duckdb', ...CLOCK })
      const found = await lake.query(
        `SELECT column_name AS name, column_type AS type FROM (DESCRIBE (${sql}))`,
        [...params],
      )
      if (found.length !== report.columns.length)
        problems.push(`${report.name}: ${found.length} columns`)
      report.columns.forEach((column, index) => {
        const actual = found[index] as { name: unknown; type: unknown } | undefined
        if (!actual || !fits(column, actual)) {
          problems.push(
            `${report.name}: ${column.name} ${column.unit} is ${actual?.name} ${actual?.type}`,
          )
        }
      })
    }
    lake.close()
    expect(problems).toEqual([])
  })

  it('name the models and metrics that they use', () => {
    const known = new Set([...models.map((model) => model.name), 'events', ...EVENT_TYPES])
    for (const report of reports) {
      for (const model of report.models)
        expect(known, `${report.name} names ${model}`).toContain(model)
      const sql = report.sql.replace(/:\w+/g, '1').replace(/between_dates\([^)]*\)/g, 'TRUE')
      const [read] = parseModels({ [report.name]: `-- x\n${sql}` })
      const used = read!.reads.filter((name) => models.some((model) => model.name === name))
      for (const name of used) expect(report.models, `${report.name} reads ${name}`).toContain(name)
      for (const column of report.columns) {
        if (column.metric)
          expect(report.metrics, `${report.name}.${column.name}`).toContain(column.metric)
      }
    }
  })

  it('use every metric that is defined', () => {
    const used = new Set(reports.flatMap((report) => report.metrics))
    expect(Object.keys(METRICS).filter((name) => !used.has(name))).toEqual([])
  })

  it('divide money exactly, and round what lies in the middle away from zero', async () => {
    const lake = await openTestLake()
    const pairs = [
      '6612.73, 8',
      '-6612.73, 8',
      '2, 3',
      '0.0001, 2',
      '99999999999999999999999.9999, 1',
      '5, 0',
      'NULL, 1',
      '5, NULL',
    ]
    const { sql } = expand(
      tokenize('SELECT money_ratio(a, b) AS value FROM pairs'),
      'duckdb',
      new Set(),
    )
    const values = `(VALUES (${pairs.join('), (')})) AS p (a, b)`
    const rows = await lake.query(
      `WITH pairs AS (SELECT CAST(a AS DECIMAL(38, 4)) AS a, b FROM ${values}) ${sql}`,
    )
    lake.close()
    expect(rows.map(({ value }) => value)).toEqual([
      ...['826.5913', '-826.5913', '0.6667', '0.0001'],
      ...['99999999999999999999999.9999', null, null, null],
    ])
  })

  it('compile for Trino without anything of DuckDB alone', () => {
    const texts = [
      ...compileModels(models, 'trino').map((view) => view.sql),
      ...reports.map((report) => compileReport(report, {}, { dialect: 'trino', ...CLOCK }).sql),
    ]
    const ofDuckdb =
      /\$\d|STRFTIME|QUANTILE_DISC|JSON_EXTRACT_STRING|ISODOW|GENERATE_SERIES|TO_DAYS|LATERAL|[\uE000\uE001]/
    for (const text of texts) expect(text.match(ofDuckdb)).toBeNull()
  })

  it('have as many values as placeholders on Trino', () => {
    for (const report of reports) {
      const { sql, params } = compileReport(report, {}, { dialect: 'trino', ...CLOCK })
      const code = sql.replaceAll(/'[^']*'/g, '')
      expect(code.match(/\?/g)?.length ?? 0, report.name).toBe(params.length)
    }
  })
})

describe('models', () => {
  it('are made after what they read', () => {
    const done = new Set<string>(EVENT_TYPES)
    for (const view of compileModels(models, 'duckdb')) {
      const model = models.find((one) => one.name === view.name)
      for (const name of model?.reads ?? []) {
        if (models.some((one) => one.name === name))
          expect(done, `${view.name} reads ${name}`).toContain(name)
      }
      done.add(view.name)
    }
    expect(done.size).toBe(EVENT_TYPES.length + models.length + 1)
  })

  it('refuse circles', () => {
    const circle = parseModels({ a: '-- a\nSELECT 1 FROM b', b: '-- b\nSELECT 1 FROM a' })
    expect(() => compileModels(circle, 'duckdb')).toThrow('in a circle')
  })

  it('share queries: a table macro is written out over the table that a model names', () => {
    const twice = '-- A row.\n-- takes: some\nSELECT s.order_id FROM some AS s'
    const [model, ...others] = parseModels({
      twice,
      a: '-- a\n-- days: order_created 0..0\nSELECT * FROM twice(order_created) AS t',
    })
    expect(others).toEqual([])
    expect(model).toMatchObject({ name: 'a', tables: ['order_created'] })
    expect(model!.sql).toBe('SELECT * FROM (SELECT s.order_id FROM order_created AS s) AS t')
    const wrong = { twice, a: '-- a\nSELECT *\nFROM twice(a, b) AS t' }
    expect(() => parseModels(wrong)).toThrow('models/a.sql:3: twice takes the name of one table')
    const idle = { twice: '-- A row.\n-- takes: some\nSELECT 1 AS x FROM other' }
    expect(() => parseModels(idle)).toThrow('it does not read "some"')
  })

  it('have all events in one table', async () => {
    const lake = await openTestLake()
    await lake.add([
      { event_type: 'page_view', occurred_at: '2025-01-01T00:00:00Z' },
      { event_type: 'product_view', occurred_at: '2025-01-01T00:00:00Z', product_id: 'A' },
    ])
    const rows = await lake.query('SELECT event_type, product_id FROM events ORDER BY event_type')
    const columns = await lake.query('SELECT column_name FROM (DESCRIBE events)')
    lake.close()
    expect(rows).toEqual([
      { event_type: 'page_view', product_id: null },
      { event_type: 'product_view', product_id: 'A' },
    ])
    expect(columns.map((row) => row.column_name)).toEqual(eventsColumns())
  })
})
