import { formatCount } from './format.ts'

export interface Minute {
  /** `2025-01-15T10:30`, UTC. */
  readonly minute: string
  readonly page_views: number
  readonly product_views: number
  readonly orders: number
}

interface MinutesChartProps {
  readonly minutes: readonly Minute[] | undefined
  readonly at: string | undefined
}

const SHOWN = 60
const MINUTE_MS = 60_000
const HEIGHT = 96

/** Views per minute over the last hour, with a mark where an order came in. The last bar is the minute that still runs. */
export function MinutesChart({ minutes, at }: MinutesChartProps) {
  const bars = barsOf(minutes ?? [], at ? Date.parse(at) : Date.now())
  const top = Math.max(1, ...bars.map((bar) => bar.views))
  const views = bars.reduce((sum, bar) => sum + bar.views, 0)
  const orders = bars.reduce((sum, bar) => sum + bar.orders, 0)
  const sentence = `${formatCount(views)} views and ${formatCount(orders)} orders in the last 60 minutes`
  return (
    <figure className="rounded-xl border border-line bg-surface p-4" data-chart="minutes">
      <figcaption className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">The last hour</span>
        <span className="text-sm text-soft">{sentence}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SHOWN * 10} ${HEIGHT + 12}`}
        className="mt-3 h-28 w-full"
        role="img"
        aria-label={sentence}
        preserveAspectRatio="none"
      >
        {bars.map((bar, index) => (
          <Bar key={bar.minute} bar={bar} x={index * 10} top={top} running={index === SHOWN - 1} />
        ))}
      </svg>
      <p className="mt-1 flex justify-between text-xs text-soft">
        <span>60 min ago</span>
        <span className="inline-flex items-center gap-1">
          <span aria-hidden="true" className="size-2 rounded-full bg-warn" /> order
        </span>
        <span>now</span>
      </p>
    </figure>
  )
}

interface BarData {
  readonly minute: string
  readonly views: number
  readonly orders: number
}

function Bar({
  bar,
  x,
  top,
  running,
}: {
  readonly bar: BarData
  readonly x: number
  readonly top: number
  readonly running: boolean
}) {
  const height = Math.max(bar.views > 0 ? 2 : 0.5, (bar.views / top) * HEIGHT)
  return (
    <g>
      <title>{`${bar.minute.slice(11)} UTC: ${bar.views} views, ${bar.orders} orders`}</title>
      <rect
        x={x + 1}
        y={12 + HEIGHT - height}
        width={8}
        height={height}
        rx={1}
        className={running ? 'fill-accent opacity-50' : 'fill-accent'}
      />
      {bar.orders > 0 && <rect x={x + 2.5} y={2} width={5} height={6} className="fill-warn" />}
    </g>
  )
}

function barsOf(minutes: readonly Minute[], now: number): BarData[] {
  const known = new Map(minutes.map((minute) => [minute.minute, minute]))
  return Array.from({ length: SHOWN }, (_, index) => {
    const minute = new Date(now - (SHOWN - 1 - index) * MINUTE_MS).toISOString().slice(0, 16)
    const found = known.get(minute)
    return {
      minute,
      views: found ? found.page_views + found.product_views : 0,
      orders: found?.orders ?? 0,
    }
  })
}
