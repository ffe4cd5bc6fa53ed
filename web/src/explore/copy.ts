import type { Value } from '../data/report-types.ts'
import { textOf } from '../data/report-types.ts'
import type { SqlColumn } from '../data/sql.ts'

const FORMULA = /^[=+\-@\t\r]/
const PLAIN_NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/**
 * Rows as text with tabs between the cells, for a spreadsheet: a cell that it would take for a formula begins with an
 * apostrophe, as in the CSV of the server (OWASP, "CSV Injection").
 */
export function tabbedText(
  columns: readonly SqlColumn[],
  rows: readonly (readonly Value[])[],
): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(textOf))]
  return lines.map((cells) => cells.map(safeCell).join('\t')).join('\n')
}

function safeCell(text: string): string {
  const isSafe = !FORMULA.test(text) || PLAIN_NUMBER.test(text)
  return (isSafe ? text : `'${text}`).replaceAll(/[\t\r\n]+/g, ' ')
}
