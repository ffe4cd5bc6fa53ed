import { type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { useWidth } from './use-width.ts'

interface ChartPlotProps<Row> {
  readonly title: string
  readonly legend: ReactNode
  readonly rows: readonly Row[]
  readonly read: (row: Row) => string
  readonly draw: (width: number, height: number) => ReactNode
  readonly ends: readonly string[]
  readonly height: number
}

/** The plot, its cursor, and the line above it that shows the legend or what the cursor is on. */
export function ChartPlot<Row>({
  title,
  legend,
  rows,
  read,
  draw,
  ends,
  height,
}: ChartPlotProps<Row>) {
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const [cursor, setCursor] = useState<number>()
  const last = rows.length - 1
  const row = cursor === undefined ? undefined : rows[Math.min(cursor, last)]
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / box.width
    setCursor(Math.max(0, Math.min(last, Math.floor(share * rows.length))))
  }
  return (
    <>
      <p className="mt-3 flex min-h-5 items-center gap-4 text-xs text-soft" data-readout="">
        {row === undefined ? (
          legend
        ) : (
          <span className="truncate font-medium text-ink tabular-nums">{read(row)}</span>
        )}
      </p>
      <div
        ref={plot}
        className="relative mt-2 touch-pan-y rounded has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-4 has-[:focus-visible]:outline-accent"
        style={{ height }}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setCursor(undefined)}
      >
        {width > 0 && (
          <svg width={width} height={height} aria-hidden="true" className="block overflow-visible">
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
          aria-valuetext={read(rows[cursor ?? last]!)}
          min={0}
          max={last}
          value={cursor ?? last}
          onChange={(event) => setCursor(Number(event.currentTarget.value))}
          onFocus={() => setCursor((at) => at ?? last)}
          onBlur={() => setCursor(undefined)}
        />
      </div>
      <p className="relative mt-1.5 h-4 text-xs text-soft tabular-nums" aria-hidden="true">
        {ends.map((end, index) => (
          <EndLabel key={end} text={end} share={index / (ends.length - 1)} />
        ))}
      </p>
    </>
  )
}

/** A label centred on its place, or flush with the edge that it stands at. */
function EndLabel({ text, share }: { readonly text: string; readonly share: number }) {
  return (
    <span
      className="absolute"
      style={{
        left: `${share * 100}%`,
        transform: `translateX(-${share === 0 || share === 1 ? share * 100 : 50}%)`,
      }}
    >
      {text}
    </span>
  )
}
