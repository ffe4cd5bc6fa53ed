import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'
import { NO_VISITS } from './no-visits.ts'

/** How far visits get, where they stop, and what the carts left behind were worth. */
export function FunnelPage() {
  return (
    <Page title="Funnel" days filters={['channel', 'device']}>
      <ReportCard empty={NO_VISITS} name="purchase_funnel" />
      <ReportCard
        empty={NO_VISITS}
        name="sessions_over_time"
        title="Conversion rate"
        chart={{ y: ['conversion_rate'] }}
      />
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <ReportCard
          empty={NO_VISITS}
          name="channels"
          title="Conversion by channel"
          chart={{ y: ['conversion_rate', 'sessions'] }}
        />
        <ReportCard
          empty={NO_VISITS}
          name="devices"
          title="Conversion by device"
          chart={{ y: ['conversion_rate', 'sessions'] }}
        />
      </div>
      <ReportCard name="cart_abandonment" empty="No cart was filled in these days." />
    </Page>
  )
}
