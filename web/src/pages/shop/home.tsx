import { ReportTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { useSession } from '../../data/session.tsx'
import { useSalesReport } from '../../data/time-report.ts'
import { Page } from '../../frame/page.tsx'
import { useLive } from '../../live/live-context.tsx'
import { LivePill } from '../../live/live-pill.tsx'
import { TodayLine } from '../../live/today-line.tsx'
import { NO_VISITS } from './no-visits.ts'

const SOLD = ['net_sales', 'orders', 'aov', 'refund_rate']
const VISITED = ['sessions', 'conversion_rate']

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
      <section aria-label="Sales and visits" className="tiles">
        <ReportTiles report="sales_overview" columns={SOLD} courses={['sales_over_time']} />
        <ReportTiles report="visit_overview" columns={VISITED} courses={['sessions_over_time']} />
      </section>
      <ReportCard {...sales} title="Sales" height={260} />
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
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
