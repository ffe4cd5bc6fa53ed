import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'
import { plainValidatorOf, refuseInvalid, validatorOf } from './validate.ts'

const ORDER = EVENTS.order_created.example
const STOCK = EVENTS.inventory_updated.example

test('every example is valid to both validators', () => {
  for (const type of EVENT_TYPES) {
    expect(refuseInvalid(type, EVENTS[type].example)).toBeUndefined()
    expect(validatorOf(type).validate(EVENTS[type].example)).toBe(true)
    expect(plainValidatorOf(type).safeParse(EVENTS[type].example).success).toBe(true)
  }
})

test.each([
  [{ ...ORDER, order_id: undefined }, 'missing_field', 'order_id'],
  [{ ...ORDER, order_id: null }, 'missing_field', 'order_id'],
  [{ ...ORDER, timestamp: '2025-01-15' }, 'invalid_field', 'timestamp'],
  [{ ...ORDER, timestamp: '2016-12-31T23:59:60Z' }, 'invalid_field', 'timestamp'],
  [{ ...ORDER, items: [] }, 'invalid_field', 'items'],
  [{ ...ORDER, items: {} }, 'invalid_field', 'items'],
  [{ ...ORDER, items: [{ product_id: 'p', quantity: 1 }] }, 'missing_field', 'items.0.price'],
  [
    { ...ORDER, items: [{ product_id: 'p', quantity: 1.5, price: 1 }] },
    'invalid_field',
    'items.0.quantity',
  ],
  [{ ...ORDER, total_amount: 1.23456 }, 'invalid_field', 'total_amount'],
  [{ ...ORDER, currency: 'EURO' }, 'invalid_field', 'currency'],
  [{ ...ORDER, shipping_address: 'here' }, 'invalid_field', 'shipping_address'],
  [{ ...ORDER, shipping_address: { city: 5 } }, 'invalid_field', 'shipping_address.city'],
  [{ ...ORDER, consent: 'maybe' }, 'invalid_field', 'consent'],
  [{ ...ORDER, event_id: 'x'.repeat(101) }, 'invalid_field', 'event_id'],
])('names the field that is wrong: %#', (event, reason, path) => {
  const refusal = refuseInvalid('order_created', event)
  expect(refusal).toMatchObject({ reason, path })
  expect(refusal!.message).toMatch(new RegExp(`^${path}: .{5}`))
})

test('null on an optional field is the same as leaving it out', () => {
  expect(refuseInvalid('order_created', { ...ORDER, coupon: null, currency: null })).toBeUndefined()
})

test('inventory needs a level or a delta; null is neither', () => {
  expect(refuseInvalid('inventory_updated', { ...STOCK, delta: null })).toMatchObject({
    reason: 'missing_field',
    path: 'level',
  })
  expect(refuseInvalid('inventory_updated', { ...STOCK, delta: null, level: 0 })).toBeUndefined()
})

test('a million bad lines are refused without describing each of them', () => {
  const items = new Array(1_000_000).fill(0)
  expect(refuseInvalid('order_created', { ...ORDER, items })).toMatchObject({
    reason: 'invalid_field',
    path: 'items',
    message: 'items: 1000000 entries; at most 2500 are taken',
  })
})

test('of a long list the first faulty entry is described, and no other is looked at for it', () => {
  let looks = 0
  const bad = {
    quantity: 1,
    price: 1,
    get product_id() {
      looks++
      return 7
    },
  }
  const good = { product_id: 'p', quantity: 1, price: 1 }
  const items = [good, good, ...Array.from({ length: 2000 }, () => bad)]
  expect(refuseInvalid('order_created', { ...ORDER, items })).toMatchObject({
    reason: 'invalid_field',
    path: 'items.2.product_id',
    message: expect.stringMatching(/^items\.2\.product_id: /),
  })
  expect(looks).toBeLessThan(20)
})

test('the first fault is the same as with the whole list', () => {
  const good = { product_id: 'p', quantity: 1, price: 1 }
  const entries = fc.constantFrom<unknown>(good, { ...good, price: 'x' }, { quantity: 0 }, null, 5)
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 6 }), fc.boolean(), (items, hasOrder) => {
      const { order_id, ...rest } = ORDER
      const event = { ...rest, ...(hasOrder && { order_id }), items }
      const issue = plainValidatorOf('order_created').safeParse(event).error?.issues[0]
      expect(refuseInvalid('order_created', event)?.path).toBe(issue?.path.join('.'))
    }),
  )
})
