import { useMutation, useQueryClient } from '@tanstack/react-query'
import { formatCount, formatNoun } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { AdminNotice } from '../parts/admin-notice.tsx'
import { type LetterFilter, letterPath, reasonWord } from './letter-data.ts'

/** Which dead letters are sent again: those with ids, or all open ones that a filter takes. */
export type Selection = { readonly ids: readonly string[] } | { readonly filter: LetterFilter }

interface ReplayAnswer {
  readonly dry_run: boolean
  readonly selected: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly not_replayable: number
  readonly more: boolean
  readonly results: readonly {
    readonly dead_letter_id: string
    readonly verdict: string
    readonly reason?: string
    readonly message?: string
  }[]
}

interface ReplayPanelProps {
  readonly selection: Selection
  readonly patch: { readonly [name: string]: unknown }
  /** Why it cannot be tried as it stands, in words. */
  readonly problem?: string | undefined
}

/** Preview first: what the collector would say of each, with nothing written. Then, if some would be settled by it, the real thing. */
export function ReplayPanel({ selection, patch, problem }: ReplayPanelProps) {
  const { admin } = useSession()
  const queries = useQueryClient()
  const body = { ...selection, patch }
  const asked = JSON.stringify(body)
  const run = useMutation({
    mutationFn: async (dry_run: boolean) => {
      const sent = { method: 'POST', body: { ...body, dry_run } }
      const answer = await admin.read<ReplayAnswer>('/v1/dead-letters/replay', sent)
      return { asked, answer }
    },
    onSuccess: async ({ answer }) => {
      if (!answer.dry_run) await queries.invalidateQueries({ queryKey: ['dead-letters'] })
    },
  })
  // A preview speaks of what was asked then; after another change it says nothing.
  const answer = run.data?.asked === asked ? run.data.answer : undefined
  const settled = answer?.dry_run === true ? answer.accepted + answer.duplicates : 0
  const canReplay = settled > 0
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <button
          type="button"
          className="button"
          disabled={problem !== undefined || run.isPending}
          onClick={() => run.mutate(true)}
        >
          Preview
        </button>
        <button
          type="button"
          className="button button-strong"
          disabled={!canReplay || run.isPending}
          onClick={() => run.mutate(false)}
        >
          {canReplay ? `Send ${formatNoun(settled, 'event')} again` : 'Send again'}
        </button>
        <span className="text-xs text-soft">
          {problem ??
            (answer ? '' : 'A preview writes nothing. It must pass before anything is sent.')}
        </span>
      </div>
      {run.isError && (
        <AdminNotice
          title="It could not be sent again"
          error={run.error}
          onRetry={() => run.mutate(true)}
        />
      )}
      {answer && <Outcome answer={answer} />}
    </div>
  )
}

const SHOWN = 10

function Outcome({ answer }: { readonly answer: ReplayAnswer }) {
  const { dry_run, selected, accepted, duplicates, rejected, not_replayable, more } = answer
  const isWhole = accepted === selected
  const parts = [
    [accepted, dry_run ? 'would be accepted' : 'accepted'],
    [duplicates, dry_run ? 'would be duplicates' : 'duplicates'],
    [rejected, dry_run ? 'would be rejected again' : 'rejected again'],
    [not_replayable, 'cannot be sent again'],
  ] as const
  return (
    <div
      role="status"
      className={`rounded-lg border p-3 text-sm ${isWhole ? 'border-good' : 'border-line'}`}
      data-replay={dry_run ? 'preview' : 'done'}
    >
      <p className="font-medium">
        {dry_run ? 'Preview of ' : 'Sent again: '}
        {formatNoun(selected, 'event')}
        {more && ', the first of more'}
      </p>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 tabular-nums">
        {parts
          .filter(([count], place) => place === 0 || count > 0)
          .map(([count, word]) => (
            <li key={word} className={word.includes('accepted') && count > 0 ? 'text-good' : ''}>
              {formatCount(count)} {word}
            </li>
          ))}
      </ul>
      {!dry_run && accepted > 0 && (
        <p className="mt-1 text-soft">Orders, stock and reports follow within seconds.</p>
      )}
      {dry_run && duplicates > 0 && (
        <p className="mt-1 text-soft">
          The event of a duplicate has come by another way. Sending it again settles the dead
          letter.
        </p>
      )}
      {answer.results.length > 0 && (
        <ul className="mt-2 grid gap-1 text-xs">
          {answer.results.slice(0, SHOWN).map(({ dead_letter_id, verdict, reason, message }) => (
            <li key={dead_letter_id} className="flex min-w-0 gap-2">
              <PageLink to={letterPath(dead_letter_id)} className="link min-w-0 flex-1 truncate">
                {message ?? (reason ? reasonWord(reason) : verdict)}
              </PageLink>
            </li>
          ))}
          {answer.results.length > SHOWN && (
            <li className="text-soft">and {formatCount(answer.results.length - SHOWN)} more</li>
          )}
        </ul>
      )}
    </div>
  )
}
