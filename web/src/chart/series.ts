import { bucketEnd, daysBetween, type Grain, shiftDay } from '../data/period.ts'
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
  /** The first series as many days before as the stretch before is away, place by place. */
  readonly before: readonly (number | undefined)[] | undefined
  /** Whether the last place is not over yet. */
  readonly isRunning: boolean
  /** Whether the first and the last week or month lie partly outside the days asked for. */
  readonly isCut: { readonly first: boolean; readonly last: boolean }
}

const DAY_LENGTH = '2025-01-31'.length

/** The time series of an answer; every y column that shares the unit of the first. */
export function timeSeriesOf(answer: ReportAnswer, chart: Chart, today: Today): TimeSeries {
  const x = chart.x!
  const rows = rowsOf(answer).filter((row) => !isToCome(textOf(row[x]), today))
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
    before: beforeOf(answer, chart, starts, grain),
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
  return hasTime(start) ? start > hour : start > day
}

function hasTime(start: string): boolean {
  return start.length > DAY_LENGTH
}

function isRunning(start: string, grain: Grain, { day, hour }: Today): boolean {
  return grain === 'hour' ? start === hour : bucketEnd(start, grain) >= day
}

export function valuesOf(rows: readonly Row[], column: string): (number | undefined)[] {
  return rows.map((row) => numberOf(row[column]))
}

/** Of each place the number that many days before; undefined where there is none at all. */
function beforeOf(
  { before, values }: ReportAnswer,
  { x, y }: Chart,
  starts: readonly string[],
  grain: Grain,
): (number | undefined)[] | undefined {
  if (!before || grain === 'month') return undefined
  const shift = daysBetween(String(before.values.from), String(values.from))
  const found = new Map(rowsOf(before).map((row) => [textOf(row[x!]), numberOf(row[y[0]!])]))
  const paired = starts.map((start) => found.get(shiftStart(start, -shift)))
  return paired.some(Boolean) ? paired : undefined
}

/** The beginning of the place so many days away; its time on the shop's clock stays. */
function shiftStart(start: string, days: number): string {
  return `${shiftDay(start.slice(0, DAY_LENGTH), days)}${start.slice(DAY_LENGTH)}`
}

/** Said by the report's own parameter or by the name of the axis, else by the shortest step along it: places may be missing. */
function grainOf(starts: readonly string[], answer: ReportAnswer, x: string): Grain {
  const said = answer.values.grain
  if (isGrain(said)) return said
  if (isGrain(x)) return x
  if (/month/.test(x)) return 'month'
  const steps = starts.slice(1).map((start, place) => daysBetween(starts[place]!, start))
  const step = Math.min(...steps.filter((days) => days > 0))
  // A single place has no step.
  if (step === Number.POSITIVE_INFINITY) return hasTime(starts[0] ?? '') ? 'hour' : 'day'
  if (step < 7) return step < 1 ? 'hour' : 'day'
  return step >= 28 ? 'month' : 'week'
}

const GRAINS = ['hour', 'day', 'week', 'month'] as const satisfies readonly Grain[]

function isGrain(said: unknown): said is Grain {
  return GRAINS.some((grain) => grain === said)
}
