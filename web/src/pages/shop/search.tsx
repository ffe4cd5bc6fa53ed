import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'

const NO_REVIEWS = 'No review came in these days.'

/** What visitors look for and do not find, and what customers say. */
export function SearchAndReviews() {
  return (
    <Page title="Search & reviews" days>
      <MetricTiles report="search_overview" />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <ReportCard
          name="search_terms"
          title="What they look for"
          chart={{ kind: 'bar', x: 'search_term', y: ['searches', 'search_purchase_rate'] }}
          limit={10}
          empty="Nobody searched in these days."
        />
        <ReportCard
          name="search_terms"
          title="What they do not find"
          params={{ by: 'no_result' }}
          chart={{ kind: 'bar', x: 'search_term', y: ['no_result_searches', 'no_result_rate'] }}
          limit={10}
          compare={false}
          empty="No search without a result in these days."
        />
      </div>
      <MetricTiles report="review_overview" courses={['ratings_by_day']} />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <ReportCard
          name="ratings_by_day"
          title="Rating over time"
          compare={false}
          empty={NO_REVIEWS}
        />
        <ReportCard
          name="ratings"
          title="Products by rating"
          chart={{ kind: 'table' }}
          columns={['product_id', 'name', 'reviews', 'mean_rating', 'low_rating_share']}
          limit={8}
          compare={false}
          empty={NO_REVIEWS}
        />
      </div>
      <ReportCard
        name="review_list"
        title="Latest reviews"
        columns={[
          'occurred_at',
          'rating',
          'product_id',
          'name',
          'review_text',
          'verified_purchase',
        ]}
        limit={10}
        compare={false}
        empty={NO_REVIEWS}
      />
    </Page>
  )
}
