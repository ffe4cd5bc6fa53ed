import { expect, test } from 'vitest'
import { ENVELOPE } from './envelope.ts'
import { rulesJsonSchema } from './event.ts'
import { EVENT_TYPES, EVENTS, isEventType } from './registry.ts'
import { columnsOf } from './scalar.ts'

test('keys, rules and amounts name fields that exist', () => {
  for (const type of EVENT_TYPES) {
    const definition = EVENTS[type]
    const known = new Set([...Object.keys(ENVELOPE), ...Object.keys(definition.fields)])
    const named = [
      ...definition.partition_key,
      ...(definition.natural_key ?? []),
      ...(definition.at_least_one ?? []),
      ...(definition.amount ?? []),
    ]
    expect(definition.type).toBe(type)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  }
})

test('an amount is made of money and whole numbers', () => {
  for (const type of EVENT_TYPES) {
    const columns = new Map(columnsOf(EVENTS[type].fields).map((field) => [field.name, field]))
    const kinds = (EVENTS[type].amount ?? []).map((name) => columns.get(name)?.column.kind)
    expect(kinds).toEqual(['decimal', 'int32'].slice(0, kinds.length))
  }
})

test('inventory needs a level or a delta, and its JSON Schema says so', () => {
  expect(rulesJsonSchema(EVENTS.inventory_updated)).toEqual({
    anyOf: [
      { required: ['level'], properties: { level: { not: { type: 'null' } } } },
      { required: ['delta'], properties: { delta: { not: { type: 'null' } } } },
    ],
  })
  expect(rulesJsonSchema(EVENTS.page_view)).toEqual({})
})

test('a type is one of ours only by its own name', () => {
  expect(isEventType('order_created')).toBe(true)
  for (const other of ['toString', '__proto__', 'Order_Created', '', 1, null]) {
    expect(isEventType(other)).toBe(false)
  }
})
