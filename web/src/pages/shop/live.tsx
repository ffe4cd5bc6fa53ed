import { useSession } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { LatestOrders } from '../../live/latest-orders.tsx'
import { useLive } from '../../live/live-context.tsx'
import { LivePill } from '../../live/live-pill.tsx'
import { LiveSkeleton } from '../../live/live-skeleton.tsx'
import { MinutesChart } from '../../live/minutes-chart.tsx'
import { Numbers } from '../../live/numbers.tsx'
import { useServerNow } from '../../live/use-now.ts'
import { Ledger } from '../../parts/ledger.tsx'
import { Notice } from '../../parts/notice.tsx'

/** Right now: today's numbers as they change, the last hour, the latest orders. */
export function Live() {
  const { server } = useSession()
  const stream = useLive()
  const { value: live, failure } = stream
  const { time_zone, currency } = server.shop
  const now = useServerNow(live?.at)
  return (
    <Page
      title="Live"
      aside={<LivePill state={stream.state} heardAt={stream.heardAt} zone={time_zone} />}
    >
      {failure && !live && <Notice title="The live numbers cannot be read" error={failure} />}
      {!live && !failure && <LiveSkeleton />}
      {live && <Numbers live={live} zone={time_zone} now={now} />}
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <LatestOrders orders={live?.latest_orders} currency={currency} now={now} />
        <div className="grid grid-cols-1 gap-4">
          {live && <MinutesChart minutes={live.minutes} now={now} zone={time_zone} />}
          <Ledger />
        </div>
      </div>
    </Page>
  )
}
