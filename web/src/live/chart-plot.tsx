import { type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { useWidth } from '../parts/use-width.ts'
import { axisTicks, type Scale, yOf } from './chart-scale.ts'

interface ChartPlotProps<Row> {
  readonly title: string
  readonly legend: ReactNode
  readonly rows: readonly Row[]
  readonly read: (row: Row) => string
  readonly scale: Scale
  readonly draw: (width: number, height: number) => ReactNode
  readonly ends: readonly string[]
  readonly height: number
}

/** The plot, its cursor, and the line above it that shows the legend or what the cursor is on. */
export function ChartPlot<Row>(props: ChartPlotProps<Row>) {
  const { legend, rows, read, ends, height, scale } = props
  const [cursor, setCursor] = useState<number>()
  const row = cursor === undefined ? undefined : rows[Math.min(cursor, rows.length - 1)]
  return (
    <>
      <p className="mt-3 flex min-h-5 items-center gap-4 text-xs text-soft" data-readout="">
        {row === undefined ? (
          legend
        ) : (
          <span className="truncate font-medium text-ink tabular-nums">{read(row)}</span>
        )}
      </p>
      <div className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
        <Ticks scale={scale} height={height} />
        <Plot {...props} cursor={cursor} onCursor={setCursor} />
        <p
          className="relative col-start-2 mt-1.5 h-4 text-xs text-soft tabular-nums"
          aria-hidden="true"
        >
          {ends.map((end, index) => (
            <EndLabel key={end} text={end} share={index / (ends.length - 1)} />
          ))}
        </p>
      </div>
    </>
  )
}

interface PlotProps<Row> extends ChartPlotProps<Row> {
  readonly cursor: number | undefined
  readonly onCursor: (cursor: number | undefined) => void
}

function Plot<Row>(props: PlotProps<Row>) {
  const { title, rows, read, draw, height, scale, cursor, onCursor } = props
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const last = rows.length - 1
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / box.width
    onCursor(Math.max(0, Math.min(last, Math.floor(share * rows.length))))
  }
  return (
    <div
      ref={plot}
      className="relative touch-pan-y rounded has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-2 has-[:focus-visible]:outline-accent"
      style={{ height }}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => onCursor(undefined)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true" className="block overflow-visible">
          <Grid scale={scale} width={width} height={height} />
          {draw(width, height)}
          {cursor !== undefined && (
            <rect
              x={(Math.min(cursor, last) * width) / rows.length}
              width={width / rows.length}
              height={height}
              className="fill-ink opacity-10"
            />
          )}
        </svg>
      )}
      {/* A slider moves by arrow keys, by Home and End, and by the gestures of screen readers, and speaks its value. */}
      <input
        type="range"
        className="pointer-events-none absolute inset-0 m-0 h-full w-full opacity-0"
        aria-label={`${title}: one value at a time`}
        aria-valuetext={read(rows[Math.min(cursor ?? last, last)]!)}
        min={0}
        max={last}
        value={cursor ?? last}
        onChange={(event) => onCursor(Number(event.currentTarget.value))}
        onFocus={() => onCursor(cursor ?? last)}
        onBlur={() => onCursor(undefined)}
      />
    </div>
  )
}

interface AxisProps {
  readonly scale: Scale
  readonly height: number
}

/** What the lines across the plot stand for; as wide as the widest of them. */
function Ticks({ scale, height }: AxisProps) {
  return (
    <div className="relative text-right text-[0.6875rem] text-soft tabular-nums" aria-hidden="true">
      {axisTicks(scale.top).map((tick) => (
        <div key={tick}>
          <span className="invisible block h-0">{scale.text(tick)}</span>
          <span
            className="absolute right-0 -translate-y-1/2"
            style={{ top: yOf(scale, tick, height) }}
          >
            {scale.text(tick)}
          </span>
        </div>
      ))}
    </div>
  )
}

function Grid({ scale, height, width }: AxisProps & { readonly width: number }) {
  return [0, ...axisTicks(scale.top)].map((tick) => {
    const y = Math.round(yOf(scale, tick, height)) - 0.5
    const dash = tick === 0 ? {} : { strokeDasharray: '2 4' }
    return <line key={tick} x2={width} y1={y} y2={y} className="stroke-line" {...dash} />
  })
}

/** A label centred on its place, or flush with the edge that it stands at. */
function EndLabel({ text, share }: { readonly text: string; readonly share: number }) {
  return (
    <span
      className="absolute whitespace-nowrap"
      style={{
        left: `${share * 100}%`,
        transform: `translateX(-${share === 0 || share === 1 ? share * 100 : 50}%)`,
      }}
    >
      {text}
    </span>
  )
}
