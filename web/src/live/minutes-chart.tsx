import { useId } from 'react'
import { formatCount, formatNoun, formatTime } from '../data/format.ts'
import { ChartFigure } from './chart-figure.tsx'
import { axisTop, type Scale, yOf } from './chart-scale.ts'
import type { Minute } from './live.ts'

interface MinutesChartProps {
  readonly minutes: readonly Minute[]
  /** Milliseconds, by the server's clock. */
  readonly now: number
  readonly zone: string
}

interface Bar {
  /** On the shop's clock. */
  readonly time: string
  readonly views: number
  readonly orders: number
}

const SHOWN = 60
const MINUTE_MS = 60_000
const HEIGHT = 120
/** Room for the mark of an order above the highest bar. */
const MARK_ROOM = 14

/** Views per minute over the last hour, with a mark where an order came in. The last bar is the minute that still runs. */
export function MinutesChart({ minutes, now, zone }: MinutesChartProps) {
  const bars = barsOf(minutes, now, zone)
  const views = bars.reduce((sum, bar) => sum + bar.views, 0)
  const orders = bars.reduce((sum, bar) => sum + bar.orders, 0)
  const scale = {
    top: axisTop(Math.max(...bars.map((bar) => bar.views))),
    text: formatCount,
    room: MARK_ROOM,
  }
  return (
    <ChartFigure
      name="minutes"
      title="The last hour"
      sentence={`${formatNoun(views, 'view')} and ${formatNoun(orders, 'order')} in the last 60 minutes.`}
      legend={<Legend />}
      rows={bars}
      columns={[
        { title: 'Minute', value: (bar) => bar.time, text: String },
        { title: 'Views', value: (bar) => bar.views, text: (count) => formatCount(Number(count)) },
        {
          title: 'Orders',
          value: (bar) => bar.orders,
          text: (count) => formatCount(Number(count)),
        },
      ]}
      read={(bar) =>
        `${bar.time} · ${formatNoun(bar.views, 'view')} · ${formatNoun(bar.orders, 'order')}`
      }
      scale={scale}
      draw={(width, height) => <Bars bars={bars} scale={scale} width={width} height={height} />}
      ends={[bars[0]!.time, bars[SHOWN / 2]!.time, 'now']}
      height={HEIGHT}
    />
  )
}

function Legend() {
  return (
    <>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden="true" className="swatch h-3 w-2 rounded-xs bg-accent" /> views a minute
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden="true" className="swatch size-2 rounded-full bg-warn" /> order
      </span>
    </>
  )
}

interface BarsProps {
  readonly bars: readonly Bar[]
  readonly scale: Scale
  readonly width: number
  readonly height: number
}

function Bars({ bars, scale, width, height }: BarsProps) {
  const hatch = useId()
  const step = width / bars.length
  return (
    <>
      <pattern
        id={hatch}
        width={4}
        height={4}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width={2} height={4} className="fill-accent" />
      </pattern>
      {bars.map((bar, index) => {
        const y = bar.views === 0 ? height : Math.min(height - 2, yOf(scale, bar.views, height))
        const runs = index === bars.length - 1
        return (
          <g key={bar.time} transform={`translate(${index * step} ${y})`}>
            <rect
              x={step * 0.12}
              width={step * 0.76}
              height={height - y}
              rx={1.5}
              className={runs ? '' : 'fill-accent'}
              {...(runs ? { fill: `url(#${hatch})` } : {})}
            />
            {bar.orders > 0 && <circle cx={step / 2} cy={-7} r={3.5} className="fill-warn" />}
          </g>
        )
      })}
    </>
  )
}

function barsOf(minutes: readonly Minute[], now: number, zone: string): Bar[] {
  const known = new Map(minutes.map((minute) => [minute.minute, minute]))
  return Array.from({ length: SHOWN }, (_, index) => {
    const at = now - (SHOWN - 1 - index) * MINUTE_MS
    const found = known.get(new Date(at).toISOString().slice(0, 16))
    return {
      time: formatTime(at, zone),
      views: found ? found.page_views + found.product_views : 0,
      orders: found?.orders ?? 0,
    }
  })
}
