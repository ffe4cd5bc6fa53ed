import { useEffect, useState } from 'react'
import { DEV_KEY, type ServerInfo } from './api.ts'
import { EmptyShop } from './empty-shop.tsx'
import { formatDay } from './format.ts'
import { LatestOrders } from './latest-orders.tsx'
import { Ledger, useHasEvents } from './ledger.tsx'
import type { Live } from './live.ts'
import { LivePill } from './live-pill.tsx'
import { MinutesChart } from './minutes-chart.tsx'
import { Notice } from './notice.tsx'
import { Numbers } from './numbers.tsx'
import { Skeleton } from './skeleton.tsx'
import { type Streamed, useStream } from './stream.ts'
import { useServerNow } from './use-now.ts'

interface TodayProps {
  readonly server: ServerInfo
  readonly apiKey: string
  /** The key is not good (any more). */
  readonly onRefused: () => void
}

/** The first page: today's numbers as they change, the latest orders, the ledger. */
export function Today({ server, apiKey, onRefused }: TodayProps) {
  const stream = useStream<Live>('/v1/live/stream', apiKey, onRefused)
  useEffect(() => {
    document.title = `${server.shop.name} · shoplake`
  }, [server.shop.name])
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col gap-3 px-4 pb-5 sm:gap-4 sm:px-6">
      <Header server={server} stream={stream} />
      <Content server={server} apiKey={apiKey} stream={stream} />
      <footer className="mt-auto pt-2 text-xs text-soft">
        shoplake {server.version}
        {apiKey === DEV_KEY && ' · development keys, this machine only'}
      </footer>
    </div>
  )
}

interface HeaderProps {
  readonly server: ServerInfo
  readonly stream: Streamed<Live>
}

function Header({ server, stream }: HeaderProps) {
  const { name, time_zone } = server.shop
  return (
    <header className="flex items-center gap-3 pt-4 sm:pt-5">
      <img src="/icon.svg" alt="" width={36} height={36} className="shrink-0" />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-x-3">
          <h1 className="truncate text-lg font-semibold">{name}</h1>
          <LivePill state={stream.state} heardAt={stream.heardAt} zone={time_zone} />
        </div>
        <p className="truncate text-xs text-soft">
          {stream.value && formatDay(stream.value.today.date)} · {time_zone}
        </p>
      </div>
      <a className="button shrink-0" href="/docs">
        API docs
      </a>
    </header>
  )
}

interface ContentProps extends HeaderProps {
  readonly apiKey: string
}

function Content({ server, apiKey, stream }: ContentProps) {
  const { value: live, failure } = stream
  const { time_zone, currency } = server.shop
  const now = useServerNow(live?.at)
  const { isEmpty, wasEmpty } = useEmptiness(live, apiKey)
  return (
    <main className="grid grid-cols-1 gap-3 sm:gap-4">
      {wasEmpty && !isEmpty && (
        <output className="chip chip-good justify-center rounded-xl px-4 py-3 text-sm">
          ✓ Your first event arrived
        </output>
      )}
      {failure && !live && (
        <Notice title="The live numbers cannot be read; trying again" text={failure.message} />
      )}
      {isEmpty && <EmptyShop writeKey={server.mode === 'dev' ? 'sk_dev' : 'YOUR_SERVER_KEY'} />}
      {!live && !failure && <Skeleton />}
      {live && !isEmpty && <Numbers live={live} zone={time_zone} now={now} />}
      {!isEmpty && (
        <div className="grid grid-cols-1 items-start gap-3 sm:gap-4 lg:grid-cols-2">
          <LatestOrders orders={live?.latest_orders} currency={currency} now={now} />
          <div className="grid grid-cols-1 gap-3 sm:gap-4">
            {live && <MinutesChart minutes={live.minutes} now={now} zone={time_zone} />}
            <Ledger apiKey={apiKey} />
          </div>
        </div>
      )}
    </main>
  )
}

/** Whether no event has ever come, and whether that was so when the page was opened. A quiet hour is not an empty shop. */
function useEmptiness(live: Live | undefined, apiKey: string) {
  const isQuiet = live !== undefined && live.latest_orders.length === 0 && live.minutes.length === 0
  const hasEvents = useHasEvents(apiKey, isQuiet)
  const isEmpty = isQuiet && hasEvents === false
  const [wasEmpty, setWasEmpty] = useState(false)
  useEffect(() => {
    if (isEmpty) setWasEmpty(true)
  }, [isEmpty])
  return { isEmpty, wasEmpty }
}
