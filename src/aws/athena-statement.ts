import { ShoplakeError } from '../errors.ts'
import type { ResultValue } from '../ports.ts'

/** Longest statement that Athena takes (Service quotas, "Query string length"). */
const MAX_BYTES = 262_144

/** Texts, names and comments of Trino's SQL, which hide what looks like something else; parameters; semicolons; the rest. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$\d+|;|[A-Za-z_]\w*|[\s\S]/g

/** Words with which a statement that only reads begins. */
const READS = /^(select|with|values|table)$/i
/** Words with which statements of Trino and Hive begin that are known and not taken. */
const OTHERS =
  /^(alter|analyze|call|comment|commit|create|deallocate|delete|deny|describe|drop|execute|explain|export|grant|import|insert|load|merge|msck|optimize|prepare|refresh|reset|revoke|rollback|set|show|start|truncate|unload|update|use|vacuum)$/i

/**
 * A statement for Athena: exactly one that reads, without what follows its end, its parameters $1, $2 … written out. Throws
 * sql_refused for anything else that is SQL, sql_failed for what is none or lacks a parameter. What a query may touch is held by the function's
 * role and the workgroup besides.
 */
export function athenaStatement(sql: string, params: readonly ResultValue[]): string {
  if (Buffer.byteLength(sql) > MAX_BYTES) {
    throw new ShoplakeError('sql_refused', `The statement is longer than ${MAX_BYTES} bytes.`)
  }
  const written: string[] = []
  let first: string | undefined
  let ended = false
  for (const [token] of sql.matchAll(TOKEN)) {
    const isGap = /^(\s|--|\/\*)/.test(token)
    if (token === ';') {
      ended ||= first !== undefined
      continue
    }
    if (isGap) {
      written.push(token.startsWith('-') || token.startsWith('/') ? ' ' : token)
      continue
    }
    if (ended) throw new ShoplakeError('sql_refused', 'Send one SELECT at a time.')
    if (first === undefined && token !== '(') first = token
    written.push(/^\$\d+$/.test(token) ? literalAt(params, Number(token.slice(1))) : token)
  }
  checkFirst(first)
  return written.join('').trim()
}

function checkFirst(first: string | undefined): void {
  if (first === undefined) {
    throw new ShoplakeError('sql_refused', 'There is no statement; write one SELECT.')
  }
  if (READS.test(first)) return
  if (OTHERS.test(first)) {
    const what = `${first.toUpperCase()} is not allowed: SQL here only reads. Write one SELECT.`
    throw new ShoplakeError('sql_refused', what)
  }
  throw new ShoplakeError('sql_failed', `A statement begins with SELECT, not with ${first}.`)
}

function literalAt(params: readonly ResultValue[], number: number): string {
  const value = params[number - 1]
  if (value === undefined) {
    throw new ShoplakeError('sql_failed', `Parameter $${number} has no value.`)
  }
  return literalOf(value)
}

/** A value as Trino writes it. A text has one escape only: its quote doubled. */
function literalOf(value: ResultValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? String(value) : `DOUBLE '${value}'`
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  throw new ShoplakeError('sql_failed', 'A parameter is a text, a number, a boolean or null.')
}
