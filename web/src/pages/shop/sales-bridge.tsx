import { UnfilteredNote } from '../../chart/unfiltered-note.tsx'
import { formatQuantity } from '../../data/format.ts'
import { useReport } from '../../data/report.ts'
import { numberOf, type ReportColumn, type Row, rowsOf } from '../../data/report-types.ts'
import { useSession } from '../../data/session.tsx'
import { ExplainButton } from '../../explain/explain-button.tsx'
import { Change } from '../../parts/change.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'
import { StaleNote } from '../../parts/stale-note.tsx'

const REPORT = 'sales_overview'

type Kind = 'whole' | 'less' | 'more'

/** From what was ordered to what stays, and what customers paid on top. */
const STEPS: readonly { readonly column: string; readonly kind: Kind }[] = [
  { column: 'gross_sales', kind: 'whole' },
  { column: 'discounts', kind: 'less' },
  { column: 'sales_reversals', kind: 'less' },
  { column: 'net_sales', kind: 'whole' },
  { column: 'shipping', kind: 'more' },
  { column: 'taxes', kind: 'more' },
]

interface Line {
  readonly column: ReportColumn
  readonly kind: Kind
  readonly value: number
  /** Where its bar begins and ends, in the unit of the value. */
  readonly from: number
  readonly to: number
}

/** Gross sales step by step to net sales; each line is a number that explains itself. */
export function SalesBridge() {
  const { reports } = useSession()
  const answer = useReport(REPORT)
  const row = answer.data && rowsOf(answer.data)[0]
  const before = answer.data?.before && rowsOf(answer.data.before)[0]
  const lines = row ? linesOf(row, reports.get(REPORT)!.columns) : []
  const top = Math.max(...lines.map(({ to }) => to), 1)
  return (
    <section
      className="card p-4 sm:p-5"
      aria-labelledby="bridge"
      data-busy={answer.isPlaceholderData}
    >
      <h2 id="bridge" className="pt-0.5 font-semibold">
        From gross to net
      </h2>
      <UnfilteredNote info={reports.get(REPORT)!} />
      <p className="mb-3 text-[0.8125rem] text-soft">
        What came off, and what customers paid on top.
      </p>
      <StaleNote answer={answer} className="mb-2" />
      {answer.isError && !row && (
        <Notice
          title="It cannot be read"
          error={answer.error}
          onRetry={() => void answer.refetch()}
        />
      )}
      {answer.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-56 w-full" />
        </div>
      )}
      <dl className="grid gap-1.5">
        {lines.map((line) => (
          <BridgeLine
            key={line.column.name}
            line={line}
            top={top}
            before={numberOf(before?.[line.column.name])}
          />
        ))}
      </dl>
    </section>
  )
}

function linesOf(row: Row, columns: readonly ReportColumn[]): Line[] {
  let level = 0
  return STEPS.map(({ column: name, kind }) => {
    const value = numberOf(row[name]) ?? 0
    const from = kind === 'whole' ? 0 : kind === 'less' ? level - value : level
    const to = kind === 'less' ? level : from + value
    level = kind === 'less' ? from : to
    return { column: columns.find((one) => one.name === name)!, kind, value, from, to }
  })
}

const FILLS: { readonly [K in Kind]: string } = {
  whole: 'bg-accent',
  less: 'bridge-less',
  more: 'bg-[color-mix(in_oklab,var(--accent)_35%,var(--surface))]',
}

interface BridgeLineProps {
  readonly line: Line
  readonly top: number
  readonly before: number | undefined
}

function BridgeLine({ line, top, before }: BridgeLineProps) {
  const { server } = useSession()
  const { column, kind, value, from, to } = line
  const left = Math.max(0, from / top) * 100
  const width = Math.max(0.6, ((to - Math.max(0, from)) / top) * 100)
  return (
    <div
      className={`group grid min-h-7 grid-cols-[7.75rem_1.5rem_minmax(0,1fr)_auto] items-center gap-x-1 text-[0.8125rem] max-sm:min-h-11 max-sm:grid-cols-[minmax(0,1fr)_2.75rem_auto] ${kind === 'whole' ? 'font-medium' : ''}`}
    >
      <dt className="truncate">{column.label}</dt>
      <dd className="explain-inline">
        <ExplainButton report={REPORT} column={column} />
      </dd>
      <dd aria-hidden="true" className="relative h-4 max-sm:hidden">
        <span
          className={`swatch absolute inset-y-0 rounded-sm ${FILLS[kind]}`}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      </dd>
      <dd className="flex min-w-32 items-baseline justify-end gap-2 tabular-nums">
        <Change now={value} before={before} metric={column.metric} />
        <data value={value}>
          {kind === 'less' && value > 0 ? '−' : ''}
          {formatQuantity(column.unit, value, server.shop, 'round')}
        </data>
      </dd>
    </div>
  )
}
