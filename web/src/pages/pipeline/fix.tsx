import { useId, useState } from 'react'
import { formatCount, formatNoun, formatText } from '../../data/format.ts'
import { Page } from '../../frame/page.tsx'
import { usePageSearch } from '../../frame/page-search.ts'
import { ParentLink } from '../../frame/parent-link.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'
import { parseObject } from '../../quality/json-lines.ts'
import {
  type DeadLetter,
  type Kind,
  type LetterFilter,
  reasonWord,
  useKinds,
  useLetters,
} from '../../quality/letter-data.ts'
import { Payload } from '../../quality/payload.tsx'
import { ReplayPanel, type Selection } from '../../quality/replay-panel.tsx'

/** All open dead letters of one kind: mended by one patch, previewed, sent again. */
export function Fix() {
  const { reason, event_type, path } = usePageSearch('fix')
  const filter: LetterFilter = { reason, event_type, path, status: 'open' }
  const kinds = useKinds(filter)
  const kind = kinds.data?.kinds[0]
  const parent = <ParentLink to="/quality">Data quality</ParentLink>
  const title = `Mend: ${reason ? reasonWord(reason) : 'dead letters'}`
  return (
    <Page title={title} parent={parent}>
      {kinds.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-96 w-full" />
        </div>
      )}
      {kinds.isError && !kind && (
        <Notice
          title="The dead letters cannot be read"
          error={kinds.error}
          onRetry={() => void kinds.refetch()}
        />
      )}
      {kinds.data && !kind && (
        <p className="card p-5 text-sm">None of this kind is open any more.</p>
      )}
      {kind && <FixKind key={`${reason} ${event_type} ${path}`} kind={kind} filter={filter} />}
    </Page>
  )
}

interface FixKindProps {
  readonly kind: Kind
  readonly filter: LetterFilter
}

function FixKind({ kind, filter }: FixKindProps) {
  const id = useId()
  const [text, setText] = useState(() => starterOf(kind))
  const [message, setMessage] = useState('')
  const messages = useMessages(filter)
  const patch = parseObject(text)
  const chosen = messages.find((one) => one.message === message)
  const selection: Selection = chosen ? { ids: chosen.ids } : { filter }
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <section className="card grid min-w-0 gap-3 p-4 sm:p-5" aria-labelledby={`${id}-title`}>
        <div>
          <h2 id={`${id}-title`} className="font-semibold">
            {formatNoun(kind.count, 'open dead letter')},{' '}
            {formatText('event_type', kind.event_type)}
          </h2>
          <p className="mt-0.5 text-[0.8125rem] text-soft">
            One patch for all: what it names replaces what was sent, null removes it, all else stays
            (JSON merge patch).
          </p>
        </div>
        {messages.length > 1 && (
          <div className="grid gap-1 text-sm">
            <label htmlFor={`${id}-message`}>Only those that say</label>
            <select
              id={`${id}-message`}
              className="field w-full min-w-0"
              value={message}
              onChange={(event) => setMessage(event.currentTarget.value)}
            >
              <option value="">Anything: all of this kind</option>
              {messages.map((one) => (
                <option key={one.message} value={one.message}>
                  {one.message} ({formatCount(one.ids.length)})
                </option>
              ))}
            </select>
          </div>
        )}
        <label htmlFor={id} className="text-sm">
          Patch
        </label>
        <textarea
          id={id}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rows={6}
          spellCheck={false}
          className="field w-full py-2 font-mono text-xs leading-5"
        />
        {kind.path?.includes('*') && (
          <p className="text-xs text-soft">
            A patch replaces a list whole. To mend one item of a list, open its dead letter.
          </p>
        )}
        <ReplayPanel
          selection={selection}
          patch={patch ?? {}}
          problem={patch ? undefined : 'This is not a JSON object.'}
        />
      </section>
      <section className="card grid min-w-0 gap-3 p-4 sm:p-5" aria-labelledby={`${id}-samples`}>
        <h2 id={`${id}-samples`} className="font-semibold">
          Samples, the latest first
        </h2>
        {kind.samples.map((letter, place) => (
          <div key={letter.dead_letter_id} className="min-w-0">
            <p className="mb-1 text-xs text-bad">{letter.message}</p>
            <Payload letter={letter} label={`Sample ${place + 1}`} />
          </div>
        ))}
      </section>
    </div>
  )
}

const LOOKED_AT = 500

/** What the latest of a kind say, by message, the most frequent first: one kind may hold several mistakes. */
function useMessages(filter: LetterFilter): { message: string; ids: string[] }[] {
  const letters = useLetters(filter, LOOKED_AT)
  const messages = new Map<string, string[]>()
  for (const { message, dead_letter_id } of letters.data?.pages[0]?.items ?? []) {
    messages.set(message, [...(messages.get(message) ?? []), dead_letter_id])
  }
  return [...messages]
    .map(([message, ids]) => ({ message, ids }))
    .sort((a, b) => b.ids.length - a.ids.length)
}

/** A patch to begin with: the field that failed, with the value that it has now. */
function starterOf({ path, samples }: Kind): string {
  if (path === null || path.includes('*')) return '{\n  \n}'
  const names = path.split('.')
  const value = names.reduce<unknown>(inner, sentOf(samples[0])) ?? ''
  const patch = names.reduceRight<unknown>((whole, name) => ({ [name]: whole }), value)
  return JSON.stringify(patch, null, 2)
}

function sentOf(letter: DeadLetter | undefined): unknown {
  return typeof letter?.raw === 'string' ? parseObject(letter.raw) : undefined
}

function inner(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as { readonly [name: string]: unknown })[name]
}
