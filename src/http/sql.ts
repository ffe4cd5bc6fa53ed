import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { ResultValue } from '../ports.ts'
import { isEventType } from '../schema/registry.ts'
import { type Inflight, readJsonObject } from './body.ts'
import { type Answer, type Call, type Handler, jsonAnswer, textParam } from './call.ts'
import { csvAnswer, wantsCsv } from './csv-answer.ts'
import type { AppDeps } from './deps.ts'
import { freshTo } from './fresh.ts'
import { createSqlQueries, type SqlQueries } from './sql-queries.ts'

type SqlRoute = 'runSql' | 'getSql' | 'cancelSql' | 'listTables'

/** How long POST and GET wait for the end before they answer 202. */
const PATIENCE_MS = 2000
const PAGE_ROWS = 10_000
const LONGEST_SQL = 100_000
const MOST_PARAMS = 1000

/** SQL over HTTP: begin, fetch, cancel. */
export function sqlHandlers(deps: AppDeps, inflight: Inflight): { [N in SqlRoute]: Handler } {
  const limits = { timeout_ms: deps.config.sql_timeout_ms, max_rows: deps.config.sql_max_rows }
  const queries = createSqlQueries({
    engine: deps.sql,
    limits,
    now: deps.now,
    freshTo: () => freshTo(deps),
  })
  deps.shutdown.addEventListener('abort', () => {
    queries.close().catch((error) => deps.log.error({ err: error }, 'queries did not end'))
  })
  return {
    async runSql(call) {
      const { sql, params } = questionOf(await readJsonObject(call, inflight))
      const { query_id } = await queries.start(sql, params, limits)
      const { status } = await queries.wait(query_id, PATIENCE_MS)
      // Nobody has been told the id: without its client the query would hold a slot for nothing.
      if (status === 'running' && call.signal().aborted) await queries.cancel(query_id)
      return pageAnswer(call, queries, query_id)
    },
    async getSql(call) {
      const id = call.param('id')
      await queries.wait(id, PATIENCE_MS)
      return pageAnswer(call, queries, id)
    },
    async cancelSql(call) {
      await queries.cancel(call.param('id'))
      return { status: 204, headers: {}, body: null }
    },
    listTables: async (call) => jsonAnswer(200, { tables: await tablesOf(deps, call) }),
  }
}

function questionOf(body: { readonly [name: string]: unknown }): {
  sql: string
  params: ResultValue[]
} {
  const { sql, params = [] } = body
  if (typeof sql !== 'string' || sql.trim() === '' || sql.length > LONGEST_SQL) {
    throw new ShoplakeError('bad_request', `sql must be a text of 1 to ${LONGEST_SQL} characters`)
  }
  const isPlain = (value: unknown) => value === null || typeof value !== 'object'
  if (!Array.isArray(params) || params.length > MOST_PARAMS || !params.every(isPlain)) {
    throw new ShoplakeError(
      'bad_request',
      'params must be a list of texts, numbers, booleans, nulls',
    )
  }
  return { sql, params }
}

function pageAnswer(call: Call, queries: SqlQueries, id: string): Answer {
  const page = queries.page(id, textParam(call, 'cursor'), PAGE_ROWS)
  if (page.status === 'running') return jsonAnswer(202, { query_id: id, status: 'running' })
  const result = wantsCsv(call) ? queries.result(id) : undefined
  if (result) return csvAnswer(result, `${id}.csv`)
  return jsonAnswer(200, { ...page, scanned_bytes: page.scanned_bytes ?? null })
}

interface TableOut {
  readonly name: string
  readonly columns: {
    readonly name: string
    readonly type: string
    readonly description?: string
  }[]
}

const CATALOGUE =
  'select table_name, column_name, data_type from information_schema.columns where table_schema = current_schema order by table_name, ordinal_position'

/** What SQL can ask right now, from the engine's own catalogue; event columns with what they mean. */
async function tablesOf(deps: AppDeps, call: Call): Promise<TableOut[]> {
  const limits = { timeout_ms: deps.config.sql_timeout_ms, max_rows: 100_000, trusted: true }
  const { rows } = await deps.sql.run(CATALOGUE, [], limits, call.signal())
  const tables = new Map<string, TableOut>()
  for (const row of rows) {
    const [table, name, type] = row.map(String) as [string, string, string]
    const known: TableOut = tables.get(table) ?? { name: table, columns: [] }
    const description = descriptionOf(table, name)
    known.columns.push({ name, type, ...(description === undefined ? {} : { description }) })
    tables.set(table, known)
  }
  return [...tables.values()]
}

function descriptionOf(table: string, column: string): string | undefined {
  if (!isEventType(table)) return undefined
  if (column === 'dt') return 'The UTC day of occurred_at; ask for a range of it to read less.'
  return TABLES[table].columns.find((field) => field.name === column)?.description
}
