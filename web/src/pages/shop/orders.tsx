import { ReportCard } from '../../chart/report-card.tsx'
import { formatText } from '../../data/format.ts'
import { Page } from '../../frame/page.tsx'
import { usePageSearch } from '../../frame/page-search.ts'
import { ParentLink } from '../../frame/parent-link.tsx'
import { Choice } from '../../parts/choice.tsx'

const STATES = [
  'created',
  'paid',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
  'partially_refunded',
]

function inWords(state: string): [string, string] {
  return [state, formatText('status', state)]
}

/** The orders of the days chosen, the latest first; each leads to its own page. */
export function Orders() {
  const { status = '' } = usePageSearch('orders')
  return (
    <Page
      title="Orders"
      parent={<ParentLink to="/sales">Sales</ParentLink>}
      days
      filters={['country']}
    >
      <ReportCard
        name="order_list"
        params={{ limit: 5000, ...(status ? { status } : {}) }}
        columns={[
          'order_id',
          'occurred_at',
          'status',
          'country',
          'customer_id',
          'units',
          'net_sales',
        ]}
        compare={false}
        limit={50}
        aside={
          <Choice
            name="status"
            label="Status"
            value={status}
            usual=""
            choices={[['', 'Any status'], ...STATES.map(inWords)]}
          />
        }
      />
    </Page>
  )
}
