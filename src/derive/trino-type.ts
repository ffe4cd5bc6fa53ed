import type { Column } from '../schema/column.ts'

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
