import type { Column, ColumnField } from '../schema/column.ts'
import type { Table } from './table.ts'

/** DuckDB's name of a column type, as read from NDJSON, kept in tables and written to Parquet. */
export function duckdbType(column: Column): string {
  switch (column.kind) {
    case 'string':
      return 'VARCHAR'
    case 'int32':
      return 'INTEGER'
    case 'int64':
      return 'BIGINT'
    case 'decimal':
      return `DECIMAL(${column.precision},${column.scale})`
    case 'struct':
      return `STRUCT(${column.fields.map((field) => `${quoted(field.name)} ${duckdbType(field.column)}`).join(', ')})`
    case 'list':
      return `${duckdbType(column.element)}[]`
    default:
      return column.kind.toUpperCase()
  }
}

/** Columns of a canonical line, in stored order: all but `written_at`, which the lake adds. */
export function lineColumns(table: Table): readonly ColumnField[] {
  return table.columns.filter((field) => field.name !== 'written_at')
}

/** The `columns` argument of `read_json` for canonical lines of a type: nothing is left to detection. */
export function readJsonColumns(table: Table): string {
  const entries = lineColumns(table).map(
    (field) => `${quoted(field.name)}: '${duckdbType(field.column)}'`,
  )
  return `{${entries.join(', ')}}`
}

/** `CREATE TABLE` with the stored columns of a type. Nothing is NOT NULL: an erased row keeps no identity. */
export function createTableSql(name: string, table: Table): string {
  const columns = table.columns.map((field) => `${quoted(field.name)} ${duckdbType(field.column)}`)
  return `CREATE TABLE ${name} (${columns.join(', ')})`
}

/** Name and type of every stored column, one a line: two files with the same text have the same columns. */
export function columnsText(table: Table): string {
  return table.columns.map((field) => `${field.name} ${duckdbType(field.column)}`).join('\n')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
