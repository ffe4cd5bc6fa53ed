import type { CSSProperties } from 'react'
import { formatCount, formatRatio } from '../data/format.ts'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { isStale, StaleNote } from '../parts/stale-note.tsx'
import { type LedgerNumbers, useLedger } from './ledger-data.ts'

interface Part {
  readonly count: keyof LedgerNumbers
  readonly word: string
  /** Colour of its stretch of the bar; without one it is part of the way. */
  readonly color: string
}

interface EquationData {
  readonly title: string
  readonly sum: 'received' | 'accepted'
  readonly word: string
  readonly parts: readonly Part[]
}

/** What is counted twice, by different processes at different moments, and must be equal. */
const EQUATIONS: readonly EquationData[] = [
  {
    title: 'At the door',
    sum: 'received',
    word: 'received',
    parts: [
      { count: 'accepted', word: 'accepted', color: 'var(--series-1)' },
      { count: 'duplicate', word: 'duplicates', color: 'var(--series-6)' },
      { count: 'rejected', word: 'rejected', color: 'var(--bad)' },
    ],
  },
  {
    title: 'In the lake, for SQL and reports',
    sum: 'accepted',
    word: 'accepted',
    parts: [
      { count: 'in_lake', word: 'in the lake', color: 'var(--series-1)' },
      { count: 'pending_lake', word: 'on the way', color: 'var(--series-3)' },
      { count: 'duplicate_late', word: 'late duplicates', color: 'var(--series-6)' },
      { count: 'not_encodable', word: 'not encodable', color: 'var(--bad)' },
      { count: 'expired', word: 'expired', color: 'var(--series-5)' },
    ],
  },
  {
    title: 'In the store, for orders, customers and stock',
    sum: 'accepted',
    word: 'accepted',
    parts: [
      { count: 'applied', word: 'in the store', color: 'var(--series-1)' },
      { count: 'pending_store', word: 'on the way', color: 'var(--series-3)' },
    ],
  },
]

/** Parts that are shown even when they are 0: the rest say something only when there are any. */
const ALWAYS = new Set<keyof LedgerNumbers>([
  'accepted',
  'duplicate',
  'rejected',
  'in_lake',
  'pending_lake',
  'applied',
  'pending_store',
])

/** The ledger as equations: every event that was received, and where it is. */
export function Balance() {
  const ledger = useLedger()
  return (
    <section className="card min-w-0 p-4 sm:p-6" aria-labelledby="balance">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id="balance" className="font-semibold">
          Every event is accounted for
        </h2>
        {ledger.data && !isStale(ledger) && (
          <Verdict balanced={ledger.data.balanced} complete={ledger.data.complete} />
        )}
      </div>
      <p className="mt-1 max-w-prose text-[0.8125rem] text-soft">
        The collector, the lake writer and the store updater count by themselves, each together with
        what it writes. Here their counts are compared, over events received in these days.
      </p>
      <StaleNote answer={ledger} className="mt-1" />
      {ledger.isError && !ledger.data ? (
        <Notice
          title="The ledger cannot be read"
          error={ledger.error}
          onRetry={() => void ledger.refetch()}
        />
      ) : ledger.data ? (
        <div className="mt-5 grid gap-6" data-busy={ledger.isPlaceholderData}>
          {EQUATIONS.map((equation) => (
            <Equation key={equation.title} {...equation} totals={ledger.data.totals} />
          ))}
          <Imbalances sentences={ledger.data.imbalances} />
        </div>
      ) : (
        <div role="status" aria-label="Loading" className="mt-5 grid gap-6">
          {EQUATIONS.map(({ title }) => (
            <Bone key={title} className="h-24 w-full" />
          ))}
        </div>
      )}
    </section>
  )
}

interface VerdictProps {
  readonly balanced: boolean
  readonly complete: boolean
}

function Verdict({ balanced, complete }: VerdictProps) {
  if (balanced) return <output className="chip chip-good">✓ balances</output>
  // More on its way than is counted at once says nothing about the rest.
  if (!complete)
    return <output className="chip chip-warn">still counting: much is on its way</output>
  return <output className="chip chip-bad">✗ does not balance</output>
}

interface EquationProps extends EquationData {
  readonly totals: LedgerNumbers
}

function Equation({ title, sum, word, parts, totals }: EquationProps) {
  const whole = totals[sum]
  const shown = parts.filter(({ count }) => ALWAYS.has(count) || totals[count] > 0)
  const isEqual = shown.reduce((all, { count }) => all + totals[count], 0) === whole
  return (
    <div data-equation={sum}>
      <h3 className="text-xs font-medium text-soft">{title}</h3>
      <dl className="mt-1.5 flex flex-wrap items-start gap-y-2">
        <Term count={sum} value={whole} word={word} />
        {shown.map((part, place) => (
          <Term
            key={part.count}
            {...part}
            value={totals[part.count]}
            whole={whole}
            operator={place > 0 ? '+' : isEqual ? '=' : '≠'}
          />
        ))}
      </dl>
      <div
        aria-hidden="true"
        className="swatch mt-2.5 flex h-2 gap-px overflow-hidden rounded-full bg-hover"
      >
        {shown
          .filter(({ count }) => totals[count] > 0)
          .map(({ count, color }) => (
            <span
              key={count}
              className="min-w-[3px]"
              style={{ flexGrow: totals[count], background: color } as CSSProperties}
            />
          ))}
      </div>
    </div>
  )
}

interface TermProps {
  readonly count: string
  readonly value: number
  readonly word: string
  readonly color?: string
  readonly whole?: number
  /** What stands before it. */
  readonly operator?: string
}

function Term({ count, value, word, color, whole, operator }: TermProps) {
  const share = value / (whole ?? value)
  // Where it would read 0 or 100 % and is neither, the counts say it better.
  const hasShare = share > 0.0001 && share < 0.9995
  return (
    <div className="flex flex-col-reverse">
      <dt className={`flex items-center gap-1.5 text-xs text-soft ${operator ? 'pl-9' : ''}`}>
        {color && (
          <span
            aria-hidden="true"
            className="swatch size-2 shrink-0 rounded-full"
            style={{ background: color }}
          />
        )}
        {word}
        {hasShare && ` · ${formatRatio(share)}`}
      </dt>
      <dd className="text-xl font-semibold tracking-tight tabular-nums sm:text-2xl">
        {operator && (
          <span aria-hidden="true" className="inline-block w-9 text-center font-normal text-soft">
            {operator}
          </span>
        )}
        <data value={value} data-count={count}>
          {formatCount(value)}
        </data>
      </dd>
    </div>
  )
}

function Imbalances({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null
  return (
    <div className="rounded-lg border border-line p-3 text-sm">
      <p className="font-semibold text-bad">These do not add up</p>
      <ul className="mt-1 grid list-disc gap-1 pl-4">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  )
}
