import type { Chart, ReportAnswer, ReportColumn, Unit, Value } from '../data/report-types.ts'
import type { SqlColumn, SqlResult } from '../data/sql.ts'
import { isNumber } from './grid.tsx'

/** Rows that a chart draws; what lies behind says nothing to the eye. */
const DRAWN = 1000

/** A result as the answer of a report, so that the same charts draw it. */
export function answerOf(result: SqlResult): ReportAnswer {
  const columns = result.columns.map((column, place) => columnOf(column, result, place))
  const rows = result.rows
    .slice(0, DRAWN)
    .map((cells) => cells.map((value, place) => cellOf(value, columns[place]!.unit)))
  return {
    report: {
      name: 'query',
      title: 'Result',
      question: '',
      group: 'own',
      parameters: [],
      columns,
      chart: { kind: 'table', y: [] },
    },
    values: {},
    columns,
    rows,
    truncated: result.truncated,
    elapsed_ms: result.elapsed_ms,
    scanned_bytes: result.scanned_bytes,
    sql: '',
    params: [],
    fresh_to: null,
  }
}

function columnOf(column: SqlColumn, result: SqlResult, place: number): ReportColumn {
  const unit = unitOf(column, () => result.rows.map((row) => String(row[place] ?? '')))
  return { name: column.name, unit, label: column.name }
}

const MIDNIGHT = /T00:00:00(\.000)?Z?$/

function unitOf(column: SqlColumn, values: () => readonly string[]): Unit {
  if (/INT|^HUGE/.test(column.type) && isNumber(column)) return 'count'
  if (isNumber(column)) return 'number'
  if (column.type === 'DATE') return 'date'
  if (column.type === 'BOOLEAN') return 'flag'
  if (!column.type.startsWith('TIMESTAMP')) return 'text'
  return values().every((value) => value === '' || MIDNIGHT.test(value)) ? 'date' : 'hour'
}

function cellOf(value: Value, unit: Unit): Value {
  if (typeof value !== 'string') return value
  if (unit === 'date') return value.slice(0, 10)
  return unit === 'hour' ? value.slice(0, 16).replace('T', ' ') : value
}

/** What can stand along the axis, and what can be drawn over it. */
export function chartColumns(answer: ReportAnswer): {
  readonly x: readonly ReportColumn[]
  readonly y: readonly ReportColumn[]
} {
  const isY = ({ unit }: ReportColumn) => unit === 'count' || unit === 'number'
  return {
    x: answer.columns.filter((column) => ['date', 'hour', 'text'].includes(column.unit)),
    y: answer.columns.filter(isY),
  }
}

/** The chart that suits a result, or undefined where there is nothing to draw. */
export function suitingChart(answer: ReportAnswer): Chart | undefined {
  const { x, y } = chartColumns(answer)
  const along = x.find(({ unit }) => unit !== 'text') ?? x[0]
  if (!along || !y[0] || answer.rows.length < 2) return undefined
  return { kind: along.unit === 'text' ? 'bar' : 'line', x: along.name, y: [y[0].name] }
}
