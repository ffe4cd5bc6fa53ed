import { labelsOf } from '../data/entity.ts'
import { formatNoun, formatQuantity, formatText, formatValue, type Locale } from '../data/format.ts'
import { metricOf } from '../data/metrics.ts'
import { isComparable } from '../data/period.ts'
import {
  type Chart,
  isOverTime,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  type Row,
  rowsOf,
} from '../data/report-types.ts'
import { pointLabel } from './point-label.ts'
import { type TimeSeries, type Today, timeSeriesOf, valuesOf } from './series.ts'

/** What a chart says at a glance, in one sentence made from its numbers. */
export function sentenceOf(
  answer: ReportAnswer,
  chart: Chart,
  locale: Locale,
  today: Today,
): string {
  const column = answer.columns.find(({ name }) => name === chart.y[0])
  if (!column || answer.rows.length === 0) return answer.report.question
  const write = (value: number) => formatQuantity(column.unit, value, locale, 'round')
  if (isOverTime(answer.columns, chart)) {
    return timeSentence(timeSeriesOf(answer, chart, today), answer, column, write, today)
  }
  if (chart.kind === 'funnel') return funnelSentence(rowsOf(answer), chart)
  if (chart.kind === 'bar') return barSentence(answer, chart, column, write)
  if (chart.kind === 'heatmap') return heatSentence(answer, chart, column, locale, write)
  return answer.report.question
}

type Write = (value: number) => string

function timeSentence(
  { starts, series, grain, isRunning }: TimeSeries,
  answer: ReportAnswer,
  column: ReportColumn,
  write: Write,
  today: Today,
): string {
  const values = series[0]!.values
  const known = values.flatMap((value, place) => (value === undefined ? [] : [{ value, place }]))
  if (known.length === 0) return 'Nothing in these days.'
  const highest = (points: typeof known) => points.reduce((a, b) => (b.value > a.value ? b : a))
  const on = ({ place }: { place: number }) => pointLabel(starts[place]!, grain)
  if (metricOf(column.metric)?.additive) {
    const total = known.reduce((sum, { value }) => sum + value, 0)
    const best = highest(known)
    if (best.value <= 0 && total === 0) return 'Nothing in these days.'
    const before = isWhole(answer, today) ? beforeOf(answer, column.name) : undefined
    const what = series.length > 1 ? `${series[0]!.label}: ` : ''
    return `${what}${write(total)}${comparedTo(total, before)}; most on ${on(best)} with ${write(best.value)}.`
  }
  const ended = isRunning && known.length > 1 ? known.slice(0, -1) : known
  const best = highest(ended)
  const least = ended.reduce((a, b) => (b.value < a.value ? b : a))
  return `Between ${write(least.value)} and ${write(best.value)}; highest on ${on(best)}, lately ${write(ended.at(-1)!.value)}.`
}

/** What was added up in the stretch before; undefined where it is not known. */
function beforeOf({ before }: ReportAnswer, column: string): number | undefined {
  return before && sumOf(valuesOf(rowsOf(before), column))
}

function isWhole({ values: { from, to } }: ReportAnswer, today: Today): boolean {
  return isComparable({ from: String(from), to: String(to) }, today.day)
}

function sumOf(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

function comparedTo(total: number, before: number | undefined): string {
  if (!before) return ''
  const percent = Math.round((total / before - 1) * 100)
  if (percent === 0) return ', as in the period before'
  return `, ${percent > 0 ? 'up' : 'down'} ${Math.abs(percent)}% on the period before`
}

function funnelSentence(rows: readonly Row[], { x, y }: Chart): string {
  const counts = rows.map((row) => numberOf(row[y[0]!]) ?? 0)
  const [first, last] = [counts[0] ?? 0, counts.at(-1) ?? 0]
  if (first === 0) return 'No visits in these days.'
  const losses = counts
    .slice(1)
    .map((count, place) => (counts[place]! - count) / (counts[place]! || 1))
  const worst = losses.indexOf(Math.max(...losses))
  const share = ((last / first) * 100).toFixed(1)
  const step = formatText(x!, rows[worst]![x!])
  return `${share}% go all the way; the largest loss, ${Math.round(losses[worst]! * 100)}%, is after “${step}”.`
}

function barSentence(
  answer: ReportAnswer,
  { x, y }: Chart,
  column: ReportColumn,
  write: Write,
): string {
  const ranked = rowsOf(answer)
    .map((row) => ({ row, value: numberOf(row[y[0]!]) ?? 0 }))
    .sort((a, b) => b.value - a.value)
  const [first, second] = ranked
  const best = ranked.slice(0, 2).map(({ row }) => row)
  const [firstLabel, secondLabel] = labelsOf(best, x!, answer.columns)
  const total = ranked.reduce((sum, { value }) => sum + value, 0)
  if (!first || total <= 0) return 'Nothing in these days.'
  if (!second) return `${firstLabel} alone, with ${write(first.value)}.`
  const share = metricOf(column.metric)?.additive
    ? `, ${Math.round((first.value / total) * 100)}% of those shown`
    : ''
  const then = `then ${secondLabel} with ${write(second.value)}`
  return `${firstLabel} leads with ${write(first.value)}${share}; ${then}.`
}

function heatSentence(
  answer: ReportAnswer,
  { x, series }: Chart,
  column: ReportColumn,
  locale: Locale,
  write: Write,
): string {
  const rows = rowsOf(answer).filter((row) => series !== 'cohort' || numberOf(row[x!]) !== 0)
  const numberIn = (row: Row) => numberOf(row[column.name]) ?? -1
  if (rows.length === 0) return 'No month after the first is over yet.'
  const best = rows.reduce((a, b) => (numberIn(b) > numberIn(a) ? b : a))
  const value = write(numberIn(best))
  if (series === 'weekday') {
    const hour = String(best.hour).padStart(2, '0')
    return `Most on ${weekdayName(numberOf(best.weekday) ?? 1)}s around ${hour}:00, with ${value}.`
  }
  const word = (name: string | undefined) => {
    const one = answer.columns.find((other) => other.name === name)
    return one ? formatValue(one, best[one.name], locale) : ''
  }
  if (series === 'cohort') {
    return `At best, ${value} of those who first ordered in ${word(series)} came back ${formatNoun(numberOf(best[x!]) ?? 0, 'month')} later.`
  }
  return `Highest at ${word(series)}, ${word(x)}, with ${value}.`
}

const MONDAY = Date.UTC(2024, 0, 1)

/** 1 for Monday. */
export function weekdayName(weekday: number, form: 'long' | 'short' = 'long'): string {
  const format = new Intl.DateTimeFormat(undefined, { weekday: form, timeZone: 'UTC' })
  return format.format(MONDAY + (weekday - 1) * 86_400_000)
}
