import { ShoplakeError } from '../errors.ts'
import type { ResultValue, StoreTable } from '../ports.ts'
import type { Report } from '../reports/compile.ts'
import type { Model } from '../reports/model.ts'
import { type EventType, isEventType } from '../schema/registry.ts'
import { type Call, type Handler, jsonAnswer, textParam } from './call.ts'
import type { AppDeps } from './deps.ts'
import { isKey } from './page.ts'

type Row = { readonly [column: string]: ResultValue }

/** Documents that an event of any type may have changed: by the column that names them. */
const DOCUMENTS = [
  { column: 'order_id', table: 'orders', kind: 'order', path: '/v1/orders/' },
  { column: 'customer_id', table: 'customers', kind: 'customer', path: '/v1/customers/' },
  { column: 'product_id', table: 'products', kind: 'product', path: '/v1/products/' },
  { column: 'session_id', table: 'sessions', kind: 'session', path: '/v1/sessions/' },
] as const satisfies readonly { readonly table: StoreTable; readonly [trait: string]: string }[]

/** One accepted event by its id: its row in the lake, the documents that it touched, the reports that count it. */
export function traceHandlers(deps: AppDeps): { getEvent: Handler } {
  return {
    async getEvent(call) {
      const id = call.param('id')
      const found = await find(deps, call, id)
      if (!found) {
        const detail = `the lake has no event ${JSON.stringify(id.slice(0, 100))}; what was just accepted is there within seconds`
        throw new ShoplakeError('not_found', detail)
      }
      const { event_type, row } = found
      return jsonAnswer(200, {
        event_type,
        row,
        documents: await documentsOf(deps, row),
        reports: reportsOver(event_type, deps.reports, deps.models),
      })
    },
  }
}

/** The row, by way of its type: only that table has all of its columns. */
async function find(
  deps: AppDeps,
  call: Call,
  id: string,
): Promise<{ event_type: EventType; row: Row } | undefined> {
  const day = dayOf(call)
  const bound = day === undefined ? '' : ' and dt = cast($2 as date)'
  const params = day === undefined ? [id] : [id, day]
  const where = `where event_id = $1${bound} limit 1`
  const [place] = await rowsOf(deps, call, `select event_type from events ${where}`, params)
  const event_type = place?.event_type
  if (!isEventType(event_type)) return undefined
  const [row] = await rowsOf(deps, call, `select * from "${event_type}" ${where}`, params)
  return row && { event_type, row }
}

async function rowsOf(
  deps: AppDeps,
  call: Call,
  sql: string,
  params: readonly ResultValue[],
): Promise<Row[]> {
  const limits = { timeout_ms: deps.config.sql_timeout_ms, max_rows: 1, trusted: true }
  const { columns, rows } = await deps.sql.run(sql, params, limits, call.signal())
  return rows.map((cells) =>
    Object.fromEntries(columns.map(({ name }, place) => [name, cells[place] ?? null])),
  )
}

function dayOf(call: Call): string | undefined {
  const day = textParam(call, 'day')
  if (day === undefined || /^\d{4}-\d\d-\d\d$/.test(day)) return day
  throw new ShoplakeError('bad_request', 'day must be one such as 2025-01-15')
}

interface TouchedDocument {
  readonly kind: string
  readonly id: string
  /** Of the route that answers it. */
  readonly path: string
}

async function documentsOf(deps: AppDeps, row: Row): Promise<TouchedDocument[]> {
  const found: TouchedDocument[] = []
  for (const { column, table, kind, path } of DOCUMENTS) {
    const id = row[column]
    if (typeof id !== 'string' || !isKey(id)) continue
    const document = await deps.store.get(table, id)
    if (document) found.push({ kind, id, path: path + encodeURIComponent(id) })
  }
  return found
}

/** Names of the reports whose SQL reads events of a type, itself or by way of models. */
export function reportsOver(
  type: EventType,
  reports: readonly Pick<Report, 'name' | 'models'>[],
  models: readonly Pick<Model, 'name' | 'reads'>[],
): string[] {
  const reads = new Map(models.map((model) => [model.name, model.reads]))
  const reaches = (name: string, seen: ReadonlySet<string>): boolean => {
    if (name === type || name === 'events') return true
    if (seen.has(name)) return false
    const next = new Set([...seen, name])
    return (reads.get(name) ?? []).some((inner) => reaches(inner, next))
  }
  return reports
    .filter((report) => report.models.some((name) => reaches(name, new Set())))
    .map(({ name }) => name)
}
