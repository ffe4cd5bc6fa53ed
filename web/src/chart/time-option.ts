import { formatQuantity, type Locale } from '../data/format.ts'
import type { Colors } from './colors.ts'
import type { Option } from './engine.ts'
import { axisLabel } from './point-label.ts'
import { type Axis, axisOf } from './scale.ts'
import type { TimeSeries } from './series.ts'

/** Digits are narrow; most else that stands in a number on an axis is not. */
const NARROW_PX = 7.2
const WIDE_PX = 10.5
const WIDE = /[%MW]/
/** Between a label and the plot; the engine keeps 8 of them free. */
const LABEL_GAP_PX = 10
const EDGE = { top: 8, right: 4, bottom: 24 } as const
const DASHES = ['solid', [6, 4], [2, 3], [8, 3, 2, 3]] as const

const TWO_DAYS_H = 48

/** Where the plot lies within its element, so that a cursor can be laid over it. */
export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface TimePlot {
  readonly option: Option
  readonly frame: Frame
}

/** What the engine draws for a time series: lines or bars, the stretch before in grey, what still runs told apart. */
export function timePlotOf(
  kind: 'line' | 'bar',
  data: TimeSeries,
  colors: Colors,
  locale: Locale,
  /** How many labels there is room for under the axis. */
  room: number,
): TimePlot {
  const unit = data.series[0]!.column.unit
  const all = [...data.series.flatMap(({ values }) => values), ...(data.before ?? [])]
  const axis = axisOf(all, unit === 'count')
  const labels = axis.ticks.map((tick) => formatQuantity(unit, tick, locale, 'axis'))
  const left = Math.ceil(Math.max(...labels.map(widthOf))) + LABEL_GAP_PX
  const frame = { ...EDGE, left }
  const drawn = kind === 'bar' ? barsOf(data, colors) : linesOf(data, colors)
  return {
    frame,
    option: {
      grid: { ...frame, outerBoundsMode: 'none' },
      xAxis: xAxisOf(data, colors, room),
      yAxis: yAxisOf(axis, labels, colors),
      series: drawn,
    },
  }
}

function widthOf(label: string): number {
  return [...label].reduce((sum, sign) => sum + (WIDE.test(sign) ? WIDE_PX : NARROW_PX), 0)
}

function xAxisOf({ starts, grain }: TimeSeries, colors: Colors, room: number): object {
  // Hours of more than two days would say nothing without their day.
  const isManyDays = grain === 'hour' && starts.length > TWO_DAYS_H
  return {
    type: 'category',
    data: starts.map((start) => axisLabel(start, isManyDays ? 'day' : grain)),
    boundaryGap: true,
    axisLine: { lineStyle: { color: colors.line } },
    axisTick: { show: false },
    axisLabel: {
      color: colors.soft,
      fontFamily: 'inherit',
      fontSize: 11,
      hideOverlap: true,
      margin: 10,
      alignMaxLabel: 'right',
      interval: Math.max(0, Math.ceil(starts.length / room) - 1),
    },
  }
}

function yAxisOf(axis: Axis, labels: readonly string[], colors: Colors): object {
  return {
    type: 'value',
    min: axis.min,
    max: axis.max,
    interval: axis.interval,
    splitLine: { lineStyle: { color: colors.line } },
    axisLabel: {
      color: colors.soft,
      fontFamily: 'inherit',
      fontSize: 11,
      formatter: (value: number) => labels[axis.ticks.findIndex((tick) => near(tick, value))] ?? '',
    },
  }
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-9 + Math.abs(a) * 1e-6
}

function linesOf(data: TimeSeries, colors: Colors): object[] {
  const before = data.before ? [lineOf(data.before, colors.soft, 'dashed', 1.25, 0.7)] : []
  const lines = data.series.flatMap(({ values }, place) => {
    const color = colors.series[place % colors.series.length]!
    const dash = DASHES[place % DASHES.length]!
    const last = values.length - 1
    const [begin, end] = wholePlaces(data)
    const only = (from: number, to: number) =>
      values.map((value, index) => (index >= from && index <= to ? value : undefined))
    const area = place === 0 ? areaOf(color) : {}
    return [
      { ...lineOf(only(begin, end), color, dash, 2, 1), ...area },
      ...(begin > 0 ? [lineOf(only(0, begin), color, [3, 3], 2, 1)] : []),
      ...(end < last ? [lineOf(only(end, last), color, [3, 3], 2, 1)] : []),
    ]
  })
  return [...before, ...lines]
}

/** The first and the last place that are whole: not cut off by the days chosen, and over. */
export function wholePlaces({ starts, isCut, isRunning }: TimeSeries): [number, number] {
  const last = starts.length - 1
  const begin = isCut.first && last > 0 ? 1 : 0
  return [begin, (isCut.last || isRunning) && last > begin ? last - 1 : last]
}

function lineOf(
  values: readonly (number | undefined)[],
  color: string,
  type: unknown,
  width: number,
  opacity: number,
): object {
  const isAlone = values.filter((value) => value !== undefined).length === 1
  return {
    type: 'line',
    data: values.map((value) => value ?? null),
    silent: true,
    showSymbol: isAlone,
    symbol: 'circle',
    symbolSize: 7,
    sampling: 'lttb',
    lineStyle: { color, type, width, opacity, cap: 'round', join: 'round' },
    itemStyle: { color },
  }
}

function areaOf(color: string): object {
  return { areaStyle: { color, opacity: 0.08 } }
}

/** Besides colour: the second kind of bar is hatched. */
const HATCH = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -0.8 } as const

function barsOf(data: TimeSeries, colors: Colors): object[] {
  const bars = data.series.map(({ values }, place) => {
    const color = colors.series[place % colors.series.length]!
    return {
      type: 'bar',
      data: values.map((value) => value ?? null),
      silent: true,
      barMaxWidth: 28,
      barCategoryGap: '30%',
      barGap: '8%',
      itemStyle: {
        color,
        borderRadius: [2, 2, 0, 0],
        ...(place > 0 ? { decal: { ...HATCH, color: colors.surface } } : {}),
      },
    }
  })
  const before = data.before ? [lineOf(data.before, colors.soft, 'dashed', 1.25, 0.7)] : []
  return [...bars, ...before]
}
