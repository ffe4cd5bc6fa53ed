import { type PointerEvent, type RefObject, useMemo, useRef, useState } from 'react'
import { nameOfCell } from '../data/entity.ts'
import { formatQuantity, formatText, type Locale } from '../data/format.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  rowsOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { useWidth } from '../parts/use-width.ts'
import { type Colors, readColors, useScheme } from './colors.ts'
import { Canvas } from './drawing.tsx'
import type { Drawing, Option } from './engine.ts'
import { axisOf } from './scale.ts'

interface ScatterProps {
  readonly title: string
  readonly answer: ReportAnswer
  readonly chart: Chart
  readonly height: number
  readonly drawing: RefObject<Drawing | undefined>
}

interface Point {
  readonly name: string
  readonly x: number
  readonly y: number
}

const FRAME = { top: 10, right: 12, bottom: 40, left: 48 } as const
const NEAR_PX = 28

/** Two numbers of each thing against each other; the medians part the field in four. */
export function Scatter({ title, answer, chart, height, drawing }: ScatterProps) {
  const { server } = useSession()
  const scheme = useScheme()
  const [xColumn, yColumn] = [chart.x!, chart.y[0]!].map((name) =>
    answer.columns.find((column) => column.name === name),
  ) as [ReportColumn, ReportColumn]
  const points = useMemo(
    () => pointsOf(answer, xColumn.name, yColumn.name),
    [answer, xColumn, yColumn],
  )
  const option = useMemo(
    // The colours are those of the scheme.
    () => scheme && optionOf(points, xColumn, yColumn, readColors(), server.shop),
    [points, xColumn, yColumn, scheme, server.shop],
  )
  const [cursor, setCursor] = useState<number>()
  const read = (place: number) => {
    const point = points[place]
    if (!point) return ''
    const x = formatQuantity(xColumn.unit, point.x, server.shop, 'round')
    const y = formatQuantity(yColumn.unit, point.y, server.shop, 'round')
    return `${point.name} · ${xColumn.label} ${x} · ${yColumn.label} ${y}`
  }
  if (!option) return null
  return (
    <>
      <p className="mb-1 min-h-5 truncate text-xs text-soft" data-readout="">
        {cursor === undefined ? (
          `Each dot is one row; the lines are the medians.`
        ) : (
          <span className="font-medium text-ink">{read(cursor)}</span>
        )}
      </p>
      <div className="relative">
        <Canvas option={option} height={height} drawing={drawing} />
        <Field
          title={title}
          points={points}
          isWhole={{ x: xColumn.unit === 'count', y: yColumn.unit === 'count' }}
          cursor={cursor}
          onCursor={setCursor}
          read={read}
        />
      </div>
    </>
  )
}

interface FieldProps {
  readonly title: string
  readonly points: readonly Point[]
  readonly isWhole: { readonly x: boolean; readonly y: boolean }
  readonly cursor: number | undefined
  readonly onCursor: (cursor: number | undefined) => void
  readonly read: (place: number) => string
}

/** Lies over the dots: finds the nearest one to the pointer, and goes through them from left to right by keys. */
function Field({ title, points, isWhole, cursor, onCursor, read }: FieldProps) {
  const area = useRef<HTMLDivElement>(null)
  const width = useWidth(area)
  const xTop = axisOf(
    points.map(({ x }) => x),
    isWhole.x,
  ).max
  const yTop = axisOf(
    points.map(({ y }) => y),
    isWhole.y,
  ).max
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const distances = points.map((point) =>
      Math.hypot(
        (point.x / xTop) * box.width - (event.clientX - box.left),
        (1 - point.y / yTop) * box.height - (event.clientY - box.top),
      ),
    )
    const nearest = Math.min(...distances)
    onCursor(nearest <= NEAR_PX ? distances.indexOf(nearest) : undefined)
  }
  const point = cursor === undefined ? undefined : points[cursor]
  const last = points.length - 1
  return (
    <div
      ref={area}
      className="absolute touch-pan-y has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-4 has-[:focus-visible]:outline-accent"
      style={FRAME}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => onCursor(undefined)}
    >
      {point && (
        <span
          className="absolute size-4 -translate-1/2 rounded-full border-2 border-ink"
          style={{ left: (point.x / xTop) * width, top: `${(1 - point.y / yTop) * 100}%` }}
        />
      )}
      <input
        type="range"
        className="pointer-events-none absolute inset-0 m-0 h-full w-full opacity-0"
        aria-label={`${title}: one dot at a time`}
        aria-valuetext={read(Math.min(cursor ?? 0, last))}
        min={0}
        max={last}
        value={Math.min(cursor ?? 0, last)}
        onChange={(event) => onCursor(Number(event.currentTarget.value))}
        onFocus={() => onCursor(cursor ?? 0)}
        onBlur={() => onCursor(undefined)}
      />
    </div>
  )
}

function pointsOf(answer: ReportAnswer, x: string, y: string): Point[] {
  return rowsOf(answer)
    .flatMap((row) => {
      const at = { x: numberOf(row[x]), y: numberOf(row[y]) }
      const first = answer.columns[0]!.name
      const name = nameOfCell(first, row) ?? formatText(first, row[first])
      return at.x === undefined || at.y === undefined ? [] : [{ name, x: at.x, y: at.y }]
    })
    .sort((a, b) => a.x - b.x)
}

function optionOf(
  points: readonly Point[],
  x: ReportColumn,
  y: ReportColumn,
  colors: Colors,
  locale: Locale,
): Option {
  const medians = [median(points.map((point) => point.x)), median(points.map((point) => point.y))]
  return {
    grid: { ...FRAME, outerBoundsMode: 'none' },
    xAxis: axisFor(
      x,
      points.map((point) => point.x),
      colors,
      locale,
      28,
    ),
    yAxis: {
      ...axisFor(
        y,
        points.map((point) => point.y),
        colors,
        locale,
        0,
      ),
      name: '',
    },
    series: [
      {
        type: 'scatter',
        silent: true,
        data: points.map((point) => [point.x, point.y]),
        symbolSize: 8,
        itemStyle: { color: colors.series[0], opacity: 0.6 },
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: colors.soft, type: [4, 4], width: 1 },
          data: [{ xAxis: medians[0] }, { yAxis: medians[1] }],
        },
      },
    ],
  }
}

function axisFor(
  column: ReportColumn,
  values: readonly number[],
  colors: Colors,
  locale: Locale,
  nameGap: number,
): object {
  const { min, max, interval } = axisOf(values, column.unit === 'count')
  return {
    type: 'value',
    min,
    max,
    interval,
    name: column.label,
    nameLocation: 'middle',
    nameGap,
    nameTextStyle: { color: colors.soft, fontSize: 11, fontFamily: 'inherit' },
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
