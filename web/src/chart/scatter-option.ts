import { nameOfCell } from '../data/entity.ts'
import { formatQuantity, formatText, type Locale } from '../data/format.ts'
import { numberOf, type ReportAnswer, type ReportColumn, rowsOf } from '../data/report-types.ts'
import type { Colors } from './colors.ts'
import type { Option } from './engine.ts'
import { axisOf } from './scale.ts'

export interface Point {
  readonly name: string
  readonly x: number
  readonly y: number
}

/** Where the field lies within its element. */
export const FIELD = { top: 10, right: 12, bottom: 40, left: 48 } as const

/** One direction of the field: where a value lies, from 0 to 1, and the axis that says so. */
export interface Direction {
  readonly share: (value: number) => number
  readonly axis: { readonly [setting: string]: unknown }
}

/** Beyond it a plain axis would press most dots into a corner. */
const SKEWED = 20

/** Both numbers of each row that has both, from left to right, under the name of its first column. */
export function pointsOf(answer: ReportAnswer, x: string, y: string): Point[] {
  const first = answer.columns[0]!.name
  return rowsOf(answer)
    .flatMap((row) => {
      const at = { x: numberOf(row[x]), y: numberOf(row[y]) }
      const name = nameOfCell(first, row) ?? formatText(first, row[first])
      return at.x === undefined || at.y === undefined ? [] : [{ name, x: at.x, y: at.y }]
    })
    .sort((a, b) => a.x - b.x)
}

/** The direction of some values; by powers of ten where a few tower over the others. */
export function directionOf(values: readonly number[], isWhole: boolean): Direction {
  const highest = Math.max(...values, 1)
  const isSkewed =
    values.every((value) => value >= 0) && highest > SKEWED * Math.max(1, median(values))
  if (isSkewed) {
    const low = Math.floor(Math.log10(Math.max(1, Math.min(...values))))
    const high = Math.ceil(Math.log10(highest))
    return {
      share: (value) => Math.max(0, (Math.log10(Math.max(1, value)) - low) / (high - low)),
      axis: { type: 'log', logBase: 10, min: 10 ** low, max: 10 ** high },
    }
  }
  const { min, max, interval } = axisOf(values, isWhole)
  return {
    share: (value) => (value - min) / (max - min),
    axis: { type: 'value', min, max, interval },
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

interface Field {
  readonly points: readonly Point[]
  readonly x: ReportColumn
  readonly y: ReportColumn
  readonly across: Direction
  readonly up: Direction
}

/** What the engine draws: the dots, and the medians that part the field in four. */
export function scatterOption(field: Field, colors: Colors, locale: Locale): Option {
  const { points, x, y, across, up } = field
  const isLog = across.axis.type === 'log'
  const middle = median(points.map((point) => point.x))
  return {
    grid: { ...FIELD, outerBoundsMode: 'none' },
    xAxis: { ...axisFor(x, across, colors, locale), ...nameOf(x, colors) },
    yAxis: axisFor(y, up, colors, locale),
    series: [
      {
        type: 'scatter',
        silent: true,
        data: points.map((point) => [isLog ? Math.max(1, point.x) : point.x, point.y]),
        symbolSize: 8,
        itemStyle: { color: colors.series[0], opacity: 0.55 },
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: colors.soft, type: [4, 4], width: 1 },
          data: [
            { xAxis: isLog ? Math.max(1, middle) : middle },
            { yAxis: median(points.map((point) => point.y)) },
          ],
        },
      },
    ],
  }
}

function nameOf({ label }: ReportColumn, colors: Colors): object {
  return {
    name: label,
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: { color: colors.soft, fontSize: 11, fontFamily: 'inherit' },
  }
}

function axisFor(
  column: ReportColumn,
  direction: Direction,
  colors: Colors,
  locale: Locale,
): object {
  return {
    ...direction.axis,
    splitLine: { lineStyle: { color: colors.line } },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: colors.soft,
      fontSize: 11,
      fontFamily: 'inherit',
      formatter: (value: number) => formatQuantity(column.unit, value, locale, 'axis'),
    },
  }
}
