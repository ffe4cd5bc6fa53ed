import type { Grain } from '../data/period.ts'
import { bucketEnd } from '../data/period.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  type Row,
  rowsOf,
  textOf,
} from '../data/report-types.ts'

/** One line or one kind of bar. */
export interface Series {
  readonly column: ReportColumn
  readonly label: string
  readonly values: readonly (number | undefined)[]
}

/** What a time chart draws, place by place along the x axis. */
export interface TimeSeries {
  readonly grain: Grain
  /** The beginning of each place, as the report has it. */
  readonly starts: readonly string[]
  readonly series: readonly Series[]
  /** The first series in the stretch before, where that lines up place by place. */
  readonly before: readonly (number | undefined)[] | undefined
  /** Whether the last place is not over yet. */
  readonly isRunning: boolean
  /** Whether the first and the last week or month lie partly outside the days asked for. */
  readonly isCut: { readonly first: boolean; readonly last: boolean }
}

/** The time series of an answer; every y column that shares the unit of the first. */
export function timeSeriesOf(answer: ReportAnswer, chart: Chart, today: Today): TimeSeries {
  const x = chart.x!
  const all = rowsOf(answer)
  const rows = all.filter((row) => !isToCome(textOf(row[x]), today))
  const starts = rows.map((row) => textOf(row[x]))
  const grain = grainOf(starts, answer, x)
  const columns = chart.y.map((name) => answer.columns.find((column) => column.name === name)!)
  const shown = columns.filter((column) => column.unit === columns[0]!.unit)
  const last = starts.at(-1)
  const { from, to } = answer.values
  return {
    grain,
    starts,
    isCut: {
      first: starts[0] !== undefined && starts[0] < String(from ?? ''),
      last: last !== undefined && to !== undefined && bucketEnd(last, grain) > String(to),
    },
    series: shown.map((column) => ({
      column,
      label: column.label,
      values: valuesOf(rows, column.name),
    })),
    before: beforeOf(answer, chart, all.length, grain)?.slice(0, rows.length),
    isRunning: last !== undefined && isRunning(last, grain, today),
  }
}

/** This day and hour on the shop's clock: `2025-01-31`, `2025-01-31 14:00`. */
export interface Today {
  readonly day: string
  readonly hour: string
}

/** An hour or day that has not begun. */
function isToCome(start: string, { day, hour }: Today): boolean {
  return start.length > 10 ? start > hour : start > day
}

function isRunning(start: string, grain: Grain, { day, hour }: Today): boolean {
  return grain === 'hour' ? start === hour : bucketEnd(start, grain) >= day
}

export function valuesOf(rows: readonly Row[], column: string): (number | undefined)[] {
  return rows.map((row) => numberOf(row[column]))
}

function beforeOf(answer: ReportAnswer, chart: Chart, count: number, grain: Grain) {
  if (!answer.before || grain === 'month') return undefined
  const values = valuesOf(rowsOf(answer.before), chart.y[0]!)
  const isBlank = values.every((value) => !value)
  return values.length === count && !isBlank ? values : undefined
}

/** Said by the report's own parameter, else by the distance of the first two places. */
function grainOf(starts: readonly string[], answer: ReportAnswer, x: string): Grain {
  const said = answer.values.grain
  if (said === 'hour' || said === 'day' || said === 'week' || said === 'month') return said
  if (/month/.test(x)) return 'month'
  const [first, second] = starts
  if (!first || !second) return 'day'
  const days = (Date.parse(second) - Date.parse(first)) / 86_400_000
  if (days < 1) return 'hour'
  return days >= 28 ? 'month' : days >= 7 ? 'week' : 'day'
}
