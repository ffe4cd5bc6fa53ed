import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'

/** What is left, how long it lasts, and what is already gone. */
export function Inventory() {
  return (
    <Page title="Inventory" days>
      <MetricTiles report="stock_overview" />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <ReportCard
          name="stock_cover"
          title="What runs out first"
          chart={{ kind: 'table' }}
          columns={[
            'product_id',
            'name',
            'on_hand',
            'units_per_day',
            'days_of_cover',
            'stockout_days',
          ]}
          limit={15}
          compare={false}
        />
        <ReportCard
          name="stock_by_reason"
          title="What moved the stock"
          chart={{ kind: 'table' }}
          columns={['reason', 'movements', 'units_in', 'units_out', 'change']}
          compare={false}
        />
      </div>
    </Page>
  )
}
