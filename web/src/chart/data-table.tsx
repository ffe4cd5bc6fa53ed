import { ArrowDown, ArrowUp } from 'lucide-react'
import { useState } from 'react'
import { nameOfCell, pathOfCell, withoutNames } from '../data/entity.ts'
import { formatValue } from '../data/format.ts'
import { numberOf, type ReportColumn, type Row, textOf } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { useIsPhone } from '../parts/use-media.ts'

interface DataTableProps {
  readonly title: string
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly Row[]
  /** Rows shown before "Show more". */
  readonly limit?: number
  /** Tables beside a chart stay tables on a phone too, and scroll within; lists become cards there. */
  readonly cards?: boolean
}

interface Sort {
  readonly column: string
  readonly isUp: boolean
}

const MORE = 100
const FEW = 3

/** Rows of a report, sorted by any column; ids carry their names and lead to their pages. */
export function DataTable({ title, columns, rows, limit = 25, cards = false }: DataTableProps) {
  const [sort, setSort] = useState<Sort>()
  const [shown, setShown] = useState(limit)
  const isPhone = useIsPhone()
  const visible = withoutNames(columns)
  const sorted = sort ? sortRows(rows, sort) : rows
  // A button for two or three more would be longer than they are.
  const page = sorted.length <= shown + FEW ? sorted : sorted.slice(0, shown)
  return (
    <>
      {cards && isPhone ? (
        <Cards columns={visible} rows={page} />
      ) : (
        <Table
          title={title}
          columns={visible}
          rows={page}
          sort={sort}
          onSort={setSort}
          isLow={!cards}
        />
      )}
      {rows.length > page.length && (
        <button type="button" className="button mt-3" onClick={() => setShown(shown + MORE)}>
          Show {Math.min(MORE, rows.length - shown)} more of {rows.length}
        </button>
      )}
    </>
  )
}

/** A column's rows in order; nulls last both ways. */
function sortRows(rows: readonly Row[], { column, isUp }: Sort): Row[] {
  const sign = isUp ? 1 : -1
  return [...rows].sort((a, b) => {
    const [one, other] = [a[column], b[column]]
    if (one === null || one === undefined || other === null || other === undefined) {
      return (
        Number(one === null || one === undefined) - Number(other === null || other === undefined)
      )
    }
    const [left, right] = [numberOf(one), numberOf(other)]
    if (left !== undefined && right !== undefined) return sign * (left - right)
    return sign * textOf(one).localeCompare(textOf(other))
  })
}

interface TableProps {
  readonly title: string
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly Row[]
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort) => void
  /** Whether it keeps to a height and scrolls within. */
  readonly isLow: boolean
}

function Table({ title, columns, rows, sort, onSort, isLow }: TableProps) {
  return (
    <section
      aria-label={`${title}, table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className={`-mx-4 overflow-auto px-4 sm:-mx-5 sm:px-5 ${isLow ? 'max-h-96' : ''}`}
    >
      <table className="w-full text-[0.8125rem] tabular-nums">
        <caption className="sr-only">{title}</caption>
        <thead className="sticky top-0 z-[1] bg-surface text-xs text-soft">
          <tr>
            {columns.map((column) => (
              <Head key={column.name} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={keyOf(row, columns, place)} className="border-t border-line hover:bg-hover">
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function keyOf(row: Row, columns: readonly ReportColumn[], place: number): string {
  return `${place} ${textOf(row[columns[0]?.name ?? ''])}`
}

interface HeadProps {
  readonly column: ReportColumn
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort) => void
}

function Head({ column, sort, onSort }: HeadProps) {
  const isSorted = sort?.column === column.name
  const isText = isLeft(column)
  const turn = () => onSort({ column: column.name, isUp: isSorted ? !sort.isUp : isText })
  const Icon = sort?.isUp ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (sort.isUp ? 'ascending' : 'descending') : 'none'}
      className={`py-1 font-medium first:pl-0 ${isText ? 'pl-6 text-left' : 'pl-3 text-right'}`}
    >
      <button
        type="button"
        onClick={turn}
        className="inline-flex min-h-7 items-center gap-1 rounded whitespace-nowrap hover:text-ink max-sm:min-h-11"
      >
        {column.label}
        {isSorted && <Icon aria-hidden="true" size={12} />}
      </button>
    </th>
  )
}

function isLeft({ unit }: ReportColumn): boolean {
  return ['text', 'date', 'timestamp', 'hour'].includes(unit)
}

function Cell({ column, row }: { readonly column: ReportColumn; readonly row: Row }) {
  const { server } = useSession()
  const value = row[column.name]
  const text = formatValue(column, value, server.shop)
  if (!isLeft(column)) {
    return (
      <td className="py-1.5 pl-3 text-right whitespace-nowrap">
        {value === null ? '–' : <data value={textOf(value)}>{text}</data>}
      </td>
    )
  }
  return (
    <td className="max-w-72 truncate py-1.5 pl-6 first:pl-0" title={text}>
      <CellText column={column} row={row} text={text} />
    </td>
  )
}

interface CellTextProps {
  readonly column: ReportColumn
  readonly row: Row
  readonly text: string
}

/** A text, or the name for an id; a link where there is a page. */
function CellText({ column, row, text }: CellTextProps) {
  const to = pathOfCell(column.name, row)
  const name = nameOfCell(column.name, row) ?? text
  if (row[column.name] === null) return '–'
  if (!to) return <data value={textOf(row[column.name])}>{name}</data>
  return (
    <PageLink
      to={to}
      className="link inline-block max-w-full truncate align-bottom leading-6 max-sm:leading-[2.75rem]"
    >
      <data value={textOf(row[column.name])}>{name}</data>
    </PageLink>
  )
}

/** Of two beside each other on a phone's card one would wrap. */
function isLong({ name, unit, label }: ReportColumn): boolean {
  return (
    unit === 'timestamp' || label.length > 16 || pathOfCell(name, { [name]: 'x' }) !== undefined
  )
}

function Cards({
  columns,
  rows,
}: {
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly Row[]
}) {
  const { server } = useSession()
  const [first, ...others] = columns
  const main = others.find(({ unit }) => unit === 'money') ?? others.find((one) => !isLeft(one))
  const rest = others.filter((column) => column !== main)
  return (
    <ul className="divide-y divide-line">
      {rows.map((row, place) => (
        <li key={keyOf(row, columns, place)} className="py-2.5">
          <p className="flex min-h-11 items-center justify-between gap-3 text-sm font-medium">
            <span className="min-w-0 truncate">
              <CellText
                column={first!}
                row={row}
                text={formatValue(first!, row[first!.name], server.shop)}
              />
            </span>
            {main && (
              <span className="tabular-nums">{formatValue(main, row[main.name], server.shop)}</span>
            )}
          </p>
          <dl className="grid grid-flow-dense grid-cols-2 gap-x-4 gap-y-0.5 text-xs">
            {rest.map((column) => (
              // What does not fit beside its label goes below it: a number that is cut off is another number.
              <div
                key={column.name}
                className={`flex min-w-0 flex-wrap justify-between gap-x-2 ${isLong(column) ? 'col-span-2' : ''}`}
              >
                <dt className="text-soft">{column.label}</dt>
                <dd className="ml-auto min-w-0 text-right tabular-nums wrap-anywhere">
                  {nameOfCell(column.name, row) ??
                    formatValue(column, row[column.name], server.shop)}
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}
