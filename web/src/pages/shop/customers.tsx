import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'
import { RfmMap } from './rfm-map.tsx'

/** Who buys, who comes back, and who is being lost. */
export function Customers() {
  return (
    <Page title="Customers" days>
      <MetricTiles report="customer_overview" />
      <ReportCard
        name="new_vs_returning"
        title="New and returning"
        chart={{ y: ['new_sales', 'returning_sales'] }}
        height={240}
      />
      <ReportCard name="cohort_retention" title="Who comes back, by the month of the first order" />
      <MetricTiles report="repeat_rate" />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <RfmMap />
        <ReportCard
          name="top_customers"
          columns={['customer_id', 'orders', 'gross_sales', 'last_order_date']}
          limit={8}
          compare={false}
        />
      </div>
    </Page>
  )
}
