import { useNavigate, useSearch } from '@tanstack/react-router'
import { ReportCard } from '../../chart/report-card.tsx'
import { formatWord } from '../../data/format.ts'
import { Page } from '../../frame/page.tsx'
import { ParentLink } from '../../frame/parent-link.tsx'

const STATES = [
  'created',
  'paid',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
  'partially_refunded',
]

/** The orders of the days chosen, the latest first; each leads to its own page. */
export function Orders() {
  const { status } = useSearch({ strict: false }) as { status?: string }
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
        aside={<StatusField status={status} />}
      />
    </Page>
  )
}

function StatusField({ status }: { readonly status: string | undefined }) {
  const navigate = useNavigate()
  const choose = (value: string) => {
    const search = (previous: object) => ({ ...previous, status: value || undefined })
    void navigate({ to: '.', search: search as never })
  }
  return (
    <select
      aria-label="Status"
      className="field"
      value={status ?? ''}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">Any status</option>
      {STATES.map((one) => (
        <option key={one} value={one}>
          {formatWord(one)}
        </option>
      ))}
    </select>
  )
}
