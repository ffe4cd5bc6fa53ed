/** A refused or failed query, in words, and where. */
export interface SqlFailure {
  readonly text: string
  /** Of the SQL, from 1; undefined where the engine does not tell. */
  readonly line: number | undefined
}

/**
 * Reads the engine's message: its kind ("Binder Error:") and the quoted line with a caret are left out, the line is kept as a
 * number. A syntax error tells only near what it is: the line is the first that has it.
 */
export function failureOf(message: string, sql: string): SqlFailure {
  const [head = '', tail = ''] = message.split(/\n\s*\nLINE /)
  const text = head.replace(/^(?:[A-Z]\w+ )+Error: /, '').trim()
  const told = /^(\d+):/.exec(tail)?.[1]
  if (told !== undefined) return { text, line: Number(told) }
  const near = /at or near "([^"]+)"/.exec(head)?.[1]
  const place = near === undefined ? -1 : sql.indexOf(near)
  return { text, line: place === -1 ? undefined : sql.slice(0, place).split('\n').length }
}
