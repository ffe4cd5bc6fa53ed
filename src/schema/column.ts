/** How a value rests in every table. The one hub between wire schema, Parquet, DuckDB, Glue and Trino. */
export type Column =
  | { readonly kind: 'string' | 'int32' | 'int64' | 'double' | 'boolean' | 'date' | 'timestamp' }
  | { readonly kind: 'json' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'struct'; readonly fields: readonly ColumnField[] }
  | { readonly kind: 'list'; readonly element: Column }

/** A named column. `required` means: never null in a stored row. */
export interface ColumnField {
  readonly name: string
  readonly column: Column
  readonly required: boolean
  readonly description: string
  /** Names or follows a person; null in every row of an erased customer. */
  readonly identity: boolean
}

/** Whether a part of the column names or follows a person, though the column as a whole may not. */
export function holdsIdentity(column: Column): boolean {
  if (column.kind === 'list') return holdsIdentity(column.element)
  if (column.kind !== 'struct') return false
  return column.fields.some((field) => field.identity || holdsIdentity(field.column))
}

/** Money at rest: scaled by 10^4, 14 digits before the point. */
export const MONEY: Column = { kind: 'decimal', precision: 18, scale: 4 }
