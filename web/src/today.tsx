import { DEV_KEY, type ServerInfo } from './api.ts'
import { EmptyShop } from './empty-shop.tsx'
import { formatCount, formatMoney } from './format.ts'
import { LatestOrders, type Order } from './latest-orders.tsx'
import { Ledger } from './ledger.tsx'
import { LivePill } from './live-pill.tsx'
import { type Minute, MinutesChart } from './minutes-chart.tsx'
import { useStream } from './stream.ts'
import { Tile } from './tile.tsx'

/** GET /v1/live. Amounts follow the wire's rule: a number below 10^11, else decimal text. */
export interface Live {
  readonly at: string
  readonly visitors: number
  readonly open_carts: number
  readonly open_cart_value: number | string
  readonly currency: string
  readonly today: {
    readonly date: string
    readonly orders: number
    readonly sales: number | string
  }
  readonly minutes: readonly Minute[]
  readonly latest_orders: readonly Order[]
}

interface TodayProps {
  readonly server: ServerInfo
  readonly apiKey: string
}

/** The first page: today's numbers as they change, the ledger, the latest orders. */
export function Today({ server, apiKey }: TodayProps) {
  const { value: live, state } = useStream<Live>('/v1/live/stream', apiKey)
  const isEmpty = live !== undefined && live.latest_orders.length === 0 && live.minutes.length === 0
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col gap-5 px-4 py-5 sm:px-6">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <img src="/icon.svg" alt="" width={28} height={28} />
        <h1 className="text-lg font-semibold">{server.shop.name}</h1>
        <LivePill state={state} />
        <nav aria-label="More" className="ml-auto flex gap-1 text-sm">
          <a
            className="flex min-h-11 items-center rounded-lg px-3 text-accent hover:underline"
            href="/docs"
          >
            API docs
          </a>
        </nav>
      </header>
      <main className="flex flex-col gap-5">
        {isEmpty ? (
          <EmptyShop writeKey={server.mode === 'dev' ? 'pk_dev' : 'YOUR_WRITE_KEY'} />
        ) : (
          <Numbers live={live} zone={server.shop.time_zone} />
        )}
        <div className="grid gap-5 lg:grid-cols-[3fr_2fr]">
          <LatestOrders orders={live?.latest_orders} currency={server.shop.currency} />
          <Ledger apiKey={apiKey} />
        </div>
      </main>
      <footer className="mt-auto pt-2 text-xs text-soft">
        shoplake {server.version}
        {apiKey === DEV_KEY && ' · development keys, this machine only'}
      </footer>
    </div>
  )
}

function Numbers({ live, zone }: { readonly live: Live | undefined; readonly zone: string }) {
  const money = (amount: number | string) => formatMoney(Number(amount), live!.currency)
  return (
    <>
      <section aria-label="Right now" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile
          label="Sales today"
          value={live && money(live.today.sales)}
          note={`since midnight, ${zone}`}
        />
        <Tile
          label="Orders today"
          value={live && formatCount(live.today.orders)}
          note="without cancelled ones"
        />
        <Tile
          label="Visitors now"
          value={live && formatCount(live.visitors)}
          note="active in the last 5 minutes"
        />
        <Tile
          label="Open carts"
          value={live && formatCount(live.open_carts)}
          note={live ? `worth ${money(live.open_cart_value)}, touched in 10 minutes` : ' '}
        />
      </section>
      <MinutesChart minutes={live?.minutes} at={live?.at} />
    </>
  )
}
