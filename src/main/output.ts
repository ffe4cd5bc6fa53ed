import pc from 'picocolors'

/** Data on stdout is plain wherever it is read by a program, also where CI asks for colour. */
const INK = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)

/** Data for a program or a pipe: one JSON document on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0)}\n`)
}

/** Talk for a person, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Tells why a command waits for the server: each reason once, not at every try. */
export function sayWaits(): (why: string) => void {
  const said = new Set<string>()
  return (why) => {
    const reason = why.replace(/:.*/s, '')
    if (!said.has(reason)) say(`the server puts it off, and is asked again: ${why}`)
    said.add(reason)
  }
}

/** Rows as an aligned table on stdout; numbers to the right. */
export function printTable(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): void {
  const cells = rows.map((row) => row.map(cellText))
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const numeric = columns.map((_, index) => cells.every((row) => isNumber(row[index] ?? '')))
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) =>
        numeric[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd()
  process.stdout.write(`${INK.bold(line(columns))}\n`)
  for (const row of cells) process.stdout.write(`${line(row)}\n`)
}

/** One cell: control characters of hostile content never reach the terminal. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return [...text].map((char) => (isControl(char) ? '·' : char)).join('')
}

function isControl(char: string): boolean {
  const code = char.codePointAt(0)!
  return code < 32 || (code >= 127 && code < 160)
}

function isNumber(text: string): boolean {
  return text === '–' || /^-?\d+(\.\d+)?%?$/.test(text)
}
