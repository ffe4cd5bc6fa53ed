import { useParams } from '@tanstack/react-router'
import { type ReactNode, useId, useState } from 'react'
import { ProblemError } from '../../data/api.ts'
import { formatCount, formatMoment, formatText } from '../../data/format.ts'
import { useSession } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { ParentLink } from '../../frame/parent-link.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'
import { isObject, parseObject, patchBetween } from '../../quality/json-lines.ts'
import {
  type DeadLetter as Letter,
  reasonWord,
  settledWord,
  useLetter,
} from '../../quality/letter-data.ts'
import { Payload } from '../../quality/payload.tsx'
import { ReplayPanel } from '../../quality/replay-panel.tsx'

/** One refused event: why, what was sent, and the way to mend it. */
export function DeadLetter() {
  const { id } = useParams({ strict: false }) as { id: string }
  const letter = useLetter(id)
  const parent = <ParentLink to="/quality">Data quality</ParentLink>
  const title = letter.data ? reasonWord(letter.data.reason) : 'Dead letter'
  const isGone = letter.error instanceof ProblemError && letter.error.problem.status === 404
  return (
    <Page
      title={title}
      parent={parent}
      aside={
        letter.data?.status === 'replayed' && (
          <span className="chip chip-good">{settledWord(letter.data)}</span>
        )
      }
    >
      {letter.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-96 w-full" />
        </div>
      )}
      {isGone && (
        <p className="card p-5 text-sm">
          There is no such dead letter: it has expired, or its row was refused in an earlier import
          already.
        </p>
      )}
      {letter.isError && !isGone && !letter.data && (
        <Notice
          title="The dead letter cannot be read"
          error={letter.error}
          onRetry={() => void letter.refetch()}
        />
      )}
      {letter.data && <LetterDetail key={id} letter={letter.data} />}
    </Page>
  )
}

function LetterDetail({ letter }: { readonly letter: Letter }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,4fr)]">
      <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="sent">
        <h2 id="sent" className="font-semibold">
          What was sent
        </h2>
        <p className="mt-0.5 mb-3 text-sm text-bad">{letter.message}</p>
        <Payload letter={letter} />
      </section>
      <div className="grid min-w-0 grid-cols-1 gap-4">
        <Facts letter={letter} />
        <Mend letter={letter} />
      </div>
    </div>
  )
}

function Facts({ letter }: { readonly letter: Letter }) {
  const { server } = useSession()
  const { event_type, path, source, source_kind, received_at, request_id, index } = letter
  return (
    <section className="card min-w-0 p-4 text-sm sm:p-5" aria-label="Where it came from">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <Fact word="Event type">{formatText('event_type', event_type ?? 'unknown')}</Fact>
        {path !== null && (
          <Fact word="Field">
            <code className="font-mono text-xs">{path}</code>
          </Fact>
        )}
        <Fact word="Source">
          {source} ({source_kind})
        </Fact>
        <Fact word="Received">
          <time dateTime={received_at}>{formatMoment(received_at, server.shop.time_zone)}</time>
        </Fact>
        <Fact word="Request">
          <code className="font-mono text-xs">{request_id}</code>, event {formatCount(index + 1)}
        </Fact>
        {letter.file !== undefined && (
          <Fact word="File">
            {letter.file}
            {letter.line !== undefined && `, line ${letter.line}`}
          </Fact>
        )}
      </dl>
    </section>
  )
}

function Fact({ word, children }: { readonly word: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{word}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}

function Mend({ letter }: { readonly letter: Letter }) {
  const id = useId()
  const original = objectOf(letter)
  const before = original ? JSON.stringify(original, null, 2) : ''
  const [text, setText] = useState(before)
  if (letter.status === 'replayed') {
    return (
      <section className="card p-4 text-sm sm:p-5" aria-label="Mend it">
        <p>
          {letter.replayed_as === 'duplicate'
            ? 'It was sent again and was a duplicate: its event had come by another way already.'
            : 'It was sent again and is an event like any other now.'}
        </p>
      </section>
    )
  }
  if (!original) {
    return (
      <section className="card p-4 text-sm sm:p-5" aria-label="Mend it">
        <p className="font-semibold">It cannot be mended here</p>
        <p className="mt-1 text-soft">{whyNot(letter)}</p>
      </section>
    )
  }
  const edited = parseObject(text)
  const patch = edited && patchBetween(original, edited)
  return (
    <section className="card grid min-w-0 gap-3 p-4 sm:p-5" aria-labelledby={`${id}-title`}>
      <div>
        <h2 id={`${id}-title`} className="font-semibold">
          Mend it
        </h2>
        <p className="mt-0.5 text-[0.8125rem] text-soft">
          Change the event, see what the collector would say, and send it again.
        </p>
      </div>
      <label htmlFor={id} className="sr-only">
        The event, as JSON
      </label>
      <textarea
        id={id}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rows={Math.min(20, before.split('\n').length + 1)}
        spellCheck={false}
        className="field w-full py-2 font-mono text-xs leading-5 whitespace-pre"
      />
      {patch && Object.keys(patch).length > 0 && (
        <p className="text-xs text-soft">
          Changes:{' '}
          <code className="font-mono [overflow-wrap:anywhere]">{JSON.stringify(patch)}</code>
        </p>
      )}
      <ReplayPanel
        selection={{ ids: [letter.dead_letter_id] }}
        patch={patch ?? {}}
        problem={problemOf(edited, patch)}
      />
    </section>
  )
}

function problemOf(edited: object | undefined, patch: object | undefined): string | undefined {
  if (edited === undefined) return 'This is not a JSON object.'
  return patch === undefined ? 'Leave a field out instead of setting it to null.' : undefined
}

function objectOf({ raw, raw_encoding, truncated }: Letter) {
  if (typeof raw !== 'string' || raw_encoding !== 'utf8' || truncated) return undefined
  const value = parseObject(raw)
  return isObject(value) ? value : undefined
}

/** Why an event cannot be sent again from here. */
function whyNot({ raw, truncated, raw_encoding, reason }: Letter): string {
  if (reason === 'not_encodable') return 'It was accepted; no writer could encode it.'
  if (raw === null || raw === undefined || raw === '') return 'What was sent is not kept any more.'
  if (truncated) return 'Only its beginning is kept. Send it again from where it came.'
  if (raw_encoding === 'base64') return 'It is not text. Send it again from where it came.'
  return 'It is not a JSON object. Send it again from where it came.'
}
