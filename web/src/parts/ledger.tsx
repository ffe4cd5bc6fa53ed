import { useQuery } from '@tanstack/react-query'
import { formatCount } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import type { LedgerAnswer, LedgerNumbers } from '../quality/ledger-data.ts'
import { Notice } from './notice.tsx'
import { isStale, StaleNote } from './stale-note.tsx'

const REFETCH_MS = 5000
const DAY_MS = 86_400_000

interface LineData {
  readonly title: string
  readonly sum: keyof LedgerNumbers
  readonly parts: readonly { readonly count: keyof LedgerNumbers; readonly word: string }[]
}

/** The door, and both ways behind it: what came, and what became of it. */
const LINES: readonly LineData[] = [
  {
    title: 'Received',
    sum: 'received',
    parts: [
      { count: 'accepted', word: 'accepted' },
      { count: 'duplicate', word: 'duplicates' },
      { count: 'rejected', word: 'rejected, kept as dead letters' },
    ],
  },
  {
    title: 'Accepted, for SQL',
    sum: 'accepted',
    parts: [
      { count: 'in_lake', word: 'in Parquet' },
      { count: 'pending_lake', word: 'on the way there' },
      { count: 'duplicate_late', word: 'late duplicates' },
      { count: 'not_encodable', word: 'not encodable' },
      { count: 'expired', word: 'expired' },
    ],
  },
  {
    title: 'Accepted, for orders and stock',
    sum: 'accepted',
    parts: [
      { count: 'applied', word: 'in the store' },
      { count: 'pending_store', word: 'on the way there' },
    ],
  },
]

/** Whether any event has ever come; asked only while `enabled`. Undefined while unknown. */
export function useHasEvents(enabled: boolean): boolean | undefined {
  const { api } = useSession()
  const ever = useQuery({
    queryKey: ['ledger', 'ever'],
    queryFn: ({ signal }) => api.read<LedgerAnswer>('/v1/ledger', { signal }),
    refetchInterval: 1000,
    enabled,
  })
  return ever.data && ever.data.totals.received !== 0
}

/** Whether every event of the last 24 hours is accounted for. */
export function Ledger() {
  const { api } = useSession()
  const ledger = useQuery({
    queryKey: ['ledger', 'day'],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - DAY_MS).toISOString()
      return api.read<LedgerAnswer>(`/v1/ledger?from=${from}`, { signal })
    },
    refetchInterval: REFETCH_MS,
  })
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="ledger">
      <div className="flex items-center justify-between gap-3">
        <h2 id="ledger" className="font-semibold">
          Ledger
        </h2>
        {ledger.data && !isStale(ledger) && <Balance balanced={ledger.data.balanced} />}
      </div>
      <p className="mt-1 text-sm text-soft">
        Every event received in the last 24 hours, and where it is.
      </p>
      <StaleNote answer={ledger} className="mt-1" />
      {ledger.isError && !ledger.data && (
        <Notice
          title="The ledger cannot be read"
          error={ledger.error}
          onRetry={() => ledger.refetch()}
        />
      )}
      {ledger.data &&
        LINES.map((line) => <Line key={line.title} {...line} totals={ledger.data.totals} />)}
    </section>
  )
}

function Balance({ balanced }: { readonly balanced: boolean }) {
  return (
    <output className={`chip ${balanced ? 'chip-good' : 'chip-bad'}`}>
      {balanced ? '✓ balances' : '✗ does not balance'}
    </output>
  )
}

interface LineProps extends LineData {
  readonly totals: LedgerNumbers
}

function Line({ title, sum, parts, totals }: LineProps) {
  const shown = parts.filter((part, index) => index === 0 || totals[part.count] > 0)
  return (
    <dl className="mt-3 border-t border-line pt-3 text-sm">
      <LinePart word={title} count={totals[sum]} name={sum} className="font-medium" />
      {shown.map((part) => (
        <LinePart
          key={part.count}
          word={part.word}
          count={totals[part.count]}
          name={part.count}
          className="pl-3 text-soft"
        />
      ))}
    </dl>
  )
}

interface LinePartProps {
  readonly word: string
  readonly count: number
  readonly name: string
  readonly className: string
}

function LinePart({ word, count, name, className }: LinePartProps) {
  return (
    <div className={`flex justify-between gap-3 py-0.5 ${className}`}>
      <dt>{word}</dt>
      <dd className="tabular-nums">
        <data value={count} data-count={name}>
          {formatCount(count)}
        </data>
      </dd>
    </div>
  )
}
