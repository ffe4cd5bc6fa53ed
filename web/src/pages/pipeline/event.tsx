import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isPassing, ProblemError } from '../../data/api.ts'
import { pathOfCell } from '../../data/entity.ts'
import { formatText, formatWord } from '../../data/format.ts'
import { type Row, textOf } from '../../data/report-types.ts'
import { useSession } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { PageLink, pathOf } from '../../frame/page-link.tsx'
import { usePageSearch } from '../../frame/page-search.ts'
import { ParentLink } from '../../frame/parent-link.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'
import { letterPath } from '../../quality/letter-data.ts'

/** GET /v1/events/{id}. */
interface Trace {
  readonly event_type: string
  readonly row: Row
  readonly documents: readonly { readonly kind: string; readonly id: string }[]
  readonly reports: readonly string[]
}

const LOOK_MS = 1500
const LOOKS = 20

/** One event from the moment it happened to the rows, documents and numbers that it touched. */
export function Event() {
  const { id } = useParams({ strict: false }) as { id: string }
  const { day } = usePageSearch('event')
  const { api } = useSession()
  const trace = useQuery({
    queryKey: ['event', id, day],
    queryFn: ({ signal }) => {
      const bound = day ? `?day=${encodeURIComponent(day)}` : ''
      return api.ask<Trace>(`/v1/events/${encodeURIComponent(id)}${bound}`, { signal })
    },
    // What was accepted a moment ago is in the lake soon.
    retry: (count, error) => (isMissing(error) || isPassing(error)) && count < LOOKS,
    retryDelay: LOOK_MS,
  })
  const title = trace.data ? formatText('event_type', trace.data.event_type) : 'Event'
  return (
    <Page
      title={title}
      parent={<ParentLink to="/events">Events</ParentLink>}
      aside={<code className="min-w-0 truncate font-mono text-xs text-soft">{id}</code>}
    >
      {trace.isPending && (
        <div role="status" aria-label="Loading" className="grid gap-4">
          {trace.failureCount > 0 && (
            <p className="text-sm text-soft">Not in the lake yet; looking again …</p>
          )}
          <Bone className="h-96 w-full" />
        </div>
      )}
      {trace.isError && !trace.data && (
        <Notice
          title={isMissing(trace.error) ? 'There is no such event' : 'The event cannot be read'}
          error={trace.error}
          onRetry={() => void trace.refetch()}
        />
      )}
      {trace.data && (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <Way trace={trace.data} />
          <RowCard row={trace.data.row} />
        </div>
      )}
    </Page>
  )
}

function isMissing(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 404
}

/** Step by step, with the time between. */
function Way({ trace }: { readonly trace: Trace }) {
  const { row, documents, reports, event_type } = trace
  const [occurred, sent, received, written] = [
    'occurred_at',
    'sent_at',
    'received_at',
    'written_at',
  ].map((column) => textOf(row[column]))
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="way">
      <h2 id="way" className="mb-4 font-semibold">
        Its way
      </h2>
      <ol className="grid">
        <Step title="Happened" at={occurred!}>
          By the sender's clock.
        </Step>
        {sent !== '' && <Step title="Sent" at={sent!} since={occurred!} />}
        <Step title="Received" at={received!} since={sent || occurred!}>
          By the key <b className="font-medium text-ink">{textOf(row.source)}</b> (
          {textOf(row.source_kind)}).
        </Step>
        <Step title="Accepted">
          Checked, not a duplicate, enriched: {enrichedOf(row)}.
          {textOf(row.replay_of) !== '' && (
            <>
              {' '}
              It was replayed from{' '}
              <PageLink to={letterPath(textOf(row.replay_of))} className="link underline">
                a dead letter
              </PageLink>
              .
            </>
          )}
        </Step>
        <Step title="In the lake" at={written!} since={received!}>
          A row of <code className="font-mono text-xs">{event_type}</code>, day{' '}
          {textOf(row.dt).slice(0, 10)}.
        </Step>
        <Step title="In the store">
          {documents.length === 0 ? 'It names no document that is kept.' : 'What it is about: '}
          <DocumentLinks documents={documents} />
        </Step>
        <Step title="In numbers" isLast>
          {reports.length === 0 ? (
            'No report reads events of this type.'
          ) : (
            <ReportLinks names={reports} />
          )}
        </Step>
      </ol>
    </section>
  )
}

interface StepProps {
  readonly title: string
  /** ISO time; none where the step has no moment of its own. */
  readonly at?: string
  /** The moment of the step before. */
  readonly since?: string
  readonly isLast?: boolean
  readonly children?: ReactNode
}

function Step({ title, at, since, isLast = false, children }: StepProps) {
  return (
    <li className="relative pb-5 pl-6 last:pb-0">
      <span
        aria-hidden="true"
        className="swatch absolute top-1.5 left-0 size-2.5 rounded-full bg-accent"
      />
      {!isLast && (
        <span aria-hidden="true" className="absolute top-4 bottom-0 left-[0.28rem] w-px bg-line" />
      )}
      <p className="flex flex-wrap items-baseline gap-x-3 text-sm">
        <span className="font-medium">{title}</span>
        {at && <Moment at={at} />}
        {at && since && <span className="text-xs text-soft">{betweenOf(since, at)}</span>}
      </p>
      {children && <div className="text-[0.8125rem] text-soft">{children}</div>}
    </li>
  )
}

/** To the millisecond, on the shop's clock. */
function Moment({ at }: { readonly at: string }) {
  const { server } = useSession()
  const moment = momentOf(at)
  const format = new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
    timeZone: server.shop.time_zone,
  })
  const ms = String(moment.getUTCMilliseconds()).padStart(3, '0')
  return (
    <time dateTime={moment.toISOString()} className="text-soft tabular-nums">
      {format.format(moment)} <span className="text-xs">+{ms} ms</span>
    </time>
  )
}

/** Times of SQL are UTC and may not say so. */
function momentOf(at: string): Date {
  const text = at.replace(' ', 'T')
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)
}

/** `after 1.2 s`. */
function betweenOf(since: string, at: string): string {
  const ms = momentOf(at).getTime() - momentOf(since).getTime()
  if (ms < 0) return 'before it: the clocks differ'
  if (ms < 1000) return `after ${ms} ms`
  if (ms < 120_000) return `after ${(ms / 1000).toFixed(1)} s`
  if (ms < 7_200_000) return `after ${Math.round(ms / 60_000)} min`
  if (ms < 172_800_000) return `after ${Math.round(ms / 3_600_000)} h`
  return `after ${Math.round(ms / 86_400_000)} days`
}

const ENRICHED = ['channel', 'device', 'local_date', 'shop_value'] as const

function enrichedOf(row: Row): string {
  const said = ENRICHED.filter((column) => textOf(row[column]) !== '').map(
    (column) => `${formatWord(column).toLowerCase()} ${textOf(row[column])}`,
  )
  return [...said, row.bot === true ? 'a bot' : ''].filter((word) => word !== '').join(', ')
}

function DocumentLinks({ documents }: Pick<Trace, 'documents'>) {
  return documents.map(({ kind, id }, place) => {
    const to = pathOfCell(`${kind}_id`, { [`${kind}_id`]: id })
    const joint = place === documents.length - 1 ? '.' : ', '
    return (
      <span key={kind}>
        {kind}{' '}
        {to ? (
          <PageLink to={to} className="link underline [overflow-wrap:anywhere]">
            {id}
          </PageLink>
        ) : (
          <code className="font-mono text-xs [overflow-wrap:anywhere]">{id}</code>
        )}
        {joint}
      </span>
    )
  })
}

function ReportLinks({ names }: { readonly names: readonly string[] }) {
  const { reports } = useSession()
  return (
    <>
      Reports that count events of this type:
      <ul className="mt-1.5 flex flex-wrap gap-1.5">
        {names.map((name) => (
          <li key={name}>
            <PageLink
              to={pathOf('reports', name)}
              className="chip min-h-6 hover:border-soft max-sm:min-h-11"
            >
              {reports.get(name)?.title ?? name}
            </PageLink>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Every column that has a value, as the lake holds it. */
function RowCard({ row }: { readonly row: Row }) {
  const columns = Object.entries(row).filter(([, value]) => value !== null)
  const missing = Object.keys(row).length - columns.length
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="row">
      <h2 id="row" className="mb-2 font-semibold">
        Its row in the lake
      </h2>
      <dl className="divide-y divide-line text-[0.8125rem]" data-event-row="">
        {columns.map(([column, value]) => (
          <div key={column} className="grid gap-x-4 py-1.5 sm:grid-cols-[10rem_minmax(0,1fr)]">
            <dt className="font-mono text-xs leading-5 text-soft">{column}</dt>
            <dd className="whitespace-pre-wrap [overflow-wrap:anywhere]">
              {typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)}
            </dd>
          </div>
        ))}
      </dl>
      {missing > 0 && (
        <p className="mt-2 text-xs text-soft">{missing} columns of its type are empty.</p>
      )}
    </section>
  )
}
