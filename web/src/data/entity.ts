import { pathOf } from '../frame/page-link.tsx'
import { formatText } from './format.ts'
import { type ReportColumn, type Row, textOf } from './report-types.ts'

/** Columns whose values have a page of their own. */
const KINDS: { readonly [column: string]: 'orders' | 'products' | 'customers' } = {
  order_id: 'orders',
  product_id: 'products',
  product_a: 'products',
  product_b: 'products',
  customer_id: 'customers',
}

/** The column with the name of what an id stands for: `name` beside `product_id`, `name_a` beside `product_a`. */
const NAMES: { readonly [column: string]: string } = {
  product_id: 'name',
  product_a: 'name_a',
  product_b: 'name_b',
}

/** The page of what a cell names; undefined where it has none. */
export function pathOfCell(column: string, row: Row): string | undefined {
  const kind = KINDS[column]
  const id = textOf(row[column])
  // What was erased has no page any more.
  return kind && id !== '' && !id.startsWith('erased:') ? pathOf(kind, id) : undefined
}

/** The name that stands beside an id, or undefined. */
export function nameOfCell(column: string, row: Row): string | undefined {
  const name = NAMES[column]
  return name === undefined ? undefined : textOf(row[name]) || undefined
}

/** What each row is called by a column, and where several are called the same, also by the texts in which those differ. */
export function labelsOf(
  rows: readonly Row[],
  x: string,
  columns: readonly ReportColumn[],
): string[] {
  const names = rows.map((row) => nameOfCell(x, row) ?? formatText(x, row[x]))
  return rows.map((row, place) => {
    const twins = rows.filter((_, other) => names[other] === names[place])
    const telling = columns.filter(
      ({ name, unit }) =>
        unit === 'text' && twins.some((twin) => textOf(twin[name]) !== textOf(row[name])),
    )
    return [names[place], ...telling.map(({ name }) => formatText(name, row[name]))].join(', ')
  })
}

/** Columns of a table: names go into the cell of their id. */
export function withoutNames(columns: readonly ReportColumn[]): ReportColumn[] {
  const names = new Set(columns.flatMap(({ name }) => NAMES[name] ?? []))
  return columns.filter(({ name }) => !names.has(name))
}
