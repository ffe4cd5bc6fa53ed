import type { DuckDBConnection } from '@duckdb/node-api'
import { lineColumns } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { ResultValue } from '../ports.ts'
import type { Column, ColumnField } from '../schema/column.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { type Duckdb, quoteName } from './duckdb.ts'
import type { LakeMeta } from './lake-meta.ts'
import { typeViewSql } from './lake-views.ts'
import { resultValue } from './sql-values.ts'

/** A row of the lake as its canonical line was, parsed: columns that are null are absent, `written_at` is left out. */
export interface ScannedRow {
  readonly type: EventType
  readonly row: { readonly [column: string]: unknown }
}

/**
 * Every row that stands in Parquet, type by type, in no order within one; memory stays at a chunk of 2048 rows. For a
 * lake that nobody writes meanwhile. Throws lake_unavailable when a file cannot be read to its end.
 */
export async function* scanLake(options: {
  duckdb: Duckdb
  meta: LakeMeta
  lakeDirectory: string
}): AsyncGenerator<ScannedRow> {
  const { meta, lakeDirectory } = options
  const files = meta.files()
  const source = { lakeDirectory, schemas: meta.schemas(), hot: false }
  const connection = await options.duckdb.connect()
  try {
    for (const type of EVENT_TYPES) {
      const own = files.filter((file) => file.event_type === type)
      if (own.length === 0) continue
      await connection.run(typeViewSql(type, own, source))
      yield* scanType(connection, type)
    }
  } finally {
    connection.closeSync()
  }
}

/** How many rows stand in Parquet. */
export function lakeRows(meta: LakeMeta): number {
  return meta.files().reduce((sum, file) => sum + file.rows, 0)
}

async function* scanType(
  connection: DuckDBConnection,
  type: EventType,
): AsyncGenerator<ScannedRow> {
  const fields = lineColumns(TABLES[type])
  const columns = fields.map((field) => quoteName(field.name)).join(', ')
  const counted = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${quoteName(type)}`)
  const expected = Number(counted.getRows()[0]?.[0])
  const result = await connection.stream(`SELECT ${columns} FROM ${quoteName(type)}`)
  let read = 0
  for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
    for (const values of chunk.getRows()) {
      read++
      yield { type, row: rowOf(fields, values.map(resultValue)) }
    }
  }
  // The binding takes an error in the middle of a streaming result for its end.
  if (read !== expected) {
    throw new ShoplakeError(
      'lake_unavailable',
      `only ${read} of ${expected} rows of ${type} can be read; \`shoplake verify\` says more`,
    )
  }
}

function rowOf(fields: readonly ColumnField[], values: readonly ResultValue[]) {
  const row: { [column: string]: unknown } = {}
  for (const [index, { name, column }] of fields.entries()) {
    const value = values[index]
    if (value !== null && value !== undefined) row[name] = canonical(column, value)
  }
  return row
}

/** A value as canonical lines have it: decimals without zeros at their end, JSON parsed, nothing that is null. */
function canonical(column: Column, value: ResultValue): unknown {
  if (column.kind === 'decimal') return trimDecimal(String(value))
  if (column.kind === 'json') return JSON.parse(String(value))
  if (column.kind === 'list' && Array.isArray(value)) {
    return value.map((item) => (item === null ? null : canonical(column.element, item)))
  }
  if (column.kind === 'struct' && typeof value === 'object' && !Array.isArray(value)) {
    const fields = value ?? {}
    return rowOf(
      column.fields,
      column.fields.map((field) => fields[field.name] ?? null),
    )
  }
  return value
}

function trimDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
