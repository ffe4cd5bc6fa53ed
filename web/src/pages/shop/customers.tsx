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
      <div className="grid gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <ReportCard
          name="cohort_retention"
          title="Who comes back, by the month of the first order"
        />
        <ReportCard name="repeat_rate" title="Ever since" />
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-2">
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
