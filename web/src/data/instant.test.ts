import { expect, test } from 'vitest'
import { momentsOf } from './instant.ts'

test('a day is as long as the zone has it', () => {
  const day = (zone: string, from: string, to = from) => momentsOf(zone, { from, to })
  expect(day('UTC', '2026-01-01')).toEqual({
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
  })
  expect(day('Asia/Ho_Chi_Minh', '2026-01-01')).toEqual({
    from: '2025-12-31T17:00:00.000Z',
    to: '2026-01-01T17:00:00.000Z',
  })
  // Summer time begins: 23 hours; and ends: 25.
  expect(day('Europe/Berlin', '2026-03-29')).toEqual({
    from: '2026-03-28T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
  })
  expect(day('America/New_York', '2026-11-01')).toEqual({
    from: '2026-11-01T04:00:00.000Z',
    to: '2026-11-02T05:00:00.000Z',
  })
})
