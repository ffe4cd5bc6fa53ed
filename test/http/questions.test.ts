import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { createTableSql } from '../../src/derive/duckdb.ts'
import { TABLES } from '../../src/derive/table.ts'
import { type Duckdb, openDuckdb } from '../../src/local/duckdb.ts'
import { createDuckdbSql } from '../../src/local/duckdb-sql.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { compileModels } from '../../src/reports/models.ts'
import { EVENT_TYPES } from '../../src/schema/registry.ts'
import { allModels, allReports } from '../reports/lake.ts'
import { type Composed, compose, postJson } from './compose.ts'

const SALES = [
  ['ord_1', '2025-01-10', '59.98'],
  ['ord_2', '2025-01-11', '99999999999999.0001'],
  ['ord_3', '2025-01-04', '10'],
] as const

/** Ends never, as far as a test can tell. */
const ENDLESS = 'select count(*) from range(1000000000000000) t(i) where hash(i) = 7'

interface SqlPage {
  readonly query_id: string
  readonly status: string
  readonly columns: { readonly name: string; readonly type: string }[]
  readonly rows: unknown[][]
  readonly next_cursor: string | null
}

async function openLake(): Promise<{ database: Duckdb; directory: string }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'shoplake-questions-'))
  const database = await openDuckdb({
    lakeDirectory: path.join(directory, 'lake'),
    tempDirectory: path.join(directory, 'tmp'),
    memory_mb: 512,
    threads: 2,
  })
  const connection = await database.connect()
  for (const type of EVENT_TYPES) {
    await connection.run(createTableSql(type, TABLES[type]))
    await connection.run(`ALTER TABLE ${type} ADD COLUMN dt DATE`)
  }
  for (const view of compileModels(allModels(), 'duckdb')) {
    await connection.run(`CREATE VIEW ${view.name} AS ${view.sql}`)
  }
  for (const [order, day, amount] of SALES) {
    await connection.run(
      `insert into order_created by name select '${order}' as event_id, '${order}' as order_id, 'cust' as customer_id,
       timestamp '${day} 10:00:00' as occurred_at, timestamp '${day} 10:00:00' as received_at, date '${day}' as dt,
       date '${day}' as local_date, 10 as local_hour, 'shop' as source, 'server' as source_kind, false as bot,
       ${amount}::decimal(18,4) as total_amount, 'USD' as currency, ${amount}::decimal(18,4) as shop_value`,
    )
  }
  connection.closeSync()
  return { database, directory }
}

describe('questions', () => {
  let lake: { database: Duckdb; directory: string }
  let shop: Composed
  beforeAll(async () => {
    lake = await openLake()
    const result = resolveConfig({ flags: { sql_queue: 1 } })
    if ('problems' in result) throw new Error(result.problems.join())
    const sql = createDuckdbSql({
      // Other tests share this process and its memory.
      process_max_bytes: Number.POSITIVE_INFINITY,
      database: lake.database,
      lease: () => () => {},
      config: result.resolved.config,
      metrics: NO_METRICS,
      now: Date.now,
    })
    shop = await compose({ sql, reports: [...allReports().values()] })
  })
  afterAll(async () => {
    await shop.close()
    await lake.database.close()
    rmSync(lake.directory, { recursive: true })
  })

  const ask = (body: object, headers: { [name: string]: string } = {}) =>
    shop.request('/v1/sql', postJson(body, headers))

  describe('SQL', () => {
    it('answers a quick question at once, decimals exact', async () => {
      const response = await ask({
        sql: 'select order_id, total_amount from order_created where total_amount > $1 order by 1',
        params: [50],
      })
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({
        status: 'done',
        columns: [{ name: 'order_id' }, { name: 'total_amount' }],
        rows: [
          ['ord_1', '59.9800'],
          ['ord_2', '99999999999999.0001'],
        ],
        next_cursor: null,
      })
    })

    it('answers CSV when asked', async () => {
      const response = await ask(
        { sql: "select 'a,b' as x, '=1+1' as y union all select null, 'é' order by 1" },
        { accept: 'text/csv' },
      )
      expect(response.headers.get('content-type')).toMatch(/^text\/csv/)
      expect(response.headers.get('content-disposition')).toMatch(
        /^attachment; filename="q_\w+\.csv"$/,
      )
      expect((await response.text()).split('\r\n')).toEqual(
        expect.arrayContaining(['x,y', `"a,b",'=1+1`, ',é']),
      )
    })

    it('gives a large result in pages that join to the whole', async () => {
      const first = (await (
        await ask({ sql: 'select i from range(25000) t(i)' })
      ).json()) as SqlPage
      const rows = [...first.rows]
      let cursor = first.next_cursor
      while (cursor !== null) {
        const next = await shop.request(`/v1/sql/${first.query_id}?cursor=${cursor}`)
        const page = (await next.json()) as SqlPage
        rows.push(...page.rows)
        cursor = page.next_cursor
      }
      expect(new Set(rows.map(([value]) => value)).size).toBe(25_000)
    })

    it.each([
      ["copy (select 1) to 'x.parquet'", 'sql_refused'],
      ["select * from read_csv('/etc/passwd')", 'sql_refused'],
      ['select 1; select 2', 'sql_refused'],
      ['explain analyze select 1', 'sql_refused'],
      ['select * from nowhere', 'sql_failed'],
      ['select', 'sql_failed'],
    ])('%s → 422 %s', async (sql, code) => {
      const response = await ask({ sql })
      const problem = (await response.json()) as { status: number; code: string }
      expect(problem.status).toBe(422)
      expect([code, 'sql_refused']).toContain(problem.code)
    })

    it.each([
      {},
      { sql: 1 },
      { sql: ' ' },
      { sql: 'x'.repeat(100_001) },
      { sql: 'select 1', params: {} },
    ])('refuses %j', async (body) => {
      expect(await (await ask(body)).json()).toMatchObject({ status: 400, code: 'bad_request' })
    })

    it('answers 202 for a slow one, 429 when all slots are taken, and DELETE frees them', async () => {
      const slow = await Promise.all([1, 2, 3].map(() => ask({ sql: ENDLESS })))
      expect(slow.map((response) => response.status)).toEqual([202, 202, 202])
      const busy = await ask({ sql: 'select 1' })
      expect(busy.status).toBe(429)
      expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await busy.json()).toMatchObject({ code: 'sql_busy' })
      const ids = await Promise.all(
        slow.map(async (response) => ((await response.json()) as SqlPage).query_id),
      )
      for (const id of ids) {
        expect((await shop.request(`/v1/sql/${id}`, { method: 'DELETE' })).status).toBe(204)
        expect((await shop.request(`/v1/sql/${id}`)).status).toBe(404)
      }
      expect((await ask({ sql: 'select 1' })).status).toBe(200)
    })

    it('lists the tables with what their columns mean', async () => {
      const { tables } = (await (await shop.request('/v1/tables')).json()) as {
        tables: { name: string; columns: { name: string; type: string; description?: string }[] }[]
      }
      const names = tables.map((table) => table.name)
      for (const type of EVENT_TYPES) expect(names).toContain(type)
      expect(names).toContain('orders')
      const order = tables.find((table) => table.name === 'order_created')
      expect(order?.columns.find((column) => column.name === 'total_amount')).toEqual({
        name: 'total_amount',
        type: 'DECIMAL(18,4)',
        description: 'What the customer is to pay.',
      })
    })
  })

  describe('reports', () => {
    it('are listed with what a form and a chart need', async () => {
      const { reports } = (await (await shop.request('/v1/reports')).json()) as {
        reports: { name: string; parameters: object[]; columns: object[]; chart: object }[]
      }
      expect(reports.length).toBe(allReports().size)
      const overview = reports.find((report) => report.name === 'sales_overview')
      expect(overview?.parameters.slice(0, 2)).toMatchObject([{ name: 'from' }, { name: 'to' }])
      expect(JSON.stringify(reports)).not.toContain('SELECT')
    })

    it('run with parameters and compare with the stretch before', async () => {
      const response = await shop.request(
        '/v1/reports/sales_by_day?from=2025-01-08&to=2025-01-14&compare=previous',
      )
      expect(response.status).toBe(200)
      const answer = (await response.json()) as {
        values: object
        columns: { name: string; unit: string; type: string }[]
        rows: unknown[][]
        sql: string
        before: { values: object; rows: unknown[][] }
      }
      expect(answer.values).toMatchObject({ from: '2025-01-08', to: '2025-01-14' })
      expect(answer.before.values).toMatchObject({ from: '2025-01-01', to: '2025-01-07' })
      expect(answer.sql).toContain('SELECT')
      const at = answer.columns.findIndex((column) => column.name === 'orders')
      expect(answer.columns[at]).toMatchObject({ unit: 'count' })
      const orders = (rows: unknown[][]) => rows.reduce((sum, row) => sum + Number(row[at]), 0)
      expect(orders(answer.rows)).toBe(2)
      expect(orders(answer.before.rows)).toBe(1)
    })

    it('come as CSV', async () => {
      const response = await shop.request(
        '/v1/reports/sales_by_day?from=2025-01-08&to=2025-01-14',
        {
          headers: { accept: 'text/csv' },
        },
      )
      expect(response.headers.get('content-disposition')).toContain('sales_by_day.csv')
      expect((await response.text()).split('\r\n').length).toBeGreaterThan(2)
    })

    it('every one of them answers', async () => {
      for (const name of allReports().keys()) {
        const response = await shop.request(`/v1/reports/${name}`)
        expect([name, response.status]).toEqual([name, 200])
      }
    })

    it.each([
      ['sales_by_day?from=yesterday', 400],
      ['sales_by_day?colour=red', 400],
      ['sales_by_day?compare=never', 400],
      ['nothing', 404],
    ])('refuses %s', async (target, status) => {
      expect((await shop.request(`/v1/reports/${target}`)).status).toBe(status)
    })
  })
})

describe('while the lake process is away', () => {
  it('SQL and reports answer 503 with Retry-After', async () => {
    const shop = await compose({ reports: [...allReports().values()] })
    try {
      const answers = [
        await shop.request('/v1/sql', postJson({ sql: 'select 1' })),
        await shop.request('/v1/reports/sales_overview'),
        await shop.request('/v1/tables'),
      ]
      for (const answer of answers) {
        expect(answer.status).toBe(503)
        expect(answer.headers.get('retry-after')).toBe('5')
        expect(await answer.json()).toMatchObject({ code: 'sql_unavailable' })
      }
    } finally {
      await shop.close()
    }
  })
})
