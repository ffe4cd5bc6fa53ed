import { useQuery } from '@tanstack/react-query'
import { read } from './api.ts'
import { formatCount } from './format.ts'
import { Notice } from './notice.tsx'

interface LedgerAnswer {
  readonly balanced: boolean
  readonly totals: { readonly [count: string]: number }
}

const REFETCH_MS = 5000

/** Both sides of the door, and both ways behind it: what came, and what became of it. */
const LINES: readonly {
  readonly sum: string
  readonly parts: readonly { readonly count: string; readonly word: string }[]
}[] = [
  {
    sum: 'received',
    parts: [
      { count: 'accepted', word: 'accepted' },
      { count: 'duplicate', word: 'duplicates' },
      { count: 'rejected', word: 'rejected' },
    ],
  },
  {
    sum: 'accepted',
    parts: [
      { count: 'in_lake', word: 'in the lake' },
      { count: 'pending_lake', word: 'on the way' },
      { count: 'duplicate_late', word: 'late duplicates' },
      { count: 'not_encodable', word: 'not encodable' },
      { count: 'expired', word: 'expired' },
    ],
  },
  {
    sum: 'accepted',
    parts: [
      { count: 'applied', word: 'in the store' },
      { count: 'pending_store', word: 'on the way' },
    ],
  },
]

/** Whether every event of the last 24 hours is accounted for. */
export function Ledger({ apiKey }: { readonly apiKey: string }) {
  const ledger = useQuery({
    queryKey: ['ledger'],
    queryFn: ({ signal }) => read<LedgerAnswer>('/v1/ledger', apiKey, signal),
    refetchInterval: REFETCH_MS,
  })
  return (
    <section className="rounded-xl border border-line bg-surface p-4" aria-labelledby="ledger">
      <div className="flex items-center gap-3">
        <h2 id="ledger" className="font-semibold">
          Ledger
        </h2>
        {ledger.data && <Balance balanced={ledger.data.balanced} />}
      </div>
      <p className="mt-1 text-sm text-soft">
        Every event received in the last 24 hours, and where it is.
      </p>
      {ledger.isError && !ledger.data && (
        <Notice
          title="The ledger cannot be read"
          text={ledger.error.message}
          onRetry={() => ledger.refetch()}
        />
      )}
      {ledger.data &&
        LINES.map((line) => (
          <Line key={line.parts[0]!.count} {...line} totals={ledger.data.totals} />
        ))}
    </section>
  )
}

function Balance({ balanced }: { readonly balanced: boolean }) {
  return (
    <output
      className={`rounded-full border border-line px-2.5 py-0.5 text-xs font-semibold ${balanced ? 'text-good' : 'text-bad'}`}
    >
      {balanced ? '✓ balances' : '✗ does not balance'}
    </output>
  )
}

interface LineProps {
  readonly sum: string
  readonly parts: readonly { readonly count: string; readonly word: string }[]
  readonly totals: { readonly [count: string]: number }
}

function Line({ sum, parts, totals }: LineProps) {
  const shown = parts.filter((part, index) => index === 0 || (totals[part.count] ?? 0) > 0)
  return (
    <dl className="mt-3 border-t border-line pt-3 text-sm">
      <div className="flex justify-between font-medium">
        <dt>{sum}</dt>
        <dd className="tabular-nums">{formatCount(totals[sum] ?? 0)}</dd>
      </div>
      {shown.map((part) => (
        <div key={part.count} className="flex justify-between text-soft">
          <dt className="pl-3">{part.word}</dt>
          <dd className="tabular-nums">{formatCount(totals[part.count] ?? 0)}</dd>
        </div>
      ))}
    </dl>
  )
}
