import type { DuckDBConnection } from '@duckdb/node-api'
import { ShoplakeError } from '../errors.ts'
import { duckdbFailure } from './duckdb-failure.ts'
import { checkTree } from './sql-tree.ts'

/** Longest statement of others. The tree that DuckDB makes of it is about forty times as long. */
const MAX_LENGTH = 100_000

/**
 * Checks text of others before anything of it is bound or run: exactly one statement, that only reads, and only tables.
 * Binding alone can already open files, so this looks at DuckDB's own parse tree and nothing else.
 * Returns the statement without what follows its end (semicolons, comments).
 * Rejects with sql_refused (the detail says what to use instead) or sql_failed (the parser's message).
 */
export async function checkStatement(connection: DuckDBConnection, sql: string): Promise<string> {
  if (sql.length > MAX_LENGTH) {
    throw refused(`The statement has ${sql.length} characters; at most ${MAX_LENGTH} are taken.`)
  }
  if (sql.includes('\0')) throw refused('The statement contains a NUL character; remove it.')
  if (/\p{Cs}/u.test(sql)) throw refused('The statement is not valid Unicode.')
  const tree = await parseTree(connection, sql)
  const statements = tree.statements ?? []
  if (statements.length === 0) throw refused('There is no statement; write one SELECT.')
  if (statements.length > 1) {
    throw refused(`There are ${statements.length} statements; send one SELECT at a time.`)
  }
  const problem = checkTree(statements[0])
  if (problem) throw refused(problem)
  return withoutTail(connection, sql, statements[0])
}

interface ParseTree {
  readonly error: boolean
  readonly error_type?: string
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

async function parseTree(connection: DuckDBConnection, sql: string): Promise<ParseTree> {
  await checkCount(connection, sql)
  const tree = JSON.parse(await serialised(connection, sql)) as ParseTree
  if (!tree.error) return tree
  const message = tree.error_message ?? 'The statement cannot be parsed.'
  if (tree.error_type === 'parser' || tree.error_type === 'syntax') {
    throw new ShoplakeError('sql_failed', message)
  }
  throw refused(notSelect(sql, message))
}

/** PIVOT without a list of values becomes several statements that create types: the count tells. */
async function checkCount(connection: DuckDBConnection, sql: string): Promise<void> {
  let count: number
  try {
    count = (await connection.extractStatements(sql)).count
  } catch {
    // The binding gives no message here; the tree, asked next, has the parser's own or is empty.
    return
  }
  if (count === 1) return
  const pivot = /\bpivot/i.test(sql) ? ' PIVOT needs its values: ON column IN (…).' : ''
  throw refused(`There are ${count} statements; send one SELECT at a time.${pivot}`)
}

async function serialised(connection: DuckDBConnection, sql: string): Promise<string> {
  const prepared = await connection.prepare('SELECT json_serialize_sql($1::VARCHAR)')
  try {
    prepared.bindVarchar(1, sql)
    const rows = await (await prepared.run()).getRows()
    return String(rows[0]?.[0])
  } catch (error) {
    throw duckdbFailure(error)
  } finally {
    prepared.destroySync()
  }
}

function notSelect(sql: string, message: string): string {
  if (!message.startsWith('Only SELECT')) return `This statement is not taken here: ${message}`
  const keyword = /^[\s(;]*([a-z]+)/i.exec(sql)?.[1]?.toUpperCase()
  const what = keyword && keyword !== 'SELECT' && keyword !== 'WITH' ? `${keyword} is` : 'That is'
  return `${what} not allowed: SQL here only reads. Write one SELECT (WITH, VALUES, DESCRIBE and SUMMARIZE are fine too).`
}

/**
 * The statement up to its semicolon, so that it can stand in parentheses. The scan is simple and may err; the parser
 * decides: what is left must give the very same tree.
 */
async function withoutTail(
  connection: DuckDBConnection,
  sql: string,
  statement: unknown,
): Promise<string> {
  const end = endOfStatement(sql)
  if (end === sql.length) return sql
  const head = sql.slice(0, end)
  const tree = JSON.parse(await serialised(connection, head)) as ParseTree
  if (JSON.stringify(tree.statements) !== JSON.stringify([statement])) {
    throw refused('The end of the statement is not clear; leave out the semicolon.')
  }
  return head
}

/** What hides a semicolon: texts, names, comments. An E'…' text may escape its quote. */
const TOKEN =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([\p{L}_]*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;|[\s\S]/uy

function endOfStatement(sql: string): number {
  TOKEN.lastIndex = 0
  let leading = true
  for (let match = TOKEN.exec(sql); match; match = TOKEN.exec(sql)) {
    const token = match[0]
    if (token === ';' && !leading) return match.index
    if (!/^(\s|;|--|\/\*)/.test(token)) leading = false
  }
  return sql.length
}

function refused(detail: string): ShoplakeError {
  return new ShoplakeError('sql_refused', detail)
}
