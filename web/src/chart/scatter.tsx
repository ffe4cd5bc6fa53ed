import { type PointerEvent, type RefObject, useMemo, useRef, useState } from 'react'
import { formatQuantity } from '../data/format.ts'
import type { Chart, ReportAnswer, ReportColumn } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { useWidth } from '../parts/use-width.ts'
import { readColors, useScheme } from './colors.ts'
import { Canvas } from './drawing.tsx'
import type { Drawing } from './engine.ts'
import {
  type Direction,
  directionOf,
  FIELD,
  type Point,
  pointsOf,
  scatterOption,
} from './scatter-option.ts'

interface ScatterProps {
  readonly title: string
  readonly answer: ReportAnswer
  readonly chart: Chart
  readonly height: number
  readonly drawing: RefObject<Drawing | undefined>
}

const NEAR_PX = 28

/** Two numbers of each thing against each other; the medians part the field in four. */
export function Scatter({ title, answer, chart, height, drawing }: ScatterProps) {
  const { server } = useSession()
  const field = useField(answer, chart)
  const scheme = useScheme()
  const option = useMemo(
    // The colours are those of the scheme.
    () => scheme && scatterOption(field, readColors(), server.shop),
    [field, scheme, server.shop],
  )
  const [cursor, setCursor] = useState<number>()
  const read = (place: number) => {
    const point = field.points[place]
    if (!point) return ''
    const x = formatQuantity(field.x.unit, point.x, server.shop, 'round')
    const y = formatQuantity(field.y.unit, point.y, server.shop, 'round')
    return `${point.name} · ${field.x.label} ${x} · ${field.y.label} ${y}`
  }
  if (!option) return null
  return (
    <>
      <p className="mb-1 min-h-5 truncate text-xs text-soft" data-readout="">
        {cursor === undefined ? (
          `Upwards: ${field.y.label.toLowerCase()}. The lines are the medians.`
        ) : (
          <span className="font-medium text-ink">{read(cursor)}</span>
        )}
      </p>
      <div className="relative">
        <Canvas option={option} height={height} drawing={drawing} />
        <Dots title={title} {...field} cursor={cursor} onCursor={setCursor} read={read} />
      </div>
    </>
  )
}

function useField(answer: ReportAnswer, chart: Chart) {
  return useMemo(() => {
    const [x, y] = [chart.x!, chart.y[0]!].map((name) =>
      answer.columns.find((column) => column.name === name),
    ) as [ReportColumn, ReportColumn]
    const points = pointsOf(answer, x.name, y.name)
    const across = directionOf(
      points.map((point) => point.x),
      x.unit === 'count',
    )
    const up = directionOf(
      points.map((point) => point.y),
      y.unit === 'count',
    )
    return { points, x, y, across, up }
  }, [answer, chart])
}

interface DotsProps {
  readonly title: string
  readonly points: readonly Point[]
  readonly across: Direction
  readonly up: Direction
  readonly cursor: number | undefined
  readonly onCursor: (cursor: number | undefined) => void
  readonly read: (place: number) => string
}

/** Lies over the dots: finds the nearest one to the pointer, and goes through them from left to right by keys. */
function Dots({ title, points, across, up, cursor, onCursor, read }: DotsProps) {
  const area = useRef<HTMLDivElement>(null)
  const width = useWidth(area)
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const distances = points.map((point) =>
      Math.hypot(
        across.share(point.x) * box.width - (event.clientX - box.left),
        (1 - up.share(point.y)) * box.height - (event.clientY - box.top),
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
      style={FIELD}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => onCursor(undefined)}
    >
      {point && (
        <span
          className="absolute size-4 -translate-1/2 rounded-full border-2 border-ink"
          style={{
            left: across.share(point.x) * width,
            top: `${(1 - up.share(point.y)) * 100}%`,
          }}
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
