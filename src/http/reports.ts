import { ShoplakeError } from '../errors.ts'
import type { Result } from '../ports.ts'
import { type CompiledReport, compileReport, type Report } from '../reports/compile.ts'
import { previousPeriod } from '../reports/parameters.ts'
import { type Answer, type Call, type Handler, jsonAnswer, wordParam } from './call.ts'
import { csvAnswer, wantsCsv } from './csv-answer.ts'
import type { AppDeps } from './deps.ts'
import { freshTo } from './fresh.ts'

type ReportRoute = 'listReports' | 'runReport'

/** Reports: what there is, and one with its rows. */
export function reportHandlers(deps: AppDeps): { [N in ReportRoute]: Handler } {
  const reports = new Map(deps.reports.map((report) => [report.name, report]))
  return {
    listReports: () => jsonAnswer(200, { reports: deps.reports.map(infoOf) }),
    async runReport(call) {
      const name = call.param('name')
      const report = reports.get(name)
      if (report) return runReport(deps, call, report)
      throw new ShoplakeError(
        'not_found',
        `there is no report "${name.slice(0, 60)}"; \`shoplake report\` and GET /v1/reports list them`,
      )
    },
  }
}

/** A report without its SQL, as lists and forms need it. */
function infoOf(report: Report): object {
  const { name, title, question, group, note, parameters, columns, chart, rows } = report
  return { name, title, question, group, note, parameters, columns, chart, rows }
}

async function runReport(deps: AppDeps, call: Call, report: Report): Promise<Answer> {
  const compare = wordParam(call, 'compare', ['previous'])
  const { compare: _compare, ...params } = Object.fromEntries(call.query())
  const now = deps.now()
  const options = {
    dialect: deps.dialect ?? 'duckdb',
    today: todayIn(deps.config.shop_time_zone, now),
    now,
    models: deps.models,
  } as const
  const fast = { ...options, kept: deps.sql.takes_days === true }
  const compiled = compileReport(report, params, fast)
  const earlier =
    compare === undefined ? undefined : compileReport(report, previousPeriod(compiled.values), fast)
  const fresh_to = freshTo(deps)
  const [result, before] = await Promise.all([
    run(deps, call, compiled),
    earlier && run(deps, call, earlier),
  ])
  if (wantsCsv(call)) return csvAnswer(result, `${report.name}.csv`)
  return jsonAnswer(200, {
    report: infoOf(report),
    values: compiled.values,
    ...resultOut(report, result),
    // The same over the event views alone, so that it runs wherever it is taken to.
    sql: compileReport(report, params, options).sql,
    params: compiled.params,
    fresh_to,
    ...(before && earlier
      ? { before: { values: earlier.values, ...resultOut(report, before) } }
      : {}),
  })
}

function run(deps: AppDeps, call: Call, { sql, params }: CompiledReport): Promise<Result> {
  const { sql_timeout_ms: timeout_ms, sql_max_rows: max_rows } = deps.config
  return deps.sql.run(sql, params, { timeout_ms, max_rows, trusted: true }, call.signal())
}

function resultOut(report: Report, result: Result): object {
  const { columns, rows, truncated, elapsed_ms, scanned_bytes } = result
  const described = columns.map((column) => ({
    ...report.columns.find((one) => one.name === column.name),
    ...column,
  }))
  return { columns: described, rows, truncated, elapsed_ms, scanned_bytes: scanned_bytes ?? null }
}

/** The calendar day of a moment in a zone, YYYY-MM-DD: the form that Swedish dates have. */
function todayIn(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(now)
}
