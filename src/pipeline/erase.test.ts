import { describe, expect, it } from 'vitest'
import { createErasure, dropIdentity, tombstoneKey } from './erase.ts'

const SECRET = new Uint8Array(32).fill(7)
const ORDER = {
  event_id: 'e1',
  occurred_at: '2025-01-15T10:30:00.000Z',
  session_id: 's1',
  customer_id: 'cust_789',
  anonymous_id: 'anon_1',
  page_url: '/checkout?mail=a@b.c',
  order_id: 'ord_1',
  total_amount: '59.98',
  shipping_address: { name: 'Lan', street: '1 Le Loi', city: 'Hanoi', country: 'Vietnam' },
  email_hash: 'ab',
  network: '10.0.0.0',
  extra: { note: 'ring twice' },
}

describe('dropIdentity', () => {
  it('keeps what is not a person, puts the erased id in place, and leaves no trace', () => {
    const row = dropIdentity('order_created', ORDER, 'erased:x')
    expect(row).toEqual({
      event_id: 'e1',
      occurred_at: '2025-01-15T10:30:00.000Z',
      customer_id: 'erased:x',
      order_id: 'ord_1',
      total_amount: '59.98',
      shipping_address: { city: 'Hanoi', country: 'Vietnam' },
    })
  })
})

describe('createErasure', () => {
  it('finds a person by customer or browser, and only after a tombstone', () => {
    const kept = new Map<string, string>()
    const erasure = createErasure({
      secret: SECRET,
      lookup: (key) => kept.get(key),
      any: () => kept.size > 0,
    })
    expect(erasure.erasedAs(ORDER)).toBeUndefined()
    kept.set(tombstoneKey(SECRET, 'anonymous', 'anon_1'), 'erased:x')
    expect(erasure.erasedAs(ORDER)).toBeUndefined()
    erasure.changed()
    expect(erasure.erasedAs(ORDER)).toBe('erased:x')
    expect(erasure.erasedAs({ anonymous_id: 'cust_789' })).toBeUndefined()
    expect(erasure.erasedAs({ customer_id: 'anon_1' })).toBeUndefined()
  })
})
