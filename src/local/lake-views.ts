import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { columnsText, createTableSql, duckdbType } from '../derive/duckdb.ts'
import { TABLES, type Table } from '../derive/table.ts'
import type { ColumnField } from '../schema/column.ts'
import { COLLECTED, ENVELOPE, WRITTEN } from '../schema/envelope.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { columnsOf } from '../schema/scalar.ts'
import { quoteName, quoteText } from './duckdb.ts'
import { type LakeFile, publishFile, UNFINISHED } from './lake-files.ts'
import type { KeptModel } from './lake-kept.ts'

/** A view on top of the event views, in DuckDB's SQL: `CREATE VIEW name AS sql`. */
export interface ModelView {
  readonly name: string
  readonly sql: string
  /** Present where its rows may be kept by day. */
  readonly kept?: Omit<KeptModel, 'name' | 'sql'>
}

/** What views are made of. */
export interface ViewSource {
  readonly lakeDirectory: string
  /** Columns text by key, of every file ever listed. */
  readonly schemas: ReadonlyMap<string, string>
  /** Whether rows that are not in Parquet yet stand in tables `hot.<event_type>`. */
  readonly hot: boolean
}

/** The table of a type's rows that are not in Parquet yet. */
export function hotTable(type: EventType): string {
  return `hot.${quoteName(type)}`
}

/** `CREATE OR REPLACE VIEW <event_type>` as `typeSelectSql`. */
export function typeViewSql(
  type: EventType,
  files: readonly LakeFile[],
  source: ViewSource,
): string {
  return `CREATE OR REPLACE VIEW ${quoteName(type)} AS\n${typeSelectSql(type, files, source)}`
}

/**
 * All columns of the type and `dt` (DATE), over exactly the listed files and the hot table. Files are listed, never
 * globbed: a file is part of the lake when the list says so. Files of an older version get the columns that came later
 * as nulls.
 */
export function typeSelectSql(
  type: EventType,
  files: readonly LakeFile[],
  source: ViewSource,
): string {
  const table = TABLES[type]
  const current = columnsText(table)
  const bySchema = new Map<string, LakeFile[]>()
  for (const file of files) {
    const group = bySchema.get(file.schema)
    if (group) group.push(file)
    else bySchema.set(file.schema, [file])
  }
  const parts = [...bySchema].map(([key, members]) => {
    const columns = source.schemas.get(key) ?? current
    return filesSelect(table, members, source.lakeDirectory, columns === current ? null : columns)
  })
  if (source.hot) parts.push(hotSelect(type, table))
  if (parts.length === 0) parts.push(emptySelect(table))
  return parts.join('\nUNION ALL\n')
}

/** `read_parquet` over the files, with `dt` from the directory names as a DATE. */
export function readFiles(paths: readonly string[], lakeDirectory: string): string {
  const names = paths.map((name) => quoteText(path.join(lakeDirectory, name))).join(', ')
  return `read_parquet([${names}], hive_partitioning = true, hive_types = {'dt': DATE})`
}

function filesSelect(
  table: Table,
  files: readonly LakeFile[],
  lakeDirectory: string,
  olderColumns: string | null,
): string {
  const has = olderColumns && new Set(olderColumns.split('\n').map((line) => line.split(' ')[0]!))
  const columns = table.columns.map((field) => {
    const name = quoteName(field.name)
    if (!has) return name
    const type = duckdbType(field.column)
    return has.has(field.name) ? `CAST(${name} AS ${type}) AS ${name}` : nullColumn(field)
  })
  const paths = files.map((file) => file.path)
  return `SELECT ${columns.join(', ')}, dt FROM ${readFiles(paths, lakeDirectory)}`
}

function hotSelect(type: EventType, table: Table): string {
  const columns = table.columns.map((field) => quoteName(field.name)).join(', ')
  return `SELECT ${columns}, CAST(occurred_at AS DATE) AS dt FROM ${hotTable(type)}`
}

function emptySelect(table: Table): string {
  const columns = table.columns.map(nullColumn).join(', ')
  return `SELECT ${columns}, CAST(NULL AS DATE) AS dt WHERE false`
}

function nullColumn(field: ColumnField): string {
  return `CAST(NULL AS ${duckdbType(field.column)}) AS ${quoteName(field.name)}`
}

/** Columns that every event has, in the order of the `events` view. */
function commonColumns(): string[] {
  const envelope = columnsOf(ENVELOPE).map((field) =>
    field.name === 'timestamp' ? 'occurred_at' : field.name,
  )
  return [...envelope, ...[...COLLECTED, WRITTEN].map((field) => field.name), 'dt']
}

/** `events`: all types together, with `event_type` first and the columns that all of them have. */
function eventsViewSql(): string {
  const columns = commonColumns().map(quoteName).join(', ')
  const parts = EVENT_TYPES.map(
    (type) => `SELECT ${quoteText(type)} AS event_type, ${columns} FROM ${quoteName(type)}`,
  )
  return `CREATE OR REPLACE VIEW events AS\n${parts.join('\nUNION ALL\n')}`
}

/** A model's view. */
function modelViewSql(model: ModelView): string {
  return `CREATE OR REPLACE VIEW ${quoteName(model.name)} AS\n${model.sql}`
}

/** Everything that makes an empty DuckDB show the lake: hot tables where wanted, event views, `events`, models. */
export function lakeStatements(
  files: readonly LakeFile[],
  source: ViewSource,
  models: readonly ModelView[],
): string[] {
  const hot = source.hot
    ? [
        'CREATE SCHEMA IF NOT EXISTS hot',
        ...EVENT_TYPES.map((type) => createTableSql(hotTable(type), TABLES[type])),
      ]
    : []
  const views = EVENT_TYPES.map((type) =>
    typeViewSql(
      type,
      files.filter((file) => file.event_type === type),
      source,
    ),
  )
  return [...hot, ...views, eventsViewSql(), ...models.map(modelViewSql)]
}

/** Writes `lake.sql`, for `duckdb -init lake.sql` from anywhere: whole or not at all. */
export async function writeLakeSql(
  target: string,
  statements: readonly string[],
  lakeDirectory: string,
): Promise<void> {
  const unfinished = path.join(lakeDirectory, UNFINISHED, path.basename(target))
  await writeFile(unfinished, `${LAKE_SQL_HEAD}${statements.join(';\n\n')};\n`)
  await publishFile(unfinished, path.dirname(target), path.basename(target))
}

const LAKE_SQL_HEAD = `-- The lake as views over its Parquet files, for any DuckDB: duckdb -init lake.sql
-- Replaced whenever files change; load it again to see what came since. The newest rows, up to a minute old, are not in
-- files yet: ask the server's SQL for those.

`
