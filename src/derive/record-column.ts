import type { ColumnField } from '../schema/column.ts'
import type { Table } from './table.ts'

/**
 * A column of the raw and the compacted tables that no view shows: the record of the stream that a row came with, by 48 bits of a
 * hash. Of two rows of one event those of the same record were written again, and those of different ones sent again. Null
 * in files that were moved in from one machine.
 */
export const RECORD: ColumnField = {
  name: 'record_hash',
  column: { kind: 'int64' },
  description: 'Which record of the stream brought the row.',
  required: false,
  identity: false,
}

/** What stands for the record of a row that was moved in: such files hold each event once. */
export const MOVED_RECORD = 0

/** The table as it is kept behind its views. */
export function withRecord(table: Table): Table {
  return { ...table, columns: [...table.columns, RECORD] }
}
