import { createHash, createHmac } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { duckdbType } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import { type Column, type ColumnField, holdsIdentity } from '../schema/column.ts'
import type { EventType } from '../schema/registry.ts'
import { quoteName, quoteText } from './duckdb.ts'
import type { StoredTombstone } from './lake-meta.ts'
import { runStatement } from './parquet.ts'

/** In-memory table of the erased: keyed hash of an id, and what stands in place of the customer. */
const SCHEMA = 'internal'
const TABLE = 'tombstones'
const TOMBSTONE_TABLE = `${SCHEMA}.${TABLE}`

/** The key of id hashes: 32 bytes that follow from the secret and give nothing of it away. */
export function tombstoneKey(secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update('lake tombstones').digest()
}

/**
 * Keyed hashes of all ids of a person. SHA-256 over a key of fixed length and then the id: unlike HMAC it is one pass,
 * four times as fast in SQL, and what HMAC adds (nobody can extend a known hash) does not matter for a look-up.
 */
export function idHashes(
  key: Buffer,
  person: { readonly customer_id?: unknown; readonly anonymous_ids: readonly unknown[] },
): string[] {
  const hash = (kind: 'customer' | 'anonymous', id: unknown) =>
    typeof id === 'string'
      ? [createHash('sha256').update(key).update(`${kind}:${id}`).digest('hex')]
      : []
  return [
    ...hash('customer', person.customer_id),
    ...person.anonymous_ids.flatMap((id) => hash('anonymous', id)),
  ]
}

export function insertTombstoneSql(hashes: readonly string[], erasedId: string): string {
  const rows = hashes.map((hash) => `(${quoteText(hash)}, ${quoteText(erasedId)})`)
  return `INSERT OR IGNORE INTO ${TOMBSTONE_TABLE} VALUES ${rows.join(', ')}`
}

/** Makes the table with what is known already: of an id that was erased twice the first stands. A statement for each would take minutes. */
export async function createTombstones(
  connection: DuckDBConnection,
  tombstones: readonly StoredTombstone[],
): Promise<void> {
  await runStatement(
    connection,
    `CREATE TABLE ${TOMBSTONE_TABLE} (id_hash VARCHAR PRIMARY KEY, erased_id VARCHAR)`,
  )
  const known = new Set<string>()
  const appender = await connection.createAppender(TABLE, SCHEMA)
  for (const { id_hashes, erased_id } of tombstones) {
    for (const hash of id_hashes) {
      if (known.has(hash)) continue
      known.add(hash)
      appender.appendVarchar(hash)
      appender.appendVarchar(erased_id)
      appender.endRow()
    }
  }
  appender.closeSync()
}

/** A SELECT of those of some hashes, at least one, that are of erased people. */
export function erasedHashesSql(hashes: readonly string[]): string {
  return `SELECT id_hash FROM ${TOMBSTONE_TABLE} WHERE id_hash IN (${hashes.map(quoteText).join(', ')})`
}

function hashOf(key: Buffer, kind: 'customer' | 'anonymous', column: string): string {
  const bytes = [...key].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  return `sha256('${bytes}'::BLOB || encode('${kind}:' || ${column}))`
}

/** A condition on rows of a relation with customer_id and anonymous_id: belongs to an erased customer. */
export function isErasedSql(key: Buffer): string {
  const hashes = `(SELECT id_hash FROM ${TOMBSTONE_TABLE})`
  return `(${hashOf(key, 'customer', 'customer_id')} IN ${hashes} OR ${hashOf(key, 'anonymous', 'anonymous_id')} IN ${hashes})`
}

/**
 * A SELECT of the named columns of a type from a relation, with the rows of erased customers stripped: identity columns
 * null, customer_id replaced. Nothing else changes, so sums and counts stay.
 */
export function erasedSelect(
  type: EventType,
  relation: string,
  columns: readonly string[],
  key: Buffer,
): string {
  const fields = new Map(TABLES[type].columns.map((field) => [field.name, field]))
  const list = columns.map((name) => {
    const erased = erasedValue(fields.get(name), quoteName(name))
    const quoted = quoteName(name)
    return erased === quoted
      ? quoted
      : `CASE WHEN _erased_id IS NULL THEN ${quoted} ELSE ${erased} END AS ${quoted}`
  })
  return `SELECT ${list.join(', ')} FROM (
    SELECT r.*, coalesce(c.erased_id, a.erased_id) AS _erased_id FROM ${relation} r
    LEFT JOIN ${TOMBSTONE_TABLE} c ON c.id_hash = ${hashOf(key, 'customer', 'r.customer_id')}
    LEFT JOIN ${TOMBSTONE_TABLE} a ON a.id_hash = ${hashOf(key, 'anonymous', 'r.anonymous_id')})`
}

/** What a column holds in an erased row, as SQL; the column itself where it says nothing about a person. */
function erasedValue(field: ColumnField | undefined, value: string): string {
  if (!field) return value
  if (field.name === 'customer_id') return '_erased_id'
  return field.identity ? 'NULL' : erasedPart(field.column, value, 0)
}

function erasedPart(column: Column, value: string, depth: number): string {
  if (column.kind === 'list') {
    const name = `_${depth}`
    const element = erasedPart(column.element, name, depth + 1)
    return element === name ? value : `list_transform(${value}, lambda ${name}: ${element})`
  }
  if (column.kind !== 'struct' || !holdsIdentity(column)) return value
  const parts = column.fields.map((field) => {
    const part = `${value}.${quoteName(field.name)}`
    const erased = field.identity
      ? `CAST(NULL AS ${duckdbType(field.column)})`
      : erasedPart(field.column, part, depth)
    return `${quoteName(field.name)} := ${erased}`
  })
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${parts.join(', ')}) END`
}
