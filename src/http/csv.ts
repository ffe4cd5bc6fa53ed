import type { ResultValue } from '../ports.ts'

/** Cells that a spreadsheet would take for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/
const PLAIN_NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/**
 * CSV (RFC 4180: CRLF, quotes doubled) of a result, as texts of up to 500 rows, header first. A cell that begins like
 * a formula gets a leading apostrophe unless it is a plain number. Null is an empty cell, an empty text is `""`.
 * Lists and objects are JSON.
 */
export function* csvOf(
  columns: readonly { readonly name: string }[],
  rows: Iterable<readonly ResultValue[]>,
): Generator<string> {
  let text = csvLine(columns.map((column) => column.name))
  let count = 0
  for (const row of rows) {
    text += csvLine(row)
    count += 1
    if (count % 500 === 0) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

function csvLine(cells: readonly ResultValue[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** One cell, escaped and safe to open in a spreadsheet. */
export function csvCell(value: ResultValue): string {
  if (value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
