import type { ColumnField } from '../schema/column.ts'
import { COLLECTED, ENVELOPE, WRITTEN } from '../schema/envelope.ts'
import { type EventDefinition, ownColumns } from '../schema/event.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import { columnsOf } from '../schema/scalar.ts'

/** Columns of one event type's table, in stored order. `dt` is not among them: it is the partition. */
export interface Table {
  readonly event_type: EventType
  readonly columns: readonly ColumnField[]
}

const RENAMED: { readonly [wire: string]: string } = { timestamp: 'occurred_at' }

/** Envelope columns as they are stored: `timestamp` becomes `occurred_at`, `event_id` is never null. */
const ENVELOPE_COLUMNS: readonly ColumnField[] = columnsOf(ENVELOPE).map((field) => ({
  ...field,
  name: RENAMED[field.name] ?? field.name,
  required: field.required || field.name === 'event_id',
}))

/** Envelope, own fields, what the collector added, `written_at`. An own field stands in for the envelope's of that name. */
function tableOf(definition: EventDefinition): Table {
  const own = ownColumns(definition)
  const ownNames = new Set(own.map((field) => field.name))
  const envelope = ENVELOPE_COLUMNS.filter((field) => !ownNames.has(field.name))
  return {
    event_type: definition.type as EventType,
    columns: [...envelope, ...own, ...COLLECTED, WRITTEN],
  }
}

export const TABLES: { readonly [T in EventType]: Table } = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, tableOf(EVENTS[type])]),
) as { [T in EventType]: Table }
