import type { ReactNode } from 'react'
import { DataTable } from '../chart/data-table.tsx'
import { formatAgo, formatDays, formatMoment, formatNoun, formatValue } from '../data/format.ts'
import { metricOf } from '../data/metrics.ts'
import { ignoredFilters, type Params, searchOf, useReport } from '../data/report.ts'
import {
  type ReportAnswer,
  type ReportColumn,
  type ReportInfo,
  rowsOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { useSetView, useView, useViewSearch } from '../data/view.ts'
import { PageLink, pathOf } from '../frame/page-link.tsx'
import { Notice } from '../parts/notice.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { type Explained, readExplainKey } from './explain-key.ts'

/** Where a number comes from: its definition, what is in it, how fresh it is, the SQL that ran, and the rows behind it. */
export function ExplainPanel() {
  const { explain } = useViewSearch()
  const { reports } = useSession()
  const setView = useSetView()
  const explained = readExplainKey(explain)
  const info = explained && reports.get(explained.report)
  const column = info?.columns.find(({ name }) => name === explained?.column)
  const close = () => setView({ explain: undefined })
  if (!explained || !info || !column) return null
  return (
    <Sheet title={column.label} open onClose={close} side="right">
      <Explanation explained={explained} info={info} column={column} />
    </Sheet>
  )
}

interface ExplanationProps {
  readonly explained: Explained
  readonly info: ReportInfo
  readonly column: ReportColumn
}

function Explanation({ explained, info, column }: ExplanationProps) {
  const answer = useReport(explained.report, explained.params)
  const metric = metricOf(column.metric)
  return (
    <div className="grid grid-cols-1 gap-5 text-sm" data-explain={column.name}>
      {answer.data && answer.data.rows.length === 1 && (
        <Figure answer={answer.data} column={column} />
      )}
      <Part title="What it is">
        <p>{metric?.definition ?? info.question}</p>
        {metric && (
          <p className="mt-2 rounded-lg bg-ground px-3 py-2 font-mono text-xs">{metric.formula}</p>
        )}
      </Part>
      <Scope info={info} answer={answer.data} />
      {answer.isError && (
        <Notice
          title="It cannot be read now"
          error={answer.error}
          onRetry={() => void answer.refetch()}
        />
      )}
      {answer.isPending && <Bone className="h-40 w-full" />}
      {info.rows && <RowsBehind name={info.rows} params={explained.params} />}
      {answer.data && <Query answer={answer.data} params={explained.params} />}
    </div>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-soft">{title}</h3>
      {children}
    </section>
  )
}

function Figure({
  answer,
  column,
}: {
  readonly answer: ReportAnswer
  readonly column: ReportColumn
}) {
  const { server } = useSession()
  const value = rowsOf(answer)[0]?.[column.name]
  return (
    <p className="text-3xl font-semibold tracking-tight tabular-nums">
      {formatValue(column, value, server.shop)}
    </p>
  )
}

/** Which days and filters it is of, what is left out, and how fresh it is. */
function Scope({
  info,
  answer,
}: {
  readonly info: ReportInfo
  readonly answer: ReportAnswer | undefined
}) {
  const { server } = useSession()
  const view = useView()
  const ignored = ignoredFilters(info, view)
  const takesDays = info.parameters.some(({ name }) => name === 'from')
  const fresh = answer?.fresh_to
  return (
    <Part title="What is in it">
      <ul className="grid list-disc gap-1 pl-4">
        {takesDays && (
          <li>
            {formatDays(view.from, view.to)}, in the shop's time zone, {server.shop.time_zone}.
            {view.to >= view.today && ' Today is not over: it is partial.'}
          </li>
        )}
        {info.note && <li>{info.note}</li>}
        <li>
          Refused events and duplicates are never counted; visits of bots are left out. Amounts are
          in {server.shop.currency}.
        </li>
        {ignored.length > 0 && (
          <li>Not filtered by {ignored.join(' and ')}: this report knows nothing of it.</li>
        )}
        {fresh && (
          <li>
            Holds what was received up to{' '}
            <time dateTime={fresh}>{formatMoment(fresh, server.shop.time_zone)}</time> (
            {formatAgo(Date.parse(fresh), Date.now())}).
          </li>
        )}
      </ul>
    </Part>
  )
}

const READ = 100
const BEHIND = 8

interface RowsBehindProps {
  readonly name: string
  /** Of the number explained: its rows are of the same, as far as their report takes it. */
  readonly params: Params
}

function RowsBehind({ name, params }: RowsBehindProps) {
  const { reports } = useSession()
  const answer = useReport(name, { ...params, limit: READ }, { compare: false })
  const info = reports.get(name)
  if (!info) return null
  return (
    <Part title="The rows behind it">
      {answer.isPending && <Bone className="h-32 w-full" />}
      {answer.isError && (
        <Notice
          title="The rows cannot be read"
          error={answer.error}
          onRetry={() => void answer.refetch()}
        />
      )}
      {answer.data && (
        <div className="-mx-1">
          <DataTable
            title={info.title}
            columns={answer.data.columns.slice(0, 5)}
            rows={rowsOf(answer.data)}
            limit={BEHIND}
            cards
          />
        </div>
      )}
      <PageLink
        to={pathOf('reports', name)}
        search={searchOf({ ...params, limit: undefined })}
        className="link mt-2 inline-flex min-h-6 items-center"
      >
        All of them, with CSV
      </PageLink>
    </Part>
  )
}

interface QueryProps {
  readonly answer: ReportAnswer
  readonly params: Params
}

function Query({ answer, params }: QueryProps) {
  const { columns, rows, elapsed_ms, sql, params: bound } = answer
  const took = `${formatNoun(rows.length, 'row')}, ${formatNoun(columns.length, 'column')}, ${Math.round(elapsed_ms)} ms`
  return (
    <Part title={`The SQL that ran (${took})`}>
      <PageLink
        to={pathOf('reports', answer.report.name)}
        search={searchOf(params)}
        className="link mb-2 inline-flex min-h-6 items-center"
      >
        Open the report “{answer.report.title}”
      </PageLink>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-lg bg-ground p-3 font-mono text-xs leading-5"
      >
        {sql}
      </pre>
      {bound.length > 0 && (
        <p className="mt-1 font-mono text-xs text-soft">
          {bound.map((value, place) => `$${place + 1} = ${value}`).join(', ')}
        </p>
      )}
    </Part>
  )
}
