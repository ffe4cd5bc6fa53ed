import { inlineReport, type Report } from '../../src/reports/compile.ts'

/** Days that a dashboard looks back over where a report asks for a range. */
const DAYS = 28

/** A report as QuickSight asks it: the last 28 days in UTC, every other parameter at its default. */
export function dashboardSql(report: Report): string {
  return inlineReport(report, 'trino', (name) => expressionOf(report, name))
}

function expressionOf(report: Report, name: string): string {
  const fixed = EXPRESSIONS[name]
  if (fixed !== undefined) return fixed
  const parameter = report.parameters.find((one) => one.name === name)!
  if (parameter.type === 'date') return 'CURRENT_DATE'
  if (parameter.type === 'count') return String(Number(parameter.default))
  return `'${(parameter.default ?? '').replaceAll("'", "''")}'`
}

const EXPRESSIONS: { readonly [name: string]: string } = {
  from: `(CURRENT_DATE - INTERVAL '${DAYS - 1}' DAY)`,
  to: 'CURRENT_DATE',
  // Partitions go by UTC, the report's days by the shop's clock.
  dt_from: `(CURRENT_DATE - INTERVAL '${DAYS}' DAY)`,
  dt_to: "(CURRENT_DATE + INTERVAL '1' DAY)",
  today: 'CURRENT_DATE',
  now: "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS TIMESTAMP)",
}
