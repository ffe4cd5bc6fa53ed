import { formatCount, formatMoney, formatMoneyRound, formatNoun } from '../data/format.ts'
import { Delta } from '../parts/delta.tsx'
import type { Live } from './live.ts'
import { SalesChart } from './sales-chart.tsx'
import { Tile } from './tile.tsx'

interface NumbersProps {
  readonly live: Live
  readonly zone: string
  readonly now: number
}

/** A difference of so few orders says more as itself than in percent. */
const FEW_ORDERS = { below: 20, text: formatCount }

/** Today in one chart and four numbers, each beside yesterday's where that means something. */
export function Numbers({ live, zone, now }: NumbersProps) {
  return (
    <section
      aria-label="Today"
      className="grid grid-cols-1 gap-3 sm:gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]"
    >
      <SalesChart
        live={live}
        headline={<Headline live={live} />}
        sentence={sentenceOf(live)}
        now={now}
        zone={zone}
      />
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4 sm:gap-4 lg:max-h-[26.5rem] lg:grid-cols-1">
        <OrderTiles live={live} />
        <Tile
          name="visitors"
          label="Visitors now"
          value={live.visitors}
          text={formatCount(live.visitors)}
          note="in the last 5 minutes"
        />
        <Tile
          name="carts"
          label="Open carts"
          value={live.open_carts}
          text={formatCount(live.open_carts)}
          note={cartNote(live)}
        />
      </div>
    </section>
  )
}

function Headline({ live }: { readonly live: Live }) {
  const { today, yesterday, currency } = live
  const text = formatMoneyRound(Number(today.sales), currency)
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1" data-tile="sales">
      <data
        key={text}
        value={today.sales}
        className="tick text-4xl font-semibold tracking-tight tabular-nums"
      >
        {text}
      </data>
      <Delta now={Number(today.sales)} before={Number(yesterday.sales)} />
    </p>
  )
}

function OrderTiles({ live }: { readonly live: Live }) {
  const { today, yesterday, currency } = live
  const average = averageOf(today)
  const averageBefore = averageOf(yesterday)
  return (
    <>
      <Tile
        name="orders"
        label="Orders today"
        value={today.orders}
        text={formatCount(today.orders)}
        aside={<Delta now={today.orders} before={yesterday.orders} few={FEW_ORDERS} />}
        note={`${formatCount(yesterday.orders)} yesterday by now`}
      />
      <Tile
        name="average"
        label="Average order"
        value={average ?? ''}
        text={average === undefined ? '–' : formatMoneyRound(average, currency)}
        aside={
          average !== undefined &&
          averageBefore !== undefined && <Delta now={average} before={averageBefore} />
        }
        note={
          averageBefore === undefined
            ? 'no order yesterday by now'
            : `yesterday ${formatMoneyRound(averageBefore, currency)}`
        }
      />
    </>
  )
}

function averageOf({ orders, sales }: Live['today']): number | undefined {
  return orders > 0 ? Number(sales) / orders : undefined
}

function cartNote({ open_carts, open_cart_value, currency }: Live): string {
  if (open_carts === 0) return 'touched in 10 minutes'
  return `worth ${formatMoney(Number(open_cart_value), currency)}`
}

/** The chart in words: so much, from so many orders, and how that compares. */
function sentenceOf({ today, yesterday, currency }: Live): string {
  const so = `${formatNoun(today.orders, 'order')} since midnight, with shipping and tax`
  const before = Number(yesterday.sales)
  if (before <= 0) return `${so}; nothing was sold yesterday by this time.`
  return `${so}; yesterday by this time ${formatMoneyRound(before, currency)} from ${formatNoun(yesterday.orders, 'order')}.`
}
