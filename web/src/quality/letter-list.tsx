import { formatMoment, formatText } from '../data/format.ts'
import { momentsOf } from '../data/instant.ts'
import { useSession } from '../data/session.tsx'
import { useView } from '../data/view.ts'
import { PageLink } from '../frame/page-link.tsx'
import { usePageSearch } from '../frame/page-search.ts'
import { Choice } from '../parts/choice.tsx'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { StaleNote } from '../parts/stale-note.tsx'
import {
  type DeadLetter,
  letterPath,
  REASON_WORDS,
  reasonWord,
  settledWord,
  useLetters,
} from './letter-data.ts'

const PAGE = 25

/** Refused events, the latest first; status and reason stand in the address. */
export function LetterList() {
  const { server } = useSession()
  const { status = 'open', reason } = usePageSearch('quality')
  const moments = momentsOf(server.shop.time_zone, useView())
  const filter = { ...moments, reason, status: status === 'all' ? undefined : status }
  const letters = useLetters(filter, PAGE)
  const items = letters.data?.pages.flatMap((page) => page.items)
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="letters">
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h2 id="letters" className="flex-1 font-semibold max-sm:basis-full">
          Dead letters
        </h2>
        <Choice
          name="status"
          label="Status"
          value={status}
          usual="open"
          choices={[
            ['open', 'Open'],
            ['replayed', 'Replayed'],
            ['all', 'Open and replayed'],
          ]}
        />
        <Choice
          name="reason"
          label="Reason"
          value={reason ?? ''}
          usual=""
          choices={[['', 'Every reason'], ...Object.entries(REASON_WORDS)]}
        />
      </div>
      <StaleNote answer={letters} className="mb-2" />
      {letters.isError && !items && (
        <Notice
          title="The dead letters cannot be read"
          error={letters.error}
          onRetry={() => void letters.refetch()}
        />
      )}
      {letters.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-80 w-full" />
        </div>
      )}
      {items?.length === 0 && <p className="text-sm text-soft">None in these days.</p>}
      <ul className="divide-y divide-line" data-busy={letters.isPlaceholderData}>
        {items?.map((letter) => (
          <LetterRow key={letter.dead_letter_id} letter={letter} zone={server.shop.time_zone} />
        ))}
      </ul>
      {letters.hasNextPage && (
        <button
          type="button"
          className="button mt-3"
          disabled={letters.isFetchingNextPage}
          onClick={() => void letters.fetchNextPage()}
        >
          Show more
        </button>
      )}
    </section>
  )
}

function LetterRow({ letter, zone }: { readonly letter: DeadLetter; readonly zone: string }) {
  const { dead_letter_id, reason, event_type, message, source, received_at, status } = letter
  return (
    <li>
      <PageLink
        to={letterPath(dead_letter_id)}
        className="grid min-h-11 items-center gap-x-4 gap-y-0.5 rounded-md py-1.5 text-[0.8125rem] hover:bg-hover sm:grid-cols-[10rem_9rem_minmax(0,1fr)_auto] sm:px-1"
      >
        <time dateTime={received_at} className="text-soft tabular-nums max-sm:text-xs">
          {formatMoment(received_at, zone)}
        </time>
        <span className="truncate">{formatText('event_type', event_type ?? 'unknown')}</span>
        <span className="min-w-0 truncate">
          <span className="font-medium">{reasonWord(reason)}</span>{' '}
          <span className="text-soft">{message}</span>
        </span>
        <span className="flex items-center gap-2 text-xs text-soft">
          {source}
          {status === 'replayed' && <span className="chip chip-good">{settledWord(letter)}</span>}
        </span>
      </PageLink>
    </li>
  )
}
