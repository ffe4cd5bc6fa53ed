import {
  athenaNames,
  compactedViewSql,
  eventViewColumns,
  eventViewSql,
  keptTable,
  type ViewColumn,
} from './athena.ts'
import { LATE_COLUMNS, LATE_DUPLICATES } from './athena-duplicates.ts'
import { withRecord } from './record-column.ts'
import type { Table } from './table.ts'
import { trinoType } from './trino-type.ts'

/** Where statements make their tables: a schema as it is written, and the folder above the files without a slash at its end. */
export interface TrinoPlace {
  readonly schema: string
  readonly location: string
}

/** `CREATE TABLE` over the Parquet files that wait for compaction, for Trino's Hive connector. */
export function trinoRawDdl(table: Table, place: TrinoPlace): string {
  const { raw } = athenaNames(table.event_type)
  return createTable(`${place.schema}.${raw}`, storedColumns(withRecord(table)), [
    "format = 'PARQUET'",
    `external_location = '${place.location}/raw/${table.event_type}/'`,
  ])
}

/** `CREATE TABLE` of the compacted table, for Trino's Iceberg connector. */
export function trinoBaseDdl(table: Table, place: TrinoPlace): string {
  const { base } = athenaNames(table.event_type)
  return createTable(`${place.schema}.${base}`, icebergColumns(withRecord(table)), [
    "format = 'PARQUET'",
    `location = '${place.location}/base/${table.event_type}/'`,
    "partitioning = ARRAY['dt']",
  ])
}

/** `CREATE TABLE` of what clients sent again, for Trino's Iceberg connector. */
export function trinoLateDdl(place: TrinoPlace): string {
  return createTable(`${place.schema}.${LATE_DUPLICATES}`, LATE_COLUMNS.map(icebergColumn), [
    "format = 'PARQUET'",
    `location = '${place.location}/base/${LATE_DUPLICATES}/'`,
    "partitioning = ARRAY['dt']",
  ])
}

/** `CREATE TABLE` of a model whose rows are made ahead, for Trino's Iceberg connector. */
export function trinoKeptDdl(
  model: string,
  columns: readonly ViewColumn[],
  place: TrinoPlace,
): string {
  return createTable(`${place.schema}.${keptTable(model)}`, columns.map(icebergColumn), [
    "format = 'PARQUET'",
    `location = '${place.location}/kept/${model}/'`,
    "partitioning = ARRAY['dt']",
  ])
}

/** `CREATE VIEW` over both, every event once, and over the compacted ones. */
export function trinoViewDdl(table: Table, schema: string): string[] {
  const { view, compacted } = athenaNames(table.event_type)
  return [
    `CREATE OR REPLACE VIEW ${schema}.${view} AS\n${eventViewSql(table)};`,
    `CREATE OR REPLACE VIEW ${schema}.${compacted} AS\n${compactedViewSql(table)};`,
  ]
}

function createTable(
  name: string,
  columns: readonly ViewColumn[],
  properties: readonly string[],
): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (`,
    columns.map((column) => `  "${column.name}" ${column.type}`).join(',\n'),
    ') WITH (',
    properties.map((property) => `  ${property}`).join(',\n'),
    ');',
  ].join('\n')
}

function storedColumns(table: Table): ViewColumn[] {
  return table.columns.map((field) => ({ name: field.name, type: trinoType(field.column) }))
}

function icebergColumns(table: Table): ViewColumn[] {
  return eventViewColumns(table).map(icebergColumn)
}

/** Iceberg keeps microseconds and no others. */
function icebergColumn({ name, type }: ViewColumn): ViewColumn {
  return { name, type: type.replaceAll('timestamp(3)', 'timestamp(6)') }
}
