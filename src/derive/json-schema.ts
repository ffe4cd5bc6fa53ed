import { ENVELOPE } from '../schema/envelope.ts'
import { type EventDefinition, rulesJsonSchema } from '../schema/event.ts'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'
import { type Fields, type JsonSchema, jsonSchemaOf } from '../schema/scalar.ts'

const JSON_SCHEMA_DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** Fields of an event on the wire beside `event_type`: the envelope, then its own; an own field stands in for the envelope's. */
export function wireFieldsOf(definition: EventDefinition): Fields {
  return { ...ENVELOPE, ...definition.fields }
}

/**
 * JSON Schema (draft 2020-12) of one event type on the wire.
 * `date-time` is meant strictly (offset needed, no leap second) and `money` is a format of our own.
 */
export function eventSchemaOf(definition: EventDefinition): JsonSchema {
  const fields = jsonSchemaOf(wireFieldsOf(definition)) as {
    properties: { [name: string]: unknown }
    required: string[]
  }
  return {
    title: definition.type,
    description: definition.description,
    type: 'object',
    properties: { event_type: { const: definition.type }, ...fields.properties },
    required: ['event_type', ...fields.required],
    ...rulesJsonSchema(definition),
    examples: [definition.example],
  }
}

/** JSON Schema of any event: one definition per type under `$defs`, told apart by `event_type`. */
export function eventsSchema(): JsonSchema {
  return {
    $schema: JSON_SCHEMA_DIALECT,
    $id: 'events.schema.json',
    title: 'shoplake event',
    type: 'object',
    required: ['event_type'],
    properties: { event_type: { enum: EVENT_TYPES } },
    oneOf: EVENT_TYPES.map((type) => ({ $ref: `#/$defs/${type}` })),
    $defs: Object.fromEntries(EVENT_TYPES.map((type) => [type, eventSchemaOf(EVENTS[type])])),
  }
}
