import type { CSSProperties, ReactNode } from 'react'
import { pathOfCell } from '../data/entity.ts'
import { formatQuantity, formatValue, type Locale } from '../data/format.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  type Row,
  textOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { FILTERS, type FilterName, useSetView, useView } from '../data/view.ts'
import { PageLink } from '../frame/page-link.tsx'
import { Change } from '../parts/change.tsx'
import { moveByArrows } from '../parts/use-arrows.ts'
import { type BarRow, barRowsOf } from './bar-rows.ts'

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
  const bars = barRowsOf(answer, chart, limit)
  const sizes = bars.map(({ row }) => Math.abs(numberOf(row[main!.name]) ?? 0))
  const top = Math.max(...sizes, 0)
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
        {bars.map((bar, place) => (
          <BarLine
            key={keyOf(bar, place)}
            {...bar}
            x={chart.x!}
            main={main!}
            others={others}
            share={top === 0 ? 0 : sizes[place]! / top}
            place={place}
            locale={server.shop}
          />
        ))}
      </ul>
    </div>
  )
}

/** There may be nothing that tells two rows apart. */
function keyOf({ label }: BarRow, place: number): string {
  return `${label} ${place}`
}

interface BarLineProps extends BarRow {
  readonly x: string
  readonly main: ReportColumn
  readonly others: readonly ReportColumn[]
  /** Of the longest bar, 0 to 1. */
  readonly share: number
  readonly place: number
  readonly locale: Locale
}

function BarLine(props: BarLineProps) {
  const { x, row, label, main, others, before, share, place, locale } = props
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
