import type { Column } from '../schema/column.ts'
import type { Table } from './table.ts'

/** A column as AWS Glue's CreateTable takes it. */
export interface GlueColumn {
  readonly Name: string
  readonly Type: string
  readonly Comment: string
}

export interface GlueTable {
  readonly columns: readonly GlueColumn[]
  readonly partition_keys: readonly GlueColumn[]
}

/** Longest Comment that Glue takes (API reference, Column). */
const COMMENT_LIMIT = 255

/** Columns and partition key of a table for the Glue catalogue. `dt` is the UTC date of occurred_at. */
export function glueTableOf(table: Table): GlueTable {
  return {
    columns: table.columns.map((field) => ({
      Name: field.name,
      Type: glueType(field.column),
      Comment: field.description.slice(0, COMMENT_LIMIT),
    })),
    partition_keys: [{ Name: 'dt', Type: 'date', Comment: 'UTC date of occurred_at.' }],
  }
}

/** Hive's name of a column type. JSON is text there. */
export function glueType(column: Column): string {
  switch (column.kind) {
    case 'int32':
      return 'int'
    case 'int64':
      return 'bigint'
    case 'json':
      return 'string'
    case 'decimal':
      return `decimal(${column.precision},${column.scale})`
    case 'struct':
      return `struct<${column.fields.map((field) => `${field.name}:${glueType(field.column)}`).join(',')}>`
    case 'list':
      return `array<${glueType(column.element)}>`
    default:
      return column.kind
  }
}
