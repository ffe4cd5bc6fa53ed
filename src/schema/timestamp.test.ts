import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalTimestamp, formatTimestamp, parseTimestamp } from './timestamp.ts'

test('plain UTC, offsets and fractions give milliseconds', () => {
  expect(parseTimestamp('1970-01-01T00:00:00Z')).toBe(0)
  expect(parseTimestamp('2025-01-15T10:30:00Z')).toBe(1736937000000)
  expect(parseTimestamp('2025-01-15T17:30:00+07:00')).toBe(1736937000000)
  expect(parseTimestamp('2025-01-15t10:30:00.1239z')).toBe(1736937000123)
  expect(parseTimestamp('2024-02-29T23:59:59.999Z')).toBe(1709251199999)
  expect(parseTimestamp('0001-01-01T00:00:00Z')).toBe(-62135596800000)
})

test.each([
  '2025-01-15',
  '2025-01-15T10:30:00',
  '2025-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2025-13-01T00:00:00Z',
  '2025-00-01T00:00:00Z',
  '2025-01-32T00:00:00Z',
  '2025-01-15T24:00:00Z',
  '2025-01-15T10:60:00Z',
  '2016-12-31T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '2025-01-15T10:30:00+24:00',
  '2025-01-15 10:30:00Z',
  '2025-01-1xT10:30:00Z',
  '２025-01-15T10:30:00Z',
  '2025-01-15T10:30:00.1234567890Z',
  '',
  1736937000000,
  null,
])('refuses %j', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})

const MOMENT = fc.integer({ min: -62135596800000, max: 253402300799999 })

test('the arithmetic of plain UTC agrees with Date over all years', () => {
  fc.assert(
    fc.property(MOMENT, (moment) => {
      const text = formatTimestamp(moment)
      expect(parseTimestamp(text)).toBe(moment)
      expect(canonicalTimestamp(text)).toBe(text)
      expect(parseTimestamp(`${text.slice(0, 19)}Z`)).toBe(Math.floor(moment / 1000) * 1000)
    }),
  )
})

test('an offset names the same moment', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -62000000000000, max: 253000000000000 }),
      fc.integer({ min: -1439, max: 1439 }),
      (moment, offset) => {
        const minutes = Math.abs(offset)
        const sign = offset < 0 ? '-' : '+'
        const pad = (value: number) => String(value).padStart(2, '0')
        const local = formatTimestamp(moment + offset * 60_000).slice(0, 23)
        const text = `${local}${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
        expect(parseTimestamp(text)).toBe(moment)
        expect(canonicalTimestamp(text)).toBe(formatTimestamp(moment))
      },
    ),
  )
})

test('canonical text keeps milliseconds and cuts what is finer', () => {
  expect(canonicalTimestamp('2025-01-15T10:30:00Z')).toBe('2025-01-15T10:30:00.000Z')
  expect(canonicalTimestamp('2025-01-15T10:30:00.9999999Z')).toBe('2025-01-15T10:30:00.999Z')
})
