import { glueTableOf } from './glue.ts'
import type { Table } from './table.ts'
import { trinoType } from './trino-type.ts'

/** The three names of an event type in Athena: what the lake writer adds to, what is compacted, and what is asked. */
export function athenaNames(event_type: string): { raw: string; base: string; view: string } {
  return { raw: `raw_${event_type}`, base: `base_${event_type}`, view: event_type }
}

/** A column of a view by Trino's name of its type. */
export interface ViewColumn {
  readonly name: string
  readonly type: string
}

/** Columns of an event type's view: as they are stored, then `dt`. */
export function eventViewColumns(table: Table): readonly ViewColumn[] {
  const stored = table.columns.map((field) => ({
    name: field.name,
    type: trinoType(field.column),
  }))
  return [...stored, { name: 'dt', type: 'date' }]
}

/**
 * The query of an event type's view: the compacted table, and of the raw objects one row per (dt, event_id) that is not in it
 * yet. So it gives each event once however often its batch was written, and before, during and after a compaction. Raw
 * tables have no partitions, since they hold only what waits for compaction: `dt` is computed. Only days that wait are looked up in
 * the compacted table.
 */
export function eventViewSql(table: Table): string {
  const { raw, base } = athenaNames(table.event_type)
  const columns = eventViewColumns(table).map(({ name }) => `"${name}"`)
  const compacted = eventViewColumns(table).map(({ name, type }) =>
    // Iceberg keeps microseconds; both halves of the union must agree.
    type === 'timestamp(3)' ? `CAST("${name}" AS timestamp(3)) AS "${name}"` : `"${name}"`,
  )
  return [
    `SELECT ${compacted.join(', ')} FROM ${base}`,
    'UNION ALL',
    `SELECT ${columns.map((name) => `w.${name}`).join(', ')} FROM (`,
    '  SELECT *, ROW_NUMBER() OVER (PARTITION BY "dt", "event_id" ORDER BY "received_at", "written_at") AS nth',
    `  FROM (SELECT *, CAST("occurred_at" AS DATE) AS "dt" FROM ${raw}) AS r`,
    ') AS w LEFT JOIN (',
    `  SELECT "dt", "event_id" FROM ${base}`,
    `  WHERE "dt" IN (SELECT CAST("occurred_at" AS DATE) FROM ${raw})`,
    ') AS b ON b."dt" = w."dt" AND b."event_id" = w."event_id"',
    'WHERE w.nth = 1 AND b."event_id" IS NULL',
  ].join('\n')
}

/**
 * `CREATE TABLE` of the compacted table of an event type, in Athena's words. To be run once before the view is asked;
 * running it again changes nothing. `location` is the folder above the tables, without a slash at its end.
 */
export function baseTableDdl(
  table: Table,
  options: { readonly database: string; readonly location: string },
): string {
  const { base } = athenaNames(table.event_type)
  const glue = glueTableOf(table)
  const columns = [...glue.columns, ...glue.partition_keys].map(
    (column) => `  \`${column.Name}\` ${column.Type}`,
  )
  return [
    `CREATE TABLE IF NOT EXISTS ${options.database}.${base} (`,
    columns.join(',\n'),
    ')',
    'PARTITIONED BY (`dt`)',
    `LOCATION '${options.location}/${table.event_type}/'`,
    "TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')",
  ].join('\n')
}

/**
 * `MERGE` that takes what waits in the raw table into the compacted one: of each (dt, event_id) one row, and none that
 * is there already. One statement is one Iceberg commit: readers see it whole or not at all. Works in Athena and Trino.
 */
export function compactionSql(table: Table): string {
  const { raw, base } = athenaNames(table.event_type)
  const names = eventViewColumns(table).map(({ name }) => `"${name}"`)
  return [
    `MERGE INTO ${base} AS b USING (`,
    `  SELECT ${names.join(', ')} FROM (`,
    '    SELECT *, ROW_NUMBER() OVER (PARTITION BY "dt", "event_id" ORDER BY "received_at", "written_at") AS nth',
    `    FROM (SELECT *, CAST("occurred_at" AS DATE) AS "dt" FROM ${raw}) AS r`,
    '  ) AS w WHERE nth = 1',
    ') AS w ON b."dt" = w."dt" AND b."event_id" = w."event_id"',
    `WHEN NOT MATCHED THEN INSERT (${names.join(', ')})`,
    `VALUES (${names.map((name) => `w.${name}`).join(', ')})`,
  ].join('\n')
}

/**
 * A view as the Glue catalogue keeps it for Athena (ViewOriginalText): Trino's own form, JSON in base64 in a comment.
 * Source: ViewReaderUtil of Trino's Hive connector.
 */
export function prestoViewText(view: {
  readonly sql: string
  readonly database: string
  readonly columns: readonly ViewColumn[]
}): string {
  const definition = {
    originalSql: view.sql,
    catalog: 'awsdatacatalog',
    schema: view.database,
    columns: view.columns,
  }
  return `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`
}

/** Hive's name of a type that Trino names, as the Glue catalogue wants it. */
export function hiveTypeOf(trino: string): string {
  return trino
    .replace(/varchar(\(\d+\))?/g, 'string')
    .replace(/timestamp\(\d\)/g, 'timestamp')
    .replace(/\binteger\b/g, 'int')
    .replace(/, /g, ',')
    .replace(/"(\w+)" /g, '$1:')
    .replace(/row\(/g, 'struct<')
    .replace(/array\(/g, 'array<')
    .replace(/\)/g, '>')
    .replace(/decimal\((\d+),(\d+)>/g, 'decimal($1,$2)')
}
