import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventType } from '../schema/registry.ts'
import { PLANS } from './canonical-plan.ts'
import { createIdSource, idHash, naturalId } from './event-id.ts'
import { keyedHash } from './keyed-hash.ts'

const SECRET = new Uint8Array(32).fill(1)
const AT = '2025-01-15T17:30:00+07:00'

function idOf(type: EventType, event: object, source = 'shop'): string | undefined {
  return naturalId(PLANS[type], { timestamp: AT, ...event }, source, SECRET)
}

test('a natural key names the fact within one source', () => {
  expect(idOf('order_created', { order_id: 'ord_1' })).toBe('order_created:shop:ord_1')
  expect(idOf('order_created', { order_id: 'ord_1' }, 'other')).toBe('order_created:other:ord_1')
  expect(idOf('page_view', {})).toBeUndefined()
})

test('an absent part is replaced by the timestamp, in whatever zone that was written', () => {
  const id = 'order_paid:shop:ord_1:2025-01-15T10%3A30%3A00.000Z'
  expect(idOf('order_paid', { order_id: 'ord_1' })).toBe(id)
  expect(idOf('order_paid', { order_id: 'ord_1', payment_id: null })).toBe(id)
  expect(idOf('order_paid', { order_id: 'ord_1', timestamp: '2025-01-15T10:30:00Z' })).toBe(id)
  expect(idOf('order_paid', { order_id: 'ord_1', payment_id: 'p' })).toBe('order_paid:shop:ord_1:p')
})

test('no two pairs of parts give one id', () => {
  const part = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom('a', ':', '%', '2') })
  fc.assert(
    fc.property(part, part, part, part, (order, payment, otherOrder, otherPayment) => {
      const one = idOf('order_paid', { order_id: order, payment_id: payment })
      const other = idOf('order_paid', { order_id: otherOrder, payment_id: otherPayment })
      expect(one === other).toBe(order === otherOrder && payment === otherPayment)
      expect(one!.length).toBeLessThanOrEqual(100)
    }),
  )
})

test('what names a person stands in an id by its keyed hash only', () => {
  const id = idOf('customer_identified', { anonymous_id: 'anon_1', customer_id: 'cust_1' })!
  const parts = ['anon_1', 'cust_1'].map((text) => keyedHash(SECRET, text).slice(0, 32))
  expect(id).toBe(`customer_identified:shop:${parts.join(':')}`)
})

test('assigned ids are UUIDv7, never twice, and rise within a millisecond', () => {
  const newId = createIdSource()
  const ids = Array.from({ length: 2000 }, () => newId(1736937000000))
  expect(new Set(ids).size).toBe(2000)
  expect(ids.toSorted()).toEqual(ids)
  for (const id of ids) {
    expect(id).toMatch(/^01946983-4c40-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})

test('the hash of an id is the first half of its SHA-256', () => {
  for (const id of ['order_created:shop:1', 'đơn-hàng', '']) {
    const expected = createHash('sha256').update(id).digest().subarray(0, 16)
    expect(Buffer.from(idHash(id), 'latin1')).toEqual(expected)
  }
})
