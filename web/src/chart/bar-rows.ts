import { labelsOf } from '../data/entity.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type Row,
  rowsOf,
  textOf,
} from '../data/report-types.ts'

/** A bar: its name, its row, and that of the same thing in the stretch before. */
export interface BarRow {
  readonly label: string
  readonly row: Row
  readonly before: Row | undefined
}

/** The bars of an answer, the largest first. */
export function barRowsOf(answer: ReportAnswer, { x, y }: Chart, limit: number): BarRow[] {
  const all = rowsOf(answer)
  const before = answer.before ? rowsOf(answer.before) : []
  const size = (row: Row) => numberOf(row[y[0]!]) ?? 0
  const rows = [...all].sort((a, b) => size(b) - size(a)).slice(0, limit)
  const labels = labelsOf(rows, x!, answer.columns)
  const texts = answer.columns.flatMap(({ name, unit }) => (unit === 'text' ? [name] : []))
  // A thing may have got another name or category since; an id or a name that stands but once is enough.
  const told = [all, before].every((one) => isUnique(one, x!)) ? [x!] : [x!, ...texts]
  const keyOf = (row: Row) => JSON.stringify(told.map((name) => textOf(row[name])))
  const partners = new Map(before.map((row) => [keyOf(row), row]))
  return rows.map((row, place) => ({
    label: labels[place]!,
    row,
    before: partners.get(keyOf(row)),
  }))
}

function isUnique(rows: readonly Row[], x: string): boolean {
  return new Set(rows.map((row) => textOf(row[x]))).size === rows.length
}
