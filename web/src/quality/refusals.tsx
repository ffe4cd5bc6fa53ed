import { useState } from 'react'
import { formatAgo, formatCount, formatNoun, formatText } from '../data/format.ts'
import { momentsOf } from '../data/instant.ts'
import { useSession } from '../data/session.tsx'
import { useView } from '../data/view.ts'
import { PageLink } from '../frame/page-link.tsx'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { StaleNote } from '../parts/stale-note.tsx'
import { type Kind, letterPath, reasonWord, useKinds } from './letter-data.ts'
import { Payload } from './payload.tsx'

const SHOWN = 8

/** Why events were refused: kinds of the same type, reason and field, with samples and the way to mend them. */
export function Refusals() {
  const { server } = useSession()
  const moments = momentsOf(server.shop.time_zone, useView())
  const kinds = useKinds({ ...moments, status: 'open' })
  const [isWhole, setWhole] = useState(false)
  const all = kinds.data?.kinds ?? []
  const shown = isWhole ? all : all.slice(0, SHOWN)
  const most = Math.max(1, ...all.map(({ count }) => count))
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="refusals">
      <h2 id="refusals" className="font-semibold">
        Why events were refused
      </h2>
      <p className="mt-0.5 mb-3 text-[0.8125rem] text-soft">
        {kinds.data
          ? sentenceOf(all)
          : 'What is kept of refused events can be mended and sent again.'}
      </p>
      <StaleNote answer={kinds} className="mb-2" />
      {kinds.isError && !kinds.data && (
        <Notice
          title="The dead letters cannot be read"
          error={kinds.error}
          onRetry={() => void kinds.refetch()}
        />
      )}
      {kinds.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-56 w-full" />
        </div>
      )}
      <ul className="divide-y divide-line" data-busy={kinds.isPlaceholderData}>
        {shown.map((kind) => (
          <KindRow key={keyOf(kind)} kind={kind} share={kind.count / most} />
        ))}
      </ul>
      {all.length > shown.length && (
        <button type="button" className="button mt-3" onClick={() => setWhole(true)}>
          Show all {formatCount(all.length)} kinds
        </button>
      )}
    </section>
  )
}

function keyOf({ event_type, reason, path }: Kind): string {
  return `${event_type} ${reason} ${path}`
}

function sentenceOf(kinds: readonly Kind[]): string {
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0)
  if (count === 0) return 'No open dead letter was received in these days.'
  return `${formatNoun(count, 'open dead letter')} of ${formatNoun(kinds.length, 'kind')}. Open one to see what was sent; mend it to send all of its kind again.`
}

function KindRow({ kind, share }: { readonly kind: Kind; readonly share: number }) {
  const [isOpen, setOpen] = useState(false)
  const { event_type, reason, path, count } = kind
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 rounded-md py-1.5 text-sm hover:bg-hover sm:grid-cols-[minmax(0,1fr)_12rem_4.5rem]">
          <span className="min-w-0 truncate">
            <span aria-hidden="true" className="mr-2 inline-block w-3 text-soft">
              {isOpen ? '▾' : '▸'}
            </span>
            <span className="font-medium">{reasonWord(reason)}</span>
            {path !== null && <code className="ml-2 font-mono text-xs text-bad">{path}</code>}
            <span className="ml-2 text-soft">{formatText('event_type', event_type)}</span>
          </span>
          <span aria-hidden="true" className="hidden h-1.5 rounded-full bg-hover sm:block">
            <span
              className="swatch block h-full rounded-full bg-bad"
              style={{ width: `${Math.max(2, share * 100)}%` }}
            />
          </span>
          <span className="text-right font-medium tabular-nums">{formatCount(count)}</span>
        </summary>
        {isOpen && <Samples kind={kind} />}
      </details>
    </li>
  )
}

const AROUND_LINES = 4

function Samples({ kind }: { readonly kind: Kind }) {
  const { event_type, reason, path } = kind
  return (
    <div className="grid gap-4 pt-2 pb-4 pl-1 sm:pl-5">
      {kind.samples.map((letter, place) => (
        <div key={letter.dead_letter_id} className="min-w-0">
          <p className="mb-1 flex flex-wrap items-baseline gap-x-3 text-xs text-soft">
            <span className="text-ink">{letter.message}</span>
            <span>
              {letter.source}, {formatAgo(Date.parse(letter.received_at), Date.now())}
            </span>
            <PageLink
              to={letterPath(letter.dead_letter_id)}
              className="link inline-flex min-h-6 items-center max-sm:min-h-11"
            >
              Open
            </PageLink>
          </p>
          <Payload
            letter={letter}
            around={AROUND_LINES}
            label={`Sample ${place + 1}: ${reasonWord(reason)} ${path ?? ''} in ${event_type}`}
          />
        </div>
      ))}
      <p>
        <PageLink
          to="/quality/fix"
          search={{ reason, event_type, path: path ?? undefined }}
          className="button"
        >
          Mend and send again …
        </PageLink>
      </p>
    </div>
  )
}
