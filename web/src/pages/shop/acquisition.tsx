import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'
import { NO_VISITS } from './no-visits.ts'

/** Where visits come from, and which of them buy. */
export function Acquisition() {
  return (
    <Page title="Acquisition" days filters={['channel', 'device']}>
      <ReportCard empty={NO_VISITS} name="sessions_over_time" title="Visits" height={240} />
      <ReportCard
        empty={NO_VISITS}
        name="channels"
        chart={{ kind: 'table' }}
        columns={[
          'channel',
          'sessions',
          'bounce_rate',
          'add_to_cart_rate',
          'conversion_rate',
          'orders',
          'gross_sales',
          'revenue_per_session',
        ]}
        compare={false}
      />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <ReportCard empty={NO_VISITS} name="landing_pages" limit={10} compare={false} />
        <ReportCard empty={NO_VISITS} name="devices" />
      </div>
      <ReportCard
        name="campaigns"
        limit={15}
        compare={false}
        empty="No visit came with a campaign in its address (utm_campaign) in these days."
      />
    </Page>
  )
}
