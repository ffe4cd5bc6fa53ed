import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goodEvent } from '../../test/schema/arbitrary.ts'
import { TABLES } from '../derive/table.ts'
import type { Column, ColumnField } from '../schema/column.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import { createCanonicaliser } from './canonical.ts'
import { PLANS } from './canonical-plan.ts'
import { keyedHash } from './keyed-hash.ts'

const SECRET = new Uint8Array(32).fill(3)
const OPTIONS = {
  event_id: 'id-1',
  plain: false,
  anonymous: false,
  page_url: undefined,
  user_agent: undefined,
}

function rowOf(type: EventType, event: object, options: Partial<typeof OPTIONS> = {}) {
  const result = createCanonicaliser(SECRET, 256_000)(
    PLANS[type],
    { ...event },
    { ...OPTIONS, ...options },
  )
  if ('reason' in result) throw new Error(result.message)
  return { row: JSON.parse(`{${result.members}}`), extra: result.extra }
}

const ORDER = EVENTS.order_created.example

test('the slots of a plan are the columns of its table', () => {
  for (const type of EVENT_TYPES) {
    const labels = PLANS[type].slots.map((slot) => JSON.parse(slot.label.slice(0, -1)))
    const columns = TABLES[type].columns.map((column) => column.name)
    expect(labels).toEqual(columns.slice(0, labels.length))
    expect(columns[labels.length]).toBe('received_at')
    expect(labels[0]).toBe('event_id')
  }
})

test('times, money and currency stand in one form', () => {
  const { row } = rowOf('order_created', {
    ...ORDER,
    timestamp: '2025-01-15T17:30:00.5+07:00',
    total_amount: 59.980000000000004,
    shipping_amount: '5.5000',
    currency: 'eur',
    coupon: null,
  })
  expect(row).toMatchObject({
    event_id: 'id-1',
    occurred_at: '2025-01-15T10:30:00.500Z',
    total_amount: '59.98',
    shipping_amount: '5.5',
    currency: 'EUR',
    items: [{ product_id: 'prod_001', quantity: 2, price: '29.99' }],
  })
  expect(row).not.toHaveProperty('coupon')
  expect(row).not.toHaveProperty('event_type')
})

test('contacts are kept as keyed hashes of their normal form', () => {
  const { row } = rowOf('order_created', {
    ...ORDER,
    email: ' Ann@Shop.EXAMPLE ',
    phone: '+84 (0)1',
  })
  expect(row.email_hash).toBe(keyedHash(SECRET, 'ann@shop.example'))
  expect(row.phone_hash).toBe(keyedHash(SECRET, '+8401'))
  const { row: other } = rowOf('order_created', { ...ORDER, phone: '0084 01' })
  expect(other.phone_hash).toBe(row.phone_hash)
  expect(JSON.stringify(row).toLowerCase()).not.toContain('ann@')
})

test('unknown fields are set apart by path, wherever they stand', () => {
  const { row, extra } = rowOf('order_created', {
    ...ORDER,
    gift: true,
    items: [
      { product_id: 'a', quantity: 1, price: 1 },
      { product_id: 'b', quantity: 1, price: 1, colour: { rgb: [1, 2] } },
    ],
    shipping_address: { city: 'Hanoi', planet: null },
  })
  expect(extra).toEqual({
    gift: true,
    'items.1.colour': { rgb: [1, 2] },
    'shipping_address.planet': null,
  })
  expect(row.items[1]).toEqual({ product_id: 'b', quantity: 1, price: '1' })
  expect(row.shipping_address).toEqual({ city: 'Hanoi' })
})

test('what stands in an open field is bounded', () => {
  const canonicalise = createCanonicaliser(SECRET, 256_000)
  const deep = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000))
  const event = EVENTS.custom_event.example
  expect(
    canonicalise(PLANS.custom_event, { ...event, properties: { deep } }, OPTIONS),
  ).toMatchObject({
    reason: 'invalid_field',
    path: expect.stringMatching(/^properties\.deep\.0/),
  })
  expect(canonicalise(PLANS.custom_event, { ...event, more: deep }, OPTIONS)).toMatchObject({
    reason: 'invalid_field',
  })
  // One refusal leaves nothing behind for the next event.
  expect(canonicalise(PLANS.page_view, { timestamp: '2025-01-15T10:20:00Z' }, OPTIONS)).toEqual({
    members: '"event_id":"id-1","occurred_at":"2025-01-15T10:20:00.000Z"',
    extra: undefined,
  })
})

test('without consent nothing is left that names or follows a person', () => {
  for (const type of EVENT_TYPES) {
    if (PLANS[type].person !== undefined) continue
    const identified = {
      session_id: 's',
      customer_id: 'c',
      anonymous_id: 'a',
      page_url: '/p',
      referrer: 'r',
      user_agent: 'u',
      secret_field: 'x',
      ...EVENTS[type].example,
    }
    const { row, extra } = rowOf(type, identified, { anonymous: true })
    expect(extra).toBeUndefined()
    const kept = TABLES[type].columns.filter((column) => column.identity && column.name in row)
    expect(kept).toEqual([])
    expect(row.occurred_at).toBeDefined()
  }
  const address = { city: 'Hanoi', street: '1 Main', name: 'Ann', postal_code: '1' }
  const { row } = rowOf(
    'order_created',
    { ...ORDER, shipping_address: address },
    { anonymous: true },
  )
  expect(row.shipping_address).toEqual({ city: 'Hanoi' })
  expect(row.order_id).toBe(ORDER.order_id)
})

/** Whether JSON of a row is what the table's column can hold. */
function fits(column: Column, value: unknown): boolean {
  switch (column.kind) {
    case 'struct':
      return fieldsFit(column.fields, value as { [name: string]: unknown })
    case 'list':
      return Array.isArray(value) && value.every((element) => fits(column.element, element))
    case 'decimal':
      return typeof value === 'string' && /^-?\d{1,14}(\.\d{1,4})?$/.test(value)
    case 'timestamp':
      return typeof value === 'string' && new Date(value).toISOString() === value
    case 'int32':
      return Number.isInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'json':
      return typeof value === 'object'
    default:
      return typeof value === 'string'
  }
}

function fieldsFit(fields: readonly ColumnField[], row: { [name: string]: unknown }): boolean {
  const names = Object.keys(row)
  const known = fields.filter((field) => names.includes(field.name))
  if (names.join() !== known.map((field) => field.name).join()) return false
  if (fields.some((field) => field.required && !names.includes(field.name))) return false
  return known.every((field) => fits(field.column, row[field.name]))
}

test('any valid event has a row that its table can hold', () => {
  const event = fc
    .constantFrom(...EVENT_TYPES)
    .chain((type) => goodEvent(type).map((fields) => ({ type, fields })))
  const canonicalise = createCanonicaliser(SECRET, 256_000)
  fc.assert(
    fc.property(event, fc.boolean(), ({ type, fields }, anonymous) => {
      if (anonymous && PLANS[type].person !== undefined) return
      const result = canonicalise(PLANS[type], fields, { ...OPTIONS, anonymous })
      if ('reason' in result) {
        expect(result.reason).toBe('invalid_field')
        return
      }
      const columns = TABLES[type].columns.slice(0, PLANS[type].slots.length)
      expect(fieldsFit(columns, JSON.parse(`{${result.members}}`))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('an event with more unknown fields than it may have bytes for is not built up', () => {
  let read = 0
  const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, at]))
  const event = new Proxy<{ [field: string]: unknown }>(
    { ...EVENTS.page_view.example, ...unknown },
    {
      get(target, key) {
        read++
        return target[String(key)]
      },
    },
  )
  const canonicalise = createCanonicaliser(SECRET, 1000)
  expect(canonicalise(PLANS.page_view, event, OPTIONS)).toMatchObject({ reason: 'too_large' })
  expect(read).toBeLessThan(300)
})
