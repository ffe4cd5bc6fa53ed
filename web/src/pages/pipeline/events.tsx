import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { formatCount, formatNoun, formatText } from '../../data/format.ts'
import { useSession } from '../../data/session.tsx'
import { eventPath, keyOfTail, type Tail, useTail } from '../../events/tail.ts'
import { TailRow } from '../../events/tail-row.tsx'
import { Page } from '../../frame/page.tsx'
import { usePageSearch } from '../../frame/page-search.ts'
import { Choice } from '../../parts/choice.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'
import type { LedgerAnswer } from '../../quality/ledger-data.ts'

/** The end of the stream as it grows, with the verdict of each event. */
export function Events() {
  const { api } = useSession()
  const { event_type = '', source = '', verdict = '' } = usePageSearch('events')
  const [isPaused, setPaused] = useState(false)
  const filter = new URLSearchParams(
    Object.entries({ event_type, source, verdict }).filter(([, value]) => value !== ''),
  ).toString()
  const tail = useTail(api, filter, isPaused)
  const known = useKnown()
  return (
    <Page title="Events" aside={<TailPill tail={tail} isPaused={isPaused} />}>
      <div className="flex flex-wrap items-center gap-2">
        <button type="button" className="button gap-2" onClick={() => setPaused(!isPaused)}>
          {isPaused ? (
            <Play aria-hidden="true" size={15} />
          ) : (
            <Pause aria-hidden="true" size={15} />
          )}
          {isPaused ? 'Go on' : 'Pause'}
        </button>
        <Choice
          name="verdict"
          label="Verdict"
          value={verdict}
          usual=""
          choices={[
            ['', 'Every verdict'],
            ['accepted', 'Accepted'],
            ['duplicate', 'Duplicates'],
            ['rejected', 'Rejected'],
          ]}
        />
        <Choice
          name="event_type"
          label="Event type"
          value={event_type}
          usual=""
          choices={[['', 'Every type'], ...known.types(event_type)]}
        />
        <Choice
          name="source"
          label="Source"
          value={source}
          usual=""
          choices={[['', 'Every source'], ...known.sources(source)]}
        />
        <TraceForm />
      </div>
      <TailList tail={tail} isFiltered={filter !== ''} />
    </Page>
  )
}

function TailPill({ tail, isPaused }: { readonly tail: Tail; readonly isPaused: boolean }) {
  if (isPaused) {
    return (
      <output className="chip gap-1.5 px-2.5 py-1" data-tail="paused">
        <span aria-hidden="true" className="swatch size-2 rounded-full bg-soft" />
        paused{tail.waiting > 0 && `, ${formatCount(tail.waiting)} waiting`}
      </output>
    )
  }
  const state = tail.failure ? 'stale' : tail.events ? 'live' : 'connecting'
  const dot = { stale: 'bg-warn', live: 'bg-good', connecting: 'bg-soft' }[state]
  return (
    <output className="chip gap-1.5 px-2.5 py-1" data-tail={state}>
      <span aria-hidden="true" className={`swatch size-2 rounded-full ${dot}`} />
      {state}
    </output>
  )
}

function TailList({ tail, isFiltered }: { readonly tail: Tail; readonly isFiltered: boolean }) {
  const { server } = useSession()
  const { events, failure } = tail
  return (
    <section className="card min-w-0 p-3 sm:p-4" aria-label="Latest events">
      {failure && <Notice title="The stream cannot be read" error={failure} />}
      {!events && !failure && (
        <div role="status" aria-label="Loading">
          <Bone className="h-[32rem] w-full" />
        </div>
      )}
      {events?.length === 0 && (
        <p className="p-2 text-sm text-soft">
          {isFiltered
            ? 'Nothing like it among the latest events. It shows here as soon as it comes.'
            : 'Nothing has come yet. The first event shows here within a second.'}
        </p>
      )}
      {events && events.length > 0 && (
        <>
          <ul className="divide-y divide-line">
            {events.map((event) => (
              <TailRow key={keyOfTail(event)} event={event} zone={server.shop.time_zone} />
            ))}
          </ul>
          <p className="px-1 pt-3 text-xs text-soft">
            The latest {formatNoun(events.length, 'line')}, as the collector took them. What is
            older is in SQL.
          </p>
        </>
      )}
    </section>
  )
}

function TraceForm() {
  const navigate = useNavigate()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const id = String(new FormData(event.currentTarget).get('id') ?? '').trim()
    if (id !== '') void navigate({ to: eventPath(id) as never })
  }
  return (
    <form onSubmit={submit} className="ml-auto flex gap-2 max-sm:ml-0 max-sm:w-full">
      <input
        name="id"
        aria-label="An event_id to trace"
        placeholder="event_id"
        autoComplete="off"
        className="field w-56 min-w-0 max-sm:flex-1"
      />
      <button type="submit" className="button">
        Trace
      </button>
    </form>
  )
}

const DAY_MS = 86_400_000

/** Types and sources that came in the last day, and the one that is chosen anyway. */
function useKnown() {
  const { api } = useSession()
  const ledger = useQuery({
    queryKey: ['ledger', 'known'],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - DAY_MS).toISOString()
      return api.read<LedgerAnswer>(`/v1/ledger?from=${from}`, { signal })
    },
    staleTime: 60_000,
  })
  const of = (column: 'event_type' | 'source', chosen: string) => {
    const values = new Set((ledger.data?.rows ?? []).map((row) => row[column]))
    if (chosen !== '') values.add(chosen)
    return [...values].sort().map((value) => [value, formatText(column, value)] as const)
  }
  return {
    types: (chosen: string) => of('event_type', chosen),
    sources: (chosen: string) => of('source', chosen),
  }
}
