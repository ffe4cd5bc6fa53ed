import type { CSSProperties, ReactNode } from 'react'
import { nameOfCell, pathOfCell } from '../data/entity.ts'
import { formatQuantity, formatText, formatValue, type Locale } from '../data/format.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  type Row,
  rowsOf,
  textOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { FILTERS, type FilterName, useSetView, useView } from '../data/view.ts'
import { PageLink } from '../frame/page-link.tsx'
import { Change } from '../parts/change.tsx'
import { moveByArrows } from '../parts/use-arrows.ts'

interface BarListProps {
  readonly answer: ReportAnswer
  readonly chart: Chart
  readonly limit: number
}

/** Names with bars, the largest first: read down the names or along the bars. A row filters, or opens what it names. */
export function BarList({ answer, chart, limit }: BarListProps) {
  const { server } = useSession()
  const columns = chart.y.map((name) => answer.columns.find((one) => one.name === name)!)
  const [main, ...others] = columns
  const rows = rowsOf(answer)
    .sort((a, b) => (numberOf(b[main!.name]) ?? 0) - (numberOf(a[main!.name]) ?? 0))
    .slice(0, limit)
  const before = new Map(
    answer.before ? rowsOf(answer.before).map((row) => [textOf(row[chart.x!]), row]) : [],
  )
  const top = Math.max(...rows.map((row) => Math.abs(numberOf(row[main!.name]) ?? 0)), 0)
  return (
    <div
      className="bar-sizes"
      data-compared={answer.before !== undefined}
      style={{ '--others': others.length } as CSSProperties}
    >
      <div className="flex gap-3 px-2 pb-1 text-xs text-soft" aria-hidden="true">
        <span className="flex-1">{answer.columns.find(({ name }) => name === chart.x)?.label}</span>
        {others.map((column) => (
          <span key={column.name} className="w-24 truncate text-right max-sm:hidden">
            {column.label}
          </span>
        ))}
        <span className="bar-main text-right sm:truncate">{main!.label}</span>
      </div>
      <ul className="bar-list" onKeyDown={moveByArrows}>
        {rows.map((row, place) => (
          <BarRow
            key={keyOf(row, chart.x!, place)}
            x={chart.x!}
            row={row}
            main={main!}
            others={others}
            before={answer.before && before.get(textOf(row[chart.x!]))}
            share={top === 0 ? 0 : Math.abs(numberOf(row[main!.name]) ?? 0) / top}
            place={place}
            locale={server.shop}
          />
        ))}
      </ul>
    </div>
  )
}

/** A report may name the same thing twice. */
function keyOf(row: Row, x: string, place: number): string {
  return `${textOf(row[x])} ${place}`
}

interface BarRowProps {
  readonly x: string
  readonly row: Row
  readonly main: ReportColumn
  readonly others: readonly ReportColumn[]
  readonly before: Row | undefined
  /** Of the longest bar, 0 to 1. */
  readonly share: number
  readonly place: number
  readonly locale: Locale
}

function BarRow(props: BarRowProps) {
  const { x, row, main, others, before, share, place, locale } = props
  const label = nameOfCell(x, row) ?? formatText(x, row[x])
  const value = numberOf(row[main.name])
  return (
    <li>
      <RowAction x={x} row={row} label={label} place={place}>
        <span
          aria-hidden="true"
          className="absolute inset-y-0 left-0 rounded-sm bg-accent-tint"
          style={{ width: `max(2px, calc((100% - var(--beside)) * ${share}))` }}
        />
        <span className="relative min-w-0 flex-1 truncate">{label}</span>
        {others.map((column) => (
          <span
            key={column.name}
            className="relative w-24 text-right text-soft tabular-nums max-sm:hidden"
          >
            <span className="sr-only">{column.label} </span>
            {formatValue(column, row[column.name], locale, 'round')}
          </span>
        ))}
        <span className="bar-main relative flex items-baseline justify-end gap-2">
          <span className="max-sm:hidden">
            <Change now={value} before={numberOf(before?.[main.name])} metric={main.metric} />
          </span>
          <span className="sr-only">{main.label} </span>
          <span className="font-medium tabular-nums">
            {value === undefined ? '–' : formatQuantity(main.unit, value, locale, 'round')}
          </span>
        </span>
      </RowAction>
    </li>
  )
}

interface RowActionProps {
  readonly x: string
  readonly row: Row
  readonly label: string
  readonly place: number
  readonly children: ReactNode
}

const ROW = 'bar-row'

/** A row that opens a page, sets a filter, or only tells. */
function RowAction({ x, row, label, place, children }: RowActionProps) {
  const { filters } = useView()
  const setView = useSetView()
  const to = pathOfCell(x, row)
  const value = textOf(row[x])
  if (to) {
    return (
      <PageLink to={to} className={ROW} title={label} cell={`${place},0`}>
        {children}
      </PageLink>
    )
  }
  if (FILTERS.includes(x as FilterName) && value !== '') {
    const isOn = filters[x as FilterName] === value
    return (
      <button
        type="button"
        className={ROW}
        data-cell={`${place},0`}
        title={isOn ? `Drop the filter ${x} is ${label}` : `Show only ${x} ${label}`}
        aria-pressed={isOn}
        onClick={() => setView({ [x]: isOn ? undefined : value })}
      >
        {children}
      </button>
    )
  }
  return (
    <div
      className={`${ROW} hover:bg-transparent`}
      data-cell={`${place},0`}
      tabIndex={place === 0 ? 0 : -1}
    >
      {children}
    </div>
  )
}
