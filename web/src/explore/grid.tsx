import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { textOf, type Value } from '../data/report-types.ts'
import type { SqlColumn } from '../data/sql.ts'

interface GridProps {
  readonly columns: readonly SqlColumn[]
  readonly rows: readonly (readonly Value[])[]
  /** Of the whole result. */
  readonly rowCount: number
}

const ROW_PX = 28
const HEAD_PX = 36
const MOST_PX = 560
const CHARACTER_PX = 9.2
const PADDING_PX = 24
const WIDTHS = { least: 64, most: 360 } as const
const SAMPLE = 200

/** A result of any length: only the rows within reach are on the page. The engine's values, as they are. */
export function Grid({ columns, rows, rowCount }: GridProps) {
  const element = useRef<HTMLDivElement>(null)
  const widths = useMemo(() => widthsOf(columns, rows), [columns, rows])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => element.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  })
  const shown = virtual.getVirtualItems()
  const total = widths.reduce((sum, width) => sum + width, 0)
  const above = shown[0]?.start ?? 0
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)
  return (
    <section
      ref={element}
      aria-label="Result"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-auto rounded-b-xl border-t border-line outline-offset-[-2px]"
      style={{ maxHeight: Math.min(MOST_PX, HEAD_PX + rows.length * ROW_PX + 18) }}
      data-grid=""
    >
      <table
        aria-rowcount={rowCount + 1}
        className="table-fixed border-collapse text-[0.8125rem] tabular-nums"
        style={{ width: total }}
      >
        <colgroup>
          {columns.map((column, place) => (
            <col key={keyOf(column, place)} style={{ width: widths[place] }} />
          ))}
        </colgroup>
        <thead className="sticky top-0 z-[1] bg-surface">
          <tr aria-rowindex={1}>
            {columns.map((column, place) => (
              <th
                key={keyOf(column, place)}
                scope="col"
                title={`${column.name} ${column.type}`}
                className={`h-9 truncate border-b border-line px-3 text-xs font-medium text-soft ${alignOf(column)}`}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} span={columns.length} />}
          {shown.map(({ index }) => (
            <tr
              key={index}
              aria-rowindex={index + 2}
              className="h-7 border-b border-line/60 hover:bg-hover"
            >
              {columns.map((column, place) => (
                <Cell
                  key={keyOf(column, place)}
                  column={column}
                  value={rows[index]![place] ?? null}
                />
              ))}
            </tr>
          ))}
          {below > 0 && <Spacer height={below} span={columns.length} />}
        </tbody>
      </table>
    </section>
  )
}

/** Rows that are not on the page. */
function Spacer({ height, span }: { readonly height: number; readonly span: number }) {
  return (
    <tr>
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  )
}

function Cell({ column, value }: { readonly column: SqlColumn; readonly value: Value }) {
  if (value === null) {
    return <td className={`truncate px-3 text-soft italic ${alignOf(column)}`}>null</td>
  }
  const text = textOf(value)
  return (
    <td className={`truncate px-3 ${alignOf(column)}`} title={text}>
      {text === '' ? <span className="text-soft italic">empty</span> : text}
    </td>
  )
}

/** A query may name two columns the same. */
function keyOf(column: SqlColumn, place: number): string {
  return `${place} ${column.name}`
}

/** Whether an engine's type is one of numbers. */
export function isNumber({ type }: SqlColumn): boolean {
  return (
    /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|DOUBLE|FLOAT|REAL)\b/.test(type) &&
    !type.endsWith(']')
  )
}

function alignOf(column: SqlColumn): string {
  return isNumber(column) ? 'text-right' : 'text-left'
}

/** As wide as the widest of the first rows, within bounds. */
function widthsOf(columns: readonly SqlColumn[], rows: GridProps['rows']): number[] {
  const sample = rows.slice(0, SAMPLE)
  return columns.map(({ name }, place) => {
    const longest = sample.reduce(
      (most, row) => Math.max(most, textOf(row[place]).length),
      name.length,
    )
    return Math.round(
      Math.min(WIDTHS.most, Math.max(WIDTHS.least, longest * CHARACTER_PX + PADDING_PX)),
    )
  })
}
