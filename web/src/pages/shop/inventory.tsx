import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { useReport } from '../../data/report.ts'
import { numberOf, rowsOf } from '../../data/report-types.ts'
import { Page } from '../../frame/page.tsx'

/** What is left, how long it lasts, and what is already gone. */
export function Inventory() {
  return (
    <Page title="Inventory" days>
      <MetricTiles report="stock_overview" />
      <UncountedStock />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
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
          title="Stock movements"
          chart={{ kind: 'table' }}
          columns={['reason', 'movements', 'units_in', 'units_out', 'change']}
          compare={false}
        />
      </div>
    </Page>
  )
}

/** Less than nothing on hand: only changes have come, and nobody has said what there was before them. */
function UncountedStock() {
  const { data } = useReport('stock_overview')
  const left = numberOf(data && rowsOf(data)[0]?.on_hand)
  if (left === undefined || left >= 0) return null
  return (
    <p className="card px-4 py-3 text-sm text-soft sm:px-5">
      More left the stock than ever came in: products were sold whose stock nobody has counted. Send
      one <code>inventory_updated</code> with <code>level</code> for each of them; from then on the
      numbers are what is really there.
    </p>
  )
}
