import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { useSession } from '../../data/session.tsx'
import { useSalesReport } from '../../data/time-report.ts'
import { Page } from '../../frame/page.tsx'
import { useLive } from '../../live/live-context.tsx'
import { LivePill } from '../../live/live-pill.tsx'
import { TodayLine } from '../../live/today-line.tsx'
import { NO_VISITS } from './no-visits.ts'

/** How the shop does: today in a sentence, the numbers of the days chosen, and where they come from. */
export function Home() {
  const { server } = useSession()
  const stream = useLive()
  const sales = useSalesReport()
  return (
    <Page
      title="Home"
      days
      filters={['country', 'channel', 'device']}
      aside={
        <LivePill state={stream.state} heardAt={stream.heardAt} zone={server.shop.time_zone} />
      }
    >
      <TodayLine />
      <MetricTiles report="sales_overview" courses={['sales_over_time', 'sessions_over_time']} />
      <ReportCard {...sales} title="Sales" height={260} />
      <div className="grid gap-4 lg:grid-cols-2">
        <ReportCard name="top_products" limit={7} />
        <ReportCard
          empty={NO_VISITS}
          name="channels"
          chart={{ y: ['sessions', 'conversion_rate'] }}
          limit={7}
        />
      </div>
      <ReportCard empty={NO_VISITS} name="purchase_funnel" />
    </Page>
  )
}
