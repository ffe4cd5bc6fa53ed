import { ReportCard } from '../../chart/report-card.tsx'
import { formatCount, formatMoneyRound, formatRatio, formatWord } from '../../data/format.ts'
import { numberOf, type ReportAnswer, type Row, rowsOf, textOf } from '../../data/report-types.ts'
import { useSession } from '../../data/session.tsx'
import { moveByArrows } from '../../parts/use-arrows.ts'

/** Where each group lies: recency goes to the right, how often and how much upwards. Grid lines count from 1. */
const PLACES: { readonly [group: string]: { readonly column: string; readonly row: string } } = {
  previously_loyal: { column: '1', row: '1' },
  loyal: { column: '2 / span 2', row: '1' },
  champions: { column: '4', row: '1' },
  at_risk: { column: '1', row: '2' },
  needs_attention: { column: '2', row: '2' },
  active: { column: '3 / span 2', row: '2 / span 2' },
  dormant: { column: '1', row: '3 / span 2' },
  almost_lost: { column: '2', row: '3 / span 2' },
  promising: { column: '3', row: '4' },
  new: { column: '4', row: '4' },
}

/** The groups of customers as a map. */
export function RfmMap() {
  return (
    <ReportCard
      name="rfm"
      title="Kinds of customers"
      compare={false}
      draw={(answer) => <RfmGrid answer={answer} />}
    />
  )
}

function RfmGrid({ answer }: { readonly answer: ReportAnswer }) {
  const rows = rowsOf(answer).filter((row) => textOf(row.rfm_group) in PLACES)
  const top = Math.max(...rows.map((row) => numberOf(row.share) ?? 0), 0.01)
  return (
    <>
      <ul className="grid grid-cols-4 grid-rows-4 gap-1" onKeyDown={moveByArrows}>
        {rows.map((row, place) => (
          <Group key={textOf(row.rfm_group)} row={row} top={top} place={place} />
        ))}
      </ul>
      <p className="mt-2 flex justify-between text-xs text-soft" aria-hidden="true">
        <span>bought long ago</span>
        <span>bought lately →</span>
      </p>
    </>
  )
}

interface GroupProps {
  readonly row: Row
  readonly top: number
  readonly place: number
}

function Group({ row, top, place }: GroupProps) {
  const { server } = useSession()
  const group = textOf(row.rfm_group)
  const share = numberOf(row.share) ?? 0
  const sales = formatMoneyRound(numberOf(row.gross_sales) ?? 0, server.shop.currency)
  const recency = Math.round(numberOf(row.mean_recency_days) ?? 0)
  return (
    <li
      data-cell={`${place},0`}
      tabIndex={place === 0 ? 0 : -1}
      title={`${sales} so far; last order ${recency} days ago on average`}
      className="flex min-h-16 min-w-0 flex-col justify-between rounded-md p-2"
      style={{
        gridColumn: PLACES[group]!.column,
        gridRow: PLACES[group]!.row,
        background: `color-mix(in oklab, var(--series-1) ${Math.round(6 + (share / top) * 30)}%, var(--surface))`,
      }}
    >
      <p className="text-xs leading-tight font-medium">{formatWord(group)}</p>
      <p className="text-xs tabular-nums">
        <data value={textOf(row.customers)} className="font-semibold">
          {formatCount(numberOf(row.customers) ?? 0)}
        </data>{' '}
        <span className="max-sm:hidden">{formatRatio(share)}</span>
        <span className="sr-only">
          , {sales}, {recency} days since the last order
        </span>
      </p>
    </li>
  )
}
