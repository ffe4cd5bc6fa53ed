import type { Column } from '../schema/column.ts'
import type { Table } from './table.ts'

/**
 * `CREATE TABLE` of an external Parquet table for Trino's Hive connector, partitioned by `dt`.
 * `schema` is written as given; `location` is the folder above the tables, without a slash at its end.
 */
export function trinoDdlOf(table: Table, options: { schema: string; location: string }): string {
  const columns = [...table.columns.map((field) => [field.name, trinoType(field.column)]), DT]
  return [
    `CREATE TABLE IF NOT EXISTS ${options.schema}.${table.event_type} (`,
    columns.map(([name, type]) => `  "${name}" ${type}`).join(',\n'),
    ') WITH (',
    "  format = 'PARQUET',",
    `  external_location = '${options.location}/${table.event_type}/',`,
    "  partitioned_by = ARRAY['dt']",
    ');',
  ].join('\n')
}

const DT = ['dt', 'date'] as const

/** Trino's name of a column type. Timestamps have milliseconds; JSON is text, read with json_extract_scalar. */
export function trinoType(column: Column): string {
  switch (column.kind) {
    case 'string':
    case 'json':
      return 'varchar'
    case 'int32':
      return 'integer'
    case 'int64':
      return 'bigint'
    case 'timestamp':
      return 'timestamp(3)'
    case 'decimal':
      return `decimal(${column.precision}, ${column.scale})`
    case 'struct':
      return `row(${column.fields.map((field) => `"${field.name}" ${trinoType(field.column)}`).join(', ')})`
    case 'list':
      return `array(${trinoType(column.element)})`
    default:
      return column.kind
  }
}
