import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'
import { NO_VISITS } from './no-visits.ts'

/** Which products sell, which are only seen, and which go together. */
export function Products() {
  return (
    <Page title="Products" days filters={['category', 'country']}>
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <ReportCard name="top_products" chart={{ y: ['gross_sales', 'units'] }} limit={10} />
        <ReportCard
          name="product_performance"
          title="Seen and wanted"
          empty={NO_VISITS}
          height={330}
          compare={false}
        />
      </div>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <ReportCard
          name="sales_by_category"
          title="Categories"
          chart={{ y: ['gross_sales', 'orders'] }}
        />
        <ReportCard
          name="ratings"
          title="Ratings"
          empty="No review came in these days."
          chart={{ kind: 'bar', x: 'product_id', y: ['reviews', 'mean_rating'] }}
          compare={false}
        />
      </div>
      <ReportCard
        name="product_affinity"
        columns={[
          'product_a',
          'name_a',
          'product_b',
          'name_b',
          'pair_orders',
          'confidence',
          'lift',
        ]}
        compare={false}
        limit={10}
        empty="No two products stand in three orders together in these days."
      />
      <ReportCard
        name="product_performance"
        title="All products"
        chart={{ kind: 'table' }}
        limit={25}
        whole
        hideEmpty
        compare={false}
      />
    </Page>
  )
}
