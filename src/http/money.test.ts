import { expect, it } from 'vitest'
import { moneyOut } from './money.ts'

it('money is a number as long as a number can hold it', () => {
  expect(moneyOut('59.98')).toBe(59.98)
  expect(moneyOut('-0.0001')).toBe(-0.0001)
  expect(moneyOut('99999999999.9999')).toBe(99_999_999_999.9999)
  expect(moneyOut('100000000000')).toBe('100000000000')
  expect(moneyOut('-99999999999999.1234')).toBe('-99999999999999.1234')
  expect(moneyOut(null)).toBeNull()
  expect(moneyOut(undefined)).toBeNull()
})
