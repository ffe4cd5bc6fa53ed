import type { Column, ColumnField } from '../schema/column.ts'
import type { Table } from './table.ts'

/** One node of a Parquet schema, as the Thrift definition and hyparquet-writer name its parts. */
export interface ParquetElement {
  readonly name: string
  readonly type?: 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY'
  readonly repetition_type?: 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
  readonly num_children?: number
  readonly converted_type?: 'UTF8' | 'DATE' | 'TIMESTAMP_MILLIS' | 'DECIMAL' | 'LIST' | 'JSON'
  readonly logical_type?: {
    readonly type: 'TIMESTAMP'
    readonly isAdjustedToUTC: false
    readonly unit: 'MILLIS'
  }
  readonly precision?: number
  readonly scale?: number
}

/**
 * The Parquet schema of a table: the root, then every node depth first.
 * Lists have the three levels of the format's own rule (parquet-format, LogicalTypes.md, "Lists"). Timestamps hold UTC
 * milliseconds and are marked as not adjusted, so that engines read a TIMESTAMP without zone. JSON columns are plain
 * strings: an engine without a JSON type must still read them.
 */
export function parquetSchemaOf(table: Table): ParquetElement[] {
  return [
    { name: 'root', num_children: table.columns.length },
    ...table.columns.flatMap(parquetFieldOf),
  ]
}

function parquetFieldOf(field: ColumnField): ParquetElement[] {
  // An erased person's rows keep nothing that names them, whatever was required.
  const isNeeded = field.required && !field.identity
  return parquetNode(field.name, field.column, isNeeded ? 'REQUIRED' : 'OPTIONAL')
}

function parquetNode(
  name: string,
  column: Column,
  repetition_type: 'REQUIRED' | 'OPTIONAL',
): ParquetElement[] {
  const head = { name, repetition_type }
  if (column.kind === 'struct') {
    return [
      { ...head, num_children: column.fields.length },
      ...column.fields.flatMap(parquetFieldOf),
    ]
  }
  if (column.kind === 'list') {
    return [
      { ...head, num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...parquetNode('element', column.element, 'REQUIRED'),
    ]
  }
  return [{ ...head, ...parquetLeaf(column) }]
}

type LeafColumn = Exclude<Column, { kind: 'struct' | 'list' }>

function parquetLeaf(column: LeafColumn): Omit<ParquetElement, 'name'> {
  switch (column.kind) {
    case 'string':
    case 'json':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
    case 'int32':
      return { type: 'INT32' }
    case 'int64':
      return { type: 'INT64' }
    case 'double':
      return { type: 'DOUBLE' }
    case 'boolean':
      return { type: 'BOOLEAN' }
    case 'date':
      return { type: 'INT32', converted_type: 'DATE' }
    case 'timestamp':
      return {
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
      }
    case 'decimal':
      return {
        type: 'INT64',
        converted_type: 'DECIMAL',
        precision: column.precision,
        scale: column.scale,
      }
  }
}
