import { useParams, useSearch } from '@tanstack/react-router'
import { ReportCard } from '../chart/report-card.tsx'
import type { ReportInfo } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { FILTERS, type FilterName } from '../data/view.ts'
import { Page } from '../frame/page.tsx'
import { textsIn } from '../frame/page-search.ts'
import { PageMissing } from '../frame/page-states.tsx'
import { ParentLink } from '../frame/parent-link.tsx'
import { ParameterForm } from './parameter-form.tsx'

/** Set by the view itself. */
const OWN = new Set<string>(['from', 'to', 'as_of', ...FILTERS])

/** Any report by its name, with a form for the parameters that it declares. */
export function Report() {
  const { name } = useParams({ strict: false }) as { name: string }
  const { reports } = useSession()
  const info = reports.get(name)
  if (!info) return <PageMissing />
  return <ReportPage key={name} info={info} />
}

function ReportPage({ info }: { readonly info: ReportInfo }) {
  const raw: object = useSearch({ strict: false })
  const takes = new Set(info.parameters.map(({ name }) => name))
  const own = info.parameters.filter(({ name }) => !OWN.has(name))
  const params = textsIn(
    { ...raw },
    own.map(({ name }) => name),
  )
  return (
    <Page
      title={info.title}
      parent={<ParentLink to="/reports">Reports</ParentLink>}
      days={takes.has('from') || takes.has('as_of')}
      filters={FILTERS.filter((name): name is FilterName => takes.has(name))}
    >
      <p className="max-w-prose text-sm text-soft">{info.question}</p>
      {own.length > 0 && <ParameterForm parameters={own} values={params} />}
      <ReportCard name={info.name} params={params} limit={50} height={320} />
      {info.chart.kind !== 'table' && (
        <ReportCard
          name={info.name}
          params={params}
          title="All columns"
          chart={{ kind: 'table' }}
          limit={50}
        />
      )}
      {info.note && <p className="max-w-prose text-xs text-soft">{info.note}</p>}
    </Page>
  )
}
