import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { formatMoment } from './format.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2025-12-31T23:30:00Z') })
})

afterEach(() => {
  vi.useRealTimers()
})

test('a moment names its year where that is another one on the shop clock', () => {
  expect(formatMoment('2025-12-31T20:00:00Z', 'Asia/Tokyo')).not.toMatch(/20\d\d/)
  expect(formatMoment('2025-12-31 10:00:00', 'Asia/Tokyo')).toMatch(/2025/)
  expect(formatMoment('2025-12-31 10:00:00', 'UTC')).not.toMatch(/20\d\d/)
})
