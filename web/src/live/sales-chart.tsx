import type { ReactNode } from 'react'
import {
  formatCount,
  formatMoney,
  formatMoneyShort,
  formatNoun,
  formatTime,
} from '../data/format.ts'
import { ChartFigure } from './chart-figure.tsx'
import { axisTop, type Scale, yOf } from './chart-scale.ts'
import type { Hour, Live } from './live.ts'

interface SalesChartProps {
  readonly live: Live
  readonly headline: ReactNode
  readonly sentence: string
  /** Milliseconds, by the server's clock. */
  readonly now: number
  readonly zone: string
}

const HEIGHT = 180
const HOURS = 24

/** What was sold since midnight, growing through the day, beside the day before. */
export function SalesChart({ live, headline, sentence, now, zone }: SalesChartProps) {
  const { hours, currency } = live
  const hourNow = hourOf(now, zone)
  const money = (amount: number | string) => formatMoney(Number(amount), currency)
  const count = (orders: number | string) => formatCount(Number(orders))
  const reached = (hour: Hour) => hour.hour <= hourNow
  const before = grow(hours.map((hour) => Number(hour.yesterday.sales)))
  const today = grow(hours.filter(reached).map((hour) => Number(hour.sales)))
  const scale = {
    top: axisTop(Math.max(before.at(-1)!, today.at(-1)!)),
    text: (amount: number) => formatMoneyShort(amount, currency),
    room: 6,
  }
  return (
    <ChartFigure
      name="sales"
      title="Sales today"
      headline={headline}
      sentence={sentence}
      legend={<Legend />}
      rows={hours}
      columns={[
        { title: 'Hour', value: (hour) => hour.hour, text: (hour) => nameOf(Number(hour)) },
        { title: 'Sales', value: (hour) => (reached(hour) ? hour.sales : undefined), text: money },
        {
          title: 'Orders',
          value: (hour) => (reached(hour) ? hour.orders : undefined),
          text: count,
        },
        { title: 'Sales yesterday', value: (hour) => hour.yesterday.sales, text: money },
        { title: 'Orders yesterday', value: (hour) => hour.yesterday.orders, text: count },
      ]}
      read={(hour) => {
        const today = `${money(hour.sales)} from ${formatNoun(hour.orders, 'order')}`
        return `${nameOf(hour.hour)} · ${reached(hour) ? today : 'still to come'} · yesterday ${money(hour.yesterday.sales)}`
      }}
      scale={scale}
      draw={(width, height) => <Lines {...{ before, today, hourNow, scale, width, height }} />}
      ends={['00:00', '06:00', '12:00', '18:00', '24:00']}
      height={HEIGHT}
    />
  )
}

function Legend() {
  return (
    <>
      <span className="inline-flex items-center gap-1.5">
        <svg aria-hidden="true" width={20} height={4}>
          <line x2={20} y1={2} y2={2} className="stroke-accent" strokeWidth={3} />
        </svg>
        today
      </span>
      <span className="inline-flex items-center gap-1.5">
        <svg aria-hidden="true" width={20} height={4}>
          <line
            x2={20}
            y1={2}
            y2={2}
            className="stroke-soft"
            strokeWidth={2}
            strokeDasharray="4 3"
          />
        </svg>
        yesterday
      </span>
    </>
  )
}

interface LinesProps {
  /** Sums at the full hours from midnight on; today's last one stands at `hourNow`. */
  readonly before: readonly number[]
  readonly today: readonly number[]
  /** With its fraction: 14.5 at half past two. */
  readonly hourNow: number
  readonly scale: Scale
  readonly width: number
  readonly height: number
}

function Lines({ before, today, hourNow, scale, width, height }: LinesProps) {
  const x = (hour: number) => (Math.min(hour, HOURS) * width) / HOURS
  const y = (amount: number) => yOf(scale, amount, height)
  const pointsOf = (sums: readonly number[], end: number) =>
    sums.map((sum, hour) => `${x(Math.min(hour, end))},${y(sum)}`).join(' ')
  const line = pointsOf(today, hourNow)
  return (
    <>
      <polyline
        points={pointsOf(before, HOURS)}
        fill="none"
        className="stroke-soft"
        strokeWidth={1.5}
        strokeDasharray="4 3"
      />
      <polygon
        points={`0,${height} ${line} ${x(hourNow)},${height}`}
        className="fill-accent opacity-12"
      />
      <polyline
        points={line}
        fill="none"
        className="stroke-accent"
        strokeWidth={2.5}
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      <circle
        cx={x(hourNow)}
        cy={y(today.at(-1)!)}
        r={4.5}
        className="fill-accent stroke-surface"
        strokeWidth={2}
      />
    </>
  )
}

/** Sums from midnight to the end of each hour, beginning with none. */
function grow(amounts: readonly number[]): number[] {
  const sums = [0]
  for (const amount of amounts) sums.push(sums.at(-1)! + amount)
  return sums
}

function hourOf(now: number, zone: string): number {
  const [hour, minute] = formatTime(now, zone).split(':').map(Number)
  return hour! + minute! / 60
}

/** `09–10 h`. */
function nameOf(hour: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(hour)}–${two(hour + 1)} h`
}
