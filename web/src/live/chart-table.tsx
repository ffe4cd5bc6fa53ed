import { useState } from 'react'

/** A column of numbers, or the first one of names. */
export interface Column<Row> {
  readonly title: string
  /** The value itself; undefined where there is none yet. */
  readonly value: (row: Row) => number | string | undefined
  /** As it is written. */
  readonly text: (value: number | string) => string
}

interface ChartTableProps<Row> {
  readonly title: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
}

/** What a chart draws, as a table on demand. */
export function ChartTable<Row>({ title, columns, rows }: ChartTableProps<Row>) {
  const [open, setOpen] = useState(false)
  return (
    <details className="mt-1 -mb-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex min-h-11 cursor-pointer items-center text-sm text-accent hover:underline">
        {open ? 'Hide table' : 'View as table'}
      </summary>
      {open && (
        <section
          aria-label={`${title}, table`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mb-3 max-h-72 overflow-auto"
        >
          <table className="w-full text-right text-sm tabular-nums">
            <caption className="sr-only">{title}</caption>
            <thead className="sticky top-0 bg-surface text-xs text-soft">
              <tr>
                {columns.map((column) => (
                  <th
                    key={column.title}
                    scope="col"
                    className="py-1.5 pl-3 font-medium first:text-left first:pl-0"
                  >
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <TableRow key={String(columns[0]!.value(row))} row={row} columns={columns} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}

function TableRow<Row>({
  row,
  columns,
}: {
  readonly row: Row
  readonly columns: readonly Column<Row>[]
}) {
  const [name, ...numbers] = columns
  return (
    <tr className="border-t border-line">
      <th scope="row" className="py-1.5 text-left font-normal">
        {name!.text(name!.value(row)!)}
      </th>
      {numbers.map((column) => {
        const value = column.value(row)
        return (
          <td key={column.title} className="py-1.5 pl-3">
            {value === undefined ? '–' : <data value={value}>{column.text(value)}</data>}
          </td>
        )
      })}
    </tr>
  )
}
