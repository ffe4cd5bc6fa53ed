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
/** A card is as high as five rows. */
const CARDS = 10

/** Rows of a report, sorted by any column; ids carry their names and lead to their pages. */
export function DataTable({ title, columns, rows, limit = 25, cards = false }: DataTableProps) {
  const [sort, setSort] = useState<Sort>()
  const isPhone = useIsPhone()
  const isCards = cards && isPhone
  const [shown, setShown] = useState(isCards ? Math.min(limit, CARDS) : limit)
  const visible = withoutNames(columns)
  const sorted = sort ? sortRows(rows, sort) : rows
  // A button for two or three more would be longer than they are.
  const page = sorted.length <= shown + FEW ? sorted : sorted.slice(0, shown)
  return (
    <>
      {isCards ? (
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
      <table className="w-full text-[0.8125rem]">
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
      <td className="py-1.5 pl-3 text-right whitespace-nowrap tabular-nums">
        {value === null ? '–' : <data value={textOf(value)}>{text}</data>}
      </td>
    )
  }
  return (
    <td
      className={`max-w-72 truncate py-1.5 pl-6 first:pl-0 ${column.unit === 'text' ? '' : 'tabular-nums'}`}
      title={text}
    >
      <CellText column={column} row={row} text={text} />
    </td>
  )
}

interface CellTextProps {
  readonly column: ReportColumn
  readonly row: Row
  readonly text: string
  /** Looks of the link, beside its colour. */
  readonly linkClass?: string
}

const IN_LINE = 'inline-block max-w-full truncate align-bottom leading-6 max-sm:leading-[2.75rem]'

/** A text, or the name for an id; a link where there is a page. */
function CellText({ column, row, text, linkClass = IN_LINE }: CellTextProps) {
  const to = pathOfCell(column.name, row)
  const name = nameOfCell(column.name, row) ?? text
  if (row[column.name] === null) return '–'
  if (!to) return <data value={textOf(row[column.name])}>{name}</data>
  return (
    <PageLink to={to} className={`link ${linkClass}`}>
      <data value={textOf(row[column.name])}>{name}</data>
    </PageLink>
  )
}

/** Signs that fit into a half or a third of a card. */
const HALF = 20
const THIRD = 14

/** Side by side on a card: two by two where that comes out even, else three. */
function layOut(count: number): { readonly across: 2 | 3; readonly room: number } {
  return count === 2 || count === 4 ? { across: 2, room: HALF } : { across: 3, room: THIRD }
}

interface CardsProps {
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly Row[]
}

/** Each row by itself: what it is about, its main number, and the other facts below, each under its label. */
function Cards({ columns, rows }: CardsProps) {
  const { server } = useSession()
  const [first, ...others] = columns
  const main = others.find(({ unit }) => unit === 'money') ?? others.find((one) => !isLeft(one))
  const textIn = (column: ReportColumn, row: Row) =>
    nameOfCell(column.name, row) ?? formatValue(column, row[column.name], server.shop)
  const facts = others.filter((column) => column !== main)
  const { across, room } = layOut(facts.length)
  const spanOf = (column: ReportColumn) => {
    const longest = Math.max(...rows.map((row) => textIn(column, row).length))
    return Math.min(across, Math.ceil(longest / room))
  }
  const spans = new Map(facts.map((column) => [column, spanOf(column)]))
  return (
    <ul className="divide-y divide-line">
      {rows.map((row, place) => (
        <li key={keyOf(row, columns, place)} className="py-2.5">
          <div className="flex min-h-11 items-center justify-between gap-4 text-sm font-medium">
            <span className="min-w-0 wrap-anywhere">
              <CellText
                column={first!}
                row={row}
                text={formatValue(first!, row[first!.name], server.shop)}
                linkClass="inline-flex min-h-11 items-center leading-5"
              />
            </span>
            {main && (
              <span className="shrink-0 text-right tabular-nums">
                {textIn(main, row)}
                <span className="block text-xs font-normal text-soft">{main.label}</span>
              </span>
            )}
          </div>
          <dl
            className={`mt-1 grid gap-x-3 gap-y-1.5 text-xs ${across === 2 ? 'grid-cols-2' : 'grid-cols-3'}`}
          >
            {facts.map((column) => (
              <div
                key={column.name}
                className="flex min-w-0 flex-col justify-between gap-y-0.5"
                style={{ gridColumnEnd: `span ${spans.get(column)}` }}
              >
                <dt className="leading-4 text-soft">{column.label}</dt>
                <dd
                  className={`text-[0.8125rem] wrap-anywhere ${column.unit === 'text' ? '' : 'tabular-nums'}`}
                >
                  {textIn(column, row)}
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}
