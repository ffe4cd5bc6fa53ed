import { type PointerEvent, type ReactNode, type RefObject, useMemo, useRef, useState } from 'react'
import { formatDayNamed, formatQuantity } from '../data/format.ts'
import { bucketEnd, noLaterThan } from '../data/period.ts'
import { useSession } from '../data/session.tsx'
import { useSetView, useView } from '../data/view.ts'
import { Change } from '../parts/change.tsx'
import { useIsPhone } from '../parts/use-media.ts'
import { useWidth } from '../parts/use-width.ts'
import { readColors, useScheme } from './colors.ts'
import { Canvas } from './drawing.tsx'
import type { Drawing } from './engine.ts'
import { pointLabel } from './point-label.ts'
import type { TimeSeries } from './series.ts'
import { Swatch } from './swatch.tsx'
import { type Frame, timePlotOf } from './time-option.ts'

/** Labels under an axis. */
const ROOM = { phone: 4, desk: 7 } as const

interface TimeChartProps {
  readonly title: string
  readonly kind: 'line' | 'bar'
  readonly data: TimeSeries
  readonly height: number
  readonly drawing: RefObject<Drawing | undefined>
}

/** A time series: drawn by the engine, with a cursor for pointer, finger and arrow keys, and days chosen by dragging. */
export function TimeChart({ title, kind, data, height, drawing }: TimeChartProps) {
  const { server } = useSession()
  const scheme = useScheme()
  const room = ROOM[useIsPhone() ? 'phone' : 'desk']
  const [cursor, setCursor] = useState<number>()
  const plot = useMemo(
    // The colours are those of the scheme.
    () => scheme && timePlotOf(kind, data, readColors(), server.shop, room),
    [kind, data, scheme, server.shop, room],
  )
  if (!plot) return null
  return (
    <>
      <Legend kind={kind} data={data} cursor={cursor} />
      <div className="relative">
        <Canvas option={plot.option} height={height} drawing={drawing} />
        <Cursor title={title} data={data} frame={plot.frame} cursor={cursor} onCursor={setCursor} />
      </div>
    </>
  )
}

interface LegendProps {
  readonly kind: 'line' | 'bar'
  readonly data: TimeSeries
  readonly cursor: number | undefined
}

/** What the marks stand for; on a phone the value under the finger stands here, where the thumb does not cover it. */
function Legend({ kind, data, cursor }: LegendProps) {
  const read = useReader(data)
  return (
    <p
      className="mb-1 flex min-h-5 flex-wrap items-center gap-x-4 gap-y-1 text-xs text-soft"
      data-readout=""
    >
      {cursor !== undefined && (
        <span className="font-medium text-ink sm:hidden">{read(cursor)}</span>
      )}
      <span className={`flex flex-wrap gap-x-4 ${cursor === undefined ? '' : 'max-sm:hidden'}`}>
        {data.series.map(({ label }, place) => (
          <span key={label} className="inline-flex items-center gap-1.5">
            <Swatch kind={kind} place={place} />
            {label}
          </span>
        ))}
        {data.before && (
          <span className="inline-flex items-center gap-1.5">
            <Swatch kind="line" place="before" />
            the period before
          </span>
        )}
        {isPartial(data) && (
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className="hatch h-3 w-4 rounded-xs border border-line" />
            {data.isRunning ? 'not over yet' : 'partial'}
          </span>
        )}
      </span>
    </p>
  )
}

/** A place of the axis in one line, as it is spoken. */
function useReader(data: TimeSeries): (place: number) => string {
  const { server } = useSession()
  return (place) => {
    const start = data.starts[place]
    if (start === undefined) return ''
    const quantity = (unit: TimeSeries['series'][number]['column']['unit'], value?: number) =>
      value === undefined ? '–' : formatQuantity(unit, value, server.shop, 'round')
    const values = data.series.map(({ label, column, values }) => {
      return `${label} ${quantity(column.unit, values[place])}`
    })
    const before = data.before?.[place]
    const unit = data.series[0]!.column.unit
    return [
      pointLabel(start, data.grain),
      ...values,
      ...(before === undefined ? [] : [`before ${quantity(unit, before)}`]),
      ...(data.isRunning && place === data.starts.length - 1 ? ['not over yet'] : []),
    ].join(' · ')
  }
}

interface CursorProps {
  readonly title: string
  readonly data: TimeSeries
  readonly frame: Frame
  readonly cursor: number | undefined
  readonly onCursor: (cursor: number | undefined) => void
}

/** Lies over the drawing: hatches what still runs, follows pointer and keys, and turns a drag into days. */
function Cursor({ title, data, frame, cursor, onCursor }: CursorProps) {
  const area = useRef<HTMLDivElement>(null)
  const width = useWidth(area)
  const [dragged, setDragged] = useState<number>()
  const read = useReader(data)
  const choose = useChooseDays(data)
  const last = data.starts.length - 1
  const step = width / data.starts.length
  const placeOf = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(last, Math.floor((event.clientX - box.left) / step)))
  }
  const begin = (event: PointerEvent<HTMLDivElement>) => {
    onCursor(placeOf(event))
    if (event.pointerType === 'mouse' && event.button === 0) setDragged(placeOf(event))
  }
  const end = (event: PointerEvent<HTMLDivElement>) => {
    const place = placeOf(event)
    if (dragged !== undefined && place !== dragged) choose(dragged, place)
    setDragged(undefined)
  }
  const leave = () => {
    onCursor(undefined)
    setDragged(undefined)
  }
  return (
    <div
      ref={area}
      className="absolute touch-pan-y rounded-sm select-none has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-4 has-[:focus-visible]:outline-accent"
      style={{ ...frame }}
      onPointerMove={(event) => onCursor(placeOf(event))}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={leave}
    >
      {data.isCut.first && (
        <div className="hatch absolute inset-y-0 left-0 rounded-sm" style={{ width: step }} />
      )}
      {(data.isRunning || data.isCut.last) && (
        <div className="hatch absolute inset-y-0 right-0 rounded-sm" style={{ width: step }} />
      )}
      {dragged !== undefined && cursor !== undefined && (
        <Band from={Math.min(dragged, cursor)} to={Math.max(dragged, cursor)} step={step} />
      )}
      {cursor !== undefined && cursor <= last && (
        <>
          <div
            className="absolute inset-y-0 w-px bg-soft/60"
            style={{ left: (cursor + 0.5) * step }}
          />
          <Tooltip data={data} place={cursor} x={(cursor + 0.5) * step} width={width} />
        </>
      )}
      {/* A slider moves by arrow keys, by Home and End, and by the gestures of screen readers, and speaks its value. */}
      <input
        type="range"
        className="pointer-events-none absolute inset-0 m-0 h-full w-full opacity-0"
        aria-label={`${title}: one place at a time`}
        aria-valuetext={read(Math.min(cursor ?? last, last))}
        min={0}
        max={last}
        value={Math.min(cursor ?? last, last)}
        onChange={(event) => onCursor(Number(event.currentTarget.value))}
        onFocus={() => onCursor(cursor ?? last)}
        onBlur={() => onCursor(undefined)}
      />
    </div>
  )
}

function Band({
  from,
  to,
  step,
}: {
  readonly from: number
  readonly to: number
  readonly step: number
}) {
  return (
    <div
      className="absolute inset-y-0 rounded-sm bg-accent/15"
      style={{ left: from * step, width: (to - from + 1) * step }}
    />
  )
}

/** Shows exactly the days from one place to another, of the last week or month those that have begun. */
function useChooseDays({ starts, grain }: TimeSeries): (one: number, other: number) => void {
  const { today } = useView()
  const setView = useSetView()
  return (one, other) => {
    const from = starts[Math.min(one, other)]!.slice(0, 10)
    const to = bucketEnd(starts[Math.max(one, other)]!, grain)
    setView({ period: undefined, from, to: noLaterThan(today, to) })
  }
}

interface TooltipProps {
  readonly data: TimeSeries
  readonly place: number
  readonly x: number
  readonly width: number
}

const TOOLTIP_PX = 208

function Tooltip({ data, place, x, width }: TooltipProps) {
  const { server } = useSession()
  const start = data.starts[place]!
  const side = x + TOOLTIP_PX + 16 > width ? x - TOOLTIP_PX - 12 : x + 12
  const before = data.before?.[place]
  const first = data.series[0]!
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-0 z-10 rounded-lg border border-line bg-raised p-2.5 text-xs shadow-lg max-sm:hidden"
      style={{ left: Math.max(-40, side), width: TOOLTIP_PX }}
    >
      <p className="mb-1 font-medium">{pointLabel(start, data.grain)}</p>
      {data.series.map(({ column, label, values }, index) => (
        <TooltipLine key={column.name} swatch={<Swatch kind="line" place={index} />} label={label}>
          {values[place] === undefined
            ? '–'
            : formatQuantity(column.unit, values[place], server.shop)}
        </TooltipLine>
      ))}
      {before !== undefined && (
        <TooltipLine swatch={<Swatch kind="line" place="before" />} label="Before">
          {formatQuantity(first.column.unit, before, server.shop)}
        </TooltipLine>
      )}
      {before !== undefined && first.values[place] !== undefined && !isLast(data, place) && (
        <p className="mt-1 text-right">
          <Change now={first.values[place]} before={before} metric={first.column.metric} />
        </p>
      )}
      {isLast(data, place) && (
        <p className="mt-1 text-soft">
          Not over yet
          {data.grain === 'day' ? '' : `; ends ${formatDayNamed(bucketEnd(start, data.grain))}`}
        </p>
      )}
    </div>
  )
}

function isLast(data: TimeSeries, place: number): boolean {
  return data.isRunning && place === data.starts.length - 1
}

function isPartial({ isRunning, isCut }: TimeSeries): boolean {
  return isRunning || isCut.first || isCut.last
}

interface TooltipLineProps {
  readonly swatch: ReactNode
  readonly label: string
  readonly children: ReactNode
}

function TooltipLine({ swatch, label, children }: TooltipLineProps) {
  return (
    <p className="flex items-center gap-1.5">
      {swatch}
      <span className="truncate text-soft">{label}</span>
      <span className="ml-auto font-medium tabular-nums">{children}</span>
    </p>
  )
}
