import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalMoney, formatMoney, isMoney, parseMoney } from './money.ts'

test('numbers and texts give ten-thousandths', () => {
  expect(parseMoney(59.98)).toBe(599800n)
  expect(parseMoney(59.980000000000004)).toBe(599800n)
  expect(parseMoney('59.98')).toBe(599800n)
  expect(parseMoney(-0)).toBe(0n)
  expect(parseMoney('-0.00')).toBe(0n)
  expect(parseMoney('99999999999999.9999')).toBe(999999999999999999n)
  expect(parseMoney(99_999_999_999.5)).toBe(999999999995000n)
})

test.each([
  0.00001,
  1.23456,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e11,
  -1e11,
  '1.23456',
  '100000000000000',
  '1e3',
  '1,5',
  ' 1',
  '+1',
  '.5',
  '5.',
  '',
  '１',
  true,
  null,
  [1],
])('refuses %j', (input) => {
  expect(isMoney(input)).toBe(false)
  expect(parseMoney(input)).toBeUndefined()
})

test('canonical text has no trailing zeros, no exponent and no negative zero', () => {
  expect(canonicalMoney('0012.3400')).toBe('12.34')
  expect(canonicalMoney(0.0001)).toBe('0.0001')
  expect(canonicalMoney(-0)).toBe('0')
  expect(canonicalMoney('-0.0')).toBe('0')
  expect(canonicalMoney(59.980000000000004)).toBe('59.98')
})

const UNITS = fc.bigInt({ min: -999_999_999_999_999_999n, max: 999_999_999_999_999_999n })

test('text of any storable amount comes back as the same amount', () => {
  fc.assert(
    fc.property(UNITS, (units) => {
      expect(parseMoney(formatMoney(units))).toBe(units)
      expect(canonicalMoney(formatMoney(units))).toBe(formatMoney(units))
    }),
  )
})

test('a JSON number below 10^11 has the canonical text of its exact amount', () => {
  const below = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 })
  fc.assert(
    fc.property(below, (units) => {
      const amount = Number(formatMoney(BigInt(units)))
      expect(isMoney(amount)).toBe(true)
      expect(canonicalMoney(amount)).toBe(formatMoney(parseMoney(amount)!))
      expect(parseMoney(amount)).toBe(BigInt(units))
    }),
  )
})
