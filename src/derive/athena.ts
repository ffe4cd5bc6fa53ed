import { glueTableOf } from './glue.ts'
import { MOVED_RECORD, RECORD, withRecord } from './record-column.ts'
import type { Table } from './table.ts'
import { trinoType } from './trino-type.ts'

/**
 * The names of an event type in Athena: what the lake writer adds to, what is compacted and the view of that, and what people ask: the
 * view of both.
 */
export function athenaNames(event_type: string): {
  raw: string
  base: string
  compacted: string
  view: string
} {
  return {
    raw: `raw_${event_type}`,
    base: `base_${event_type}`,
    compacted: `compacted_${event_type}`,
    view: event_type,
  }
}

/**
 * The query of a type's compacted view: what models and reports read. It is one scan, where the view of both is seven stages, and
 * Athena refuses a statement of more than 150; and all of a report is as of one compaction.
 */
export function compactedViewSql(table: Table): string {
  const columns = eventViewColumns(table).map(compactedColumn)
  return `SELECT ${columns.join(', ')} FROM ${athenaNames(table.event_type).base}`
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
  const compacted = eventViewColumns(table).map(compactedColumn)
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
  const glue = glueTableOf(withRecord(table))
  const columns = [...glue.columns, ...glue.partition_keys].map(
    ({ Name, Type }) => [Name, Type] as const,
  )
  return icebergDdl(
    `${options.database}.${base}`,
    columns,
    `${options.location}/${table.event_type}/`,
  )
}

/** `CREATE TABLE` of an Iceberg table by `dt`, in Athena's words; `columns` by Hive's names of their types, `dt` among them. */
export function icebergDdl(
  name: string,
  columns: readonly (readonly [name: string, type: string])[],
  location: string,
): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (`,
    columns.map(([column, type]) => `  \`${column}\` ${type}`).join(',\n'),
    ')',
    'PARTITIONED BY (`dt`)',
    `LOCATION '${location}'`,
    "TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')",
  ].join('\n')
}

/** UTC days for which events of a type wait in the raw table, in order: one column, `dt`. */
export function waitingDaysSql(table: Table): string {
  const { raw } = athenaNames(table.event_type)
  return `SELECT DISTINCT CAST("occurred_at" AS DATE) AS "dt" FROM ${raw} ORDER BY 1`
}

/** Days that one statement may write: Athena and Trino keep at most 100 partitions open ("Considerations and limitations"). */
export const MOST_DAYS_WRITTEN = 90

/**
 * `MERGE` that takes what waits in the raw table into the compacted one: of each (dt, event_id) one row, and none that
 * is there already; of some days alone where they are given. One statement is one Iceberg commit: readers see it whole or not at
 * all. Works in Athena and Trino.
 */
export function compactionSql(
  table: Table,
  days?: { readonly from: string; readonly to: string },
): string {
  const { raw, base } = athenaNames(table.event_type)
  const names = eventViewColumns(withRecord(table)).map(({ name }) => `"${name}"`)
  const record = `"${RECORD.name}"`
  const read = names.map((name) =>
    name === record ? `COALESCE(${name}, ${MOVED_RECORD}) AS ${name}` : name,
  )
  return [
    `MERGE INTO ${base} AS b USING (`,
    `  SELECT ${read.join(', ')} FROM (`,
    '    SELECT *, ROW_NUMBER() OVER (PARTITION BY "dt", "event_id" ORDER BY "received_at", "written_at") AS nth',
    `    FROM (SELECT *, CAST("occurred_at" AS DATE) AS "dt" FROM ${raw}) AS r`,
    `  ) AS w WHERE nth = 1${days ? ` AND "dt" ${between(days)}` : ''}`,
    `) AS w ON b."dt" = w."dt" AND b."event_id" = w."event_id"${days ? ` AND b."dt" ${between(days)}` : ''}`,
    `WHEN NOT MATCHED THEN INSERT (${names.join(', ')})`,
    `VALUES (${names.map((name) => `w.${name}`).join(', ')})`,
  ].join('\n')
}

/** A condition: days from YYYY-MM-DD to YYYY-MM-DD, both within. */
export function between({ from, to }: { readonly from: string; readonly to: string }): string {
  return `BETWEEN DATE '${from}' AND DATE '${to}'`
}

/**
 * Puts small files of some days together, and rows that were changed in place of what they were, in Athena's words. Old files stay
 * until `clearSql`.
 */
export function optimizeSql(
  table: string,
  days: { readonly from: string; readonly to: string },
): string {
  return `OPTIMIZE ${table} REWRITE DATA USING BIN_PACK WHERE dt ${between(days)}`
}

/** Deletes the files that only snapshots of more than five days ago had, Athena's default, in Athena's words. */
export function clearSql(table: string): string {
  return `VACUUM ${table}`
}

/** The Iceberg table behind the view of a model whose rows are made ahead. */
export function keptTable(model: string): string {
  return `kept_${model}`
}

/** `CREATE TABLE` of such a table, in Athena's words; `columns` are the model's. As `baseTableDdl`. */
export function keptTableDdl(
  model: string,
  columns: readonly ViewColumn[],
  options: { readonly database: string; readonly location: string },
): string {
  return icebergDdl(
    `${options.database}.${keptTable(model)}`,
    columns.map(({ name, type }) => [name, hiveTypeOf(type)]),
    `${options.location}/${model}/`,
  )
}

/** The query of such a model's view. */
export function keptViewSql(model: string, columns: readonly ViewColumn[]): string {
  return `SELECT ${columns.map(compactedColumn).join(', ')} FROM ${keptTable(model)}`
}

/** Iceberg keeps microseconds; views have milliseconds. */
function compactedColumn({ name, type }: ViewColumn): string {
  return type === 'timestamp(3)' ? `CAST("${name}" AS timestamp(3)) AS "${name}"` : `"${name}"`
}

/**
 * `MERGE` that puts `rows`, a query for a model's rows of `days` (in order, not empty), in place of those that the table has of these
 * days: in one commit, so that readers see either. Works in Athena and Trino.
 */
export function keepSql(
  model: string,
  columns: readonly ViewColumn[],
  days: readonly string[],
  rows: string,
): string {
  const names = columns.map(({ name }) => `"${name}"`)
  const gone = columns.map(({ name, type }) =>
    name === 'dt' ? 'd.dt AS "dt"' : `CAST(NULL AS ${type}) AS "${name}"`,
  )
  const range = between({ from: days[0]!, to: days.at(-1)! })
  return [
    `MERGE INTO ${keptTable(model)} AS k USING (`,
    `  SELECT 'old' AS made, ${gone.join(', ')}`,
    `  FROM (VALUES ${days.map((day) => `DATE '${day}'`).join(', ')}) AS d (dt)`,
    '  UNION ALL',
    `  SELECT 'new' AS made, ${names.join(', ')} FROM (`,
    rows,
    '  ) AS r',
    `) AS n ON n.made = 'old' AND k."dt" = n."dt" AND k."dt" ${range}`,
    'WHEN MATCHED THEN DELETE',
    `WHEN NOT MATCHED AND n.made = 'new' THEN INSERT (${names.join(', ')})`,
    `VALUES (${names.map((name) => `n.${name}`).join(', ')})`,
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
