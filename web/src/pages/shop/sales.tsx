import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { useSalesReport } from '../../data/time-report.ts'
import { Page } from '../../frame/page.tsx'
import { PageLink } from '../../frame/page-link.tsx'
import { SalesBridge } from './sales-bridge.tsx'

const TILES = ['net_sales', 'gross_sales', 'orders', 'units', 'aov', 'discount_rate']

/** What was sold, from gross to net, when, where to, and what of it came back. */
export function Sales() {
  const { name } = useSalesReport()
  return (
    <Page
      title="Sales"
      days
      filters={['country']}
      aside={
        <PageLink
          to="/orders"
          className="link inline-flex min-h-6 items-center text-sm max-sm:min-h-11"
        >
          All orders
        </PageLink>
      }
    >
      <MetricTiles report="sales_overview" columns={TILES} courses={['sales_over_time']} />
      <ReportCard name={name} title="Sales over time" height={260} />
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <SalesBridge />
        <ReportCard name="sales_by_hour_weekday" title="When people buy" compare={false} />
      </div>
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <ReportCard name="sales_by_category" chart={{ y: ['gross_sales', 'units'] }} />
        <ReportCard name="sales_by_country" chart={{ y: ['gross_sales', 'orders'] }} />
      </div>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <ReportCard name="refunds_by_reason" title="Why money goes back" />
        <ReportCard
          name="order_list"
          title="Latest orders"
          params={{ limit: 10 }}
          columns={['order_id', 'occurred_at', 'status', 'country', 'net_sales']}
          compare={false}
        />
      </div>
    </Page>
  )
}
