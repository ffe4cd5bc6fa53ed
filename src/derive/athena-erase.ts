import { type Column, type ColumnField, holdsIdentity } from '../schema/column.ts'
import { athenaNames } from './athena.ts'
import type { Table } from './table.ts'
import { trinoType } from './trino-type.ts'

/** Who is erased, and what stands in place of the customer from then on. */
export interface ErasedPerson {
  readonly customer_id: string
  readonly anonymous_ids: readonly string[]
  readonly erased_id: string
}

/** Where a person's rows are in the compacted tables: one row per event type and UTC day, columns `event_type` and `dt`. */
export function erasedDaysSql(tables: readonly Table[], person: ErasedPerson): string {
  const parts = tables.map(
    ({ event_type }) =>
      `SELECT ${text(event_type)} AS event_type, "dt" FROM ${athenaNames(event_type).base} WHERE ${isOf(person)} GROUP BY "dt"`,
  )
  return `${parts.join('\nUNION ALL\n')}\nORDER BY 1, 2`
}

/**
 * `UPDATE` that drops a person from the compacted rows of some days: columns that name or follow them become null, and the customer
 * the erased one. Nothing else changes, so sums and counts stay. One statement is one Iceberg commit. Works in Athena and Trino.
 */
export function eraseSql(
  table: Table,
  person: ErasedPerson,
  days: { readonly from: string; readonly to: string },
): string {
  const erased = table.columns.flatMap((field) => {
    const value = erasedValue(field, person)
    return value === undefined ? [] : [`"${field.name}" = ${value}`]
  })
  return [
    `UPDATE ${athenaNames(table.event_type).base}`,
    `SET ${erased.join(', ')}`,
    `WHERE "dt" BETWEEN DATE '${days.from}' AND DATE '${days.to}' AND ${isOf(person)}`,
  ].join('\n')
}

function isOf({ customer_id, anonymous_ids }: ErasedPerson): string {
  const isCustomer = `"customer_id" = ${text(customer_id)}`
  if (anonymous_ids.length === 0) return isCustomer
  return `(${isCustomer} OR "anonymous_id" IN (${anonymous_ids.map(text).join(', ')}))`
}

/** A text has one escape only: its quote doubled. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** What a column holds in an erased row; undefined where it says nothing about a person. */
function erasedValue(field: ColumnField, { erased_id }: ErasedPerson): string | undefined {
  if (field.name === 'customer_id') return text(erased_id)
  if (field.identity) return 'NULL'
  return holdsIdentity(field.column) ? erasedPart(field.column, `"${field.name}"`) : undefined
}

/** A struct without its parts that name a person. Throws a plain Error for a list of such: no event has one. */
function erasedPart(column: Column, value: string): string {
  if (column.kind !== 'struct') throw new Error(`a ${column.kind} cannot be erased in part`)
  const parts = column.fields.map((field) => {
    const part = `${value}."${field.name}"`
    if (field.identity) return 'NULL'
    return holdsIdentity(field.column) ? erasedPart(field.column, part) : part
  })
  return `CASE WHEN ${value} IS NOT NULL THEN CAST(ROW(${parts.join(', ')}) AS ${trinoType(column)}) END`
}
