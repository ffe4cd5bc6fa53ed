import type { ColumnField } from './column.ts'
import { columnsOf, type Field, type Fields, type JsonSchema, type ValueOf } from './scalar.ts'

/** What an accepted event changes beyond counters: such events are applied once even outside the dedup window. */
export type Effect = 'money' | 'stock' | 'none'

/** What an event is: the one place that validator, types, columns, documents and tracker are derived from. */
export interface EventDefinition<F extends Fields = Fields> {
  readonly type: string
  readonly description: string
  readonly effect: Effect
  /** Fields tried in order; the first that is present decides the bucket. `event_id` stands behind them all. */
  readonly partition_key: readonly string[]
  /** Fields that name the fact within one source; a missing event_id is derived from them. */
  readonly natural_key?: readonly string[]
  readonly fields: F
  /** Of these optional fields at least one must be there; null is absent. */
  readonly at_least_one?: readonly string[]
  /** The event's amount is the product of these fields; what `shop_value` is made of. None where one is absent. */
  readonly amount?: readonly string[]
  /** A valid event without envelope extras, for documents, examples and tests. */
  readonly example: { readonly [name: string]: unknown }
}

export function defineEvent<F extends Fields>(definition: EventDefinition<F>): EventDefinition<F> {
  return definition
}

/** The wire type of an event's own fields. */
export type FieldsOf<D> = D extends EventDefinition<infer F> ? ValueOf<F> : never

/** Behaviour belongs to a visit, else to a browser, else to a customer. */
export const BEHAVIOUR_KEY = ['session_id', 'anonymous_id', 'customer_id'] as const

/** Columns of an event type's own fields; those of every table are in `envelope.ts`. */
export function ownColumns(definition: EventDefinition): ColumnField[] {
  return columnsOf(definition.fields)
}

/** What JSON Schema says of `at_least_one`; nothing where the event has no such rule. */
export function rulesJsonSchema(definition: EventDefinition): JsonSchema {
  if (!definition.at_least_one) return {}
  return {
    anyOf: definition.at_least_one.map((name) => ({
      required: [name],
      properties: { [name]: { not: { type: 'null' } } },
    })),
  }
}

export type { Field, Fields }
