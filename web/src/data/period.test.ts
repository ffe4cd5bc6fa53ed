import { expect, test } from 'vitest'
import { isComparable, isDay } from './period.ts'

const TODAY = '2025-03-12'

test('days stand beside those before when they are over, or so many that a part of one says little', () => {
  expect(isComparable({ from: TODAY, to: TODAY }, TODAY)).toBe(false)
  expect(isComparable({ from: '2025-03-06', to: TODAY }, TODAY)).toBe(false)
  expect(isComparable({ from: '2025-03-05', to: '2025-03-11' }, TODAY)).toBe(true)
  expect(isComparable({ from: '2025-02-13', to: TODAY }, TODAY)).toBe(true)
  expect(isComparable({ from: '2025-02-13', to: '2025-03-13' }, TODAY)).toBe(false)
  expect(isComparable({ from: '2025-01-01', to: '2025-12-31' }, TODAY)).toBe(false)
})

test('a day is one that the calendar has', () => {
  expect(['2024-02-29', '2025-12-31'].every(isDay)).toBe(true)
  expect(['2025-02-30', '2025-2-3', '0001-01-01', 'today', ''].some(isDay)).toBe(false)
})
