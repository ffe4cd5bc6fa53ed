import { shiftDay } from '../derive/days.ts'
import { type BoundTable, boundTables, withTables } from './bounds.ts'
import type { Dialect } from './dialect.ts'
import { expand, type Problem, refuse } from './expand.ts'
import { type Header, parseHeader, splitFile } from './header.ts'
import { METRICS } from './metrics.ts'
import type { Model } from './model.ts'
import {
  bindValues,
  IMPLIED,
  numberParameters,
  type ReportValues,
  writeParameters,
} from './parameters.ts'
import { readsOf, tokenize } from './tokens.ts'

/** A named question: header and SQL of one file, checked. */
export interface Report extends Header {
  readonly name: string
  /** In the portable dialect, without the header. */
  readonly sql: string
  /** Line of the file on which `sql` begins. */
  readonly sql_line: number
}

export interface CompileOptions {
  readonly dialect: Dialect
  /** Today in the shop's zone, YYYY-MM-DD. */
  readonly today: string
  /** Milliseconds since 1970, for `:now`. */
  readonly now: number
  /** What the report may read bounded by its days; models that are not among them are read whole, through their views. */
  readonly models?: readonly Model[]
  /** Whether the engine keeps rows of models by day and takes `lake_days` (see `BoundOptions`). */
  readonly kept?: boolean
}

export interface CompiledReport {
  readonly sql: string
  /** For DuckDB they fill $1, $2 …; for Trino each ? in order. Dates and timestamps are text, counts are numbers. */
  readonly params: readonly (string | number)[]
  /** Every parameter of the report as it was used, defaults filled in. */
  readonly values: ReportValues
}

/**
 * A report from the text of its file; `name` is the file name without `.sql`.
 * Throws report_invalid (not retryable) whose detail lists every problem with its line.
 */
export function parseReport(name: string, text: string): Report {
  const file = splitFile(text)
  const { header, problems } = parseHeader(file.lines)
  const report: Report = { name, ...header, sql: file.sql.trimEnd(), sql_line: file.sqlLine }
  const unknown = header.metrics
    .concat(header.columns.flatMap((column) => column.metric ?? []))
    .filter((metric) => !Object.hasOwn(METRICS, metric))
  refuse(`${name}.sql`, [
    ...file.problems,
    ...problems,
    ...unknown.map((metric) => ({ line: 1, message: `unknown metric "${metric}"` })),
    ...expansionOf(report, 'duckdb').problems,
  ])
  return report
}

/**
 * The SQL of a report for one engine and what its placeholders are bound to. `params` are as a query string gives
 * them; `from` and `to` default to the 28 days up to today. Throws bad_request (not retryable) when one is unknown or does not fit.
 */
export function compileReport(
  report: Report,
  params: { readonly [name: string]: string | number | undefined },
  options: CompileOptions,
): CompiledReport {
  const { values, bound } = bindValues(report, params, options)
  const { sql, problems } = expansionOf(report, options.dialect)
  refuse(`${report.name}.sql`, problems)
  const tables = tablesOf(report, values, options)
  const later = tables.filter((table) => table.of)
  const whole = withTables(
    tables.filter((table) => !table.of),
    later.length > 0 ? withLater(later, sql) : sql,
  )
  return { ...numberParameters(whole, options.dialect, bound), values }
}

/**
 * The SQL of a report over whole models for a tool that binds nothing: `write` gives the SQL expression of each parameter,
 * `dt_from` and `dt_to` (see between_dates) among them. Throws report_invalid, not retryable.
 */
export function inlineReport(
  report: Report,
  dialect: Dialect,
  write: (name: string) => string,
): string {
  const { sql, problems } = expansionOf(report, dialect)
  refuse(`${report.name}.sql`, problems)
  return writeParameters(sql, write)
}

/** The report's models, read no further than it says. Partitions go by UTC, the report's days by the shop's clock. */
function tablesOf(report: Report, values: ReportValues, options: CompileOptions): BoundTable[] {
  const { models = [], dialect, today, kept = false } = options
  if (models.length === 0) return []
  checkChosen(report, models)
  const from = typeof values.from === 'string' ? values.from : today
  const to = typeof values.to === 'string' ? values.to : today
  const days = [{ from: shiftDay(from, -1), to: shiftDay(to, 1) }]
  const tables = boundTables(report.reach, readsOf(tokenize(report.sql)), days, {
    ...{ dialect, models, kept },
    chosen: report.chosen,
  })
  const taken = tables.filter(({ name }) =>
    new RegExp(`\\b${name}\\s+AS\\s+\\(`, 'i').test(report.sql),
  )
  refuse(
    `${report.name}.sql`,
    taken.map(({ name }) => ({
      line: report.sql_line,
      message: `"${name}" is the name of a model`,
    })),
  )
  return tables
}

/** The statement with more tables behind the first of its WITH clause, which they all read: it is evaluated once. */
function withLater(tables: readonly BoundTable[], sql: string): string {
  const tokens = tokenize(sql)
  let depth = 0
  const end = tokens.findIndex(({ text }) => {
    if (text === '(') depth++
    return text === ')' && --depth === 0
  })
  const textOf = (some: typeof tokens) => some.map(({ text }) => text).join('')
  const more = tables.map((table) => table.sql).join(',\n')
  const first = textOf(tokens.slice(0, end + 1)).replace(/\bAS\s+\(/i, 'AS MATERIALIZED (')
  return `${first},\n${more}${textOf(tokens.slice(end + 1))}`
}

/** What `of` in a report's models asks for is there: a key, and the table in front that holds it. */
function checkChosen(report: Report, models: readonly Model[]): void {
  const first = /^\s*WITH\s+(\w+)\s+AS\s+\(/i.exec(report.sql)?.[1]
  const problems = [...report.chosen].flatMap(([name, table]) => {
    const model = models.find((each) => each.name === name)
    if (model && !model.key) return [`${name} has no key to choose by`]
    return table === first ? [] : [`"${table}" must be the first table of the WITH clause`]
  })
  refuse(
    `${report.name}.sql`,
    problems.map((message) => ({ line: 1, message })),
  )
}

function expansionOf(
  report: Report,
  dialect: Dialect,
): { sql: string; problems: readonly Problem[] } {
  const names = new Set([
    ...report.parameters.map((parameter) => parameter.name),
    ...Object.keys(IMPLIED),
  ])
  return expand(tokenize(report.sql, report.sql_line), dialect, names)
}
