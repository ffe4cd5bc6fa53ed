import { expect, test } from 'vitest'
import { noRequests, seenBefore } from './recent-requests.ts'
import type { RecordHeader } from './record.ts'

const NOON = Date.parse('2025-02-01T12:00:00Z')

function header(request: number, minute: number): RecordHeader {
  const received_at = NOON + minute * 60_000
  return { request_id: `request-${request}`, received_at } as RecordHeader
}

test('a record is seen before for three minutes, by its request', () => {
  const recent = noRequests()
  expect(seenBefore(recent, header(1, 0))).toBe(false)
  expect(seenBefore(recent, header(1, 0))).toBe(true)
  expect(seenBefore(recent, header(2, 2))).toBe(false)
  expect(seenBefore(recent, header(1, 0))).toBe(true)
  expect(seenBefore(recent, header(3, 3))).toBe(false)
  expect(Object.keys(recent.minutes)).toHaveLength(2)
})

test('a busy bucket forgets the oldest first, so that all minutes together stay below an item of the store', () => {
  const recent = noRequests()
  const each = 10_000
  for (let request = 0; request < 3 * each; request++) {
    seenBefore(recent, header(request, Math.floor(request / each)))
  }
  const kept = Object.values(recent.minutes).join('')
  expect(kept).toHaveLength(11 * 20_000)
  expect(seenBefore(recent, header(3 * each - 1, 2))).toBe(true)
  expect(seenBefore(recent, header(each, 1))).toBe(true)
  expect(seenBefore(recent, header(each - 1, 0))).toBe(false)
})
