import { expect, test } from 'vitest'
import { createAgeClock } from './age-clock.ts'

const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 0, 1)

function clocks(lastSeen?: number) {
  let [wall, ticks] = [START, 0]
  const ageNow = createAgeClock({ now: () => wall, ticks: () => ticks, lastSeen })
  return {
    /** Hours after the start that ages are counted from. */
    hours: () => (ageNow() - START) / HOUR_MS,
    pass(hours: number) {
      wall += hours * HOUR_MS
      ticks += hours * HOUR_MS
    },
    leap: (hours: number) => {
      wall += hours * HOUR_MS
    },
  }
}

test('it follows the clock, and one that is set a little or set back', () => {
  const { hours, pass, leap } = clocks()
  pass(30)
  expect(hours()).toBe(30)
  leap(0.5)
  expect(hours()).toBe(30.5)
  leap(-400)
  expect(hours()).toBe(-369.5)
})

test('a leap ahead counts only when it has stood for a day', () => {
  const { hours, pass, leap } = clocks()
  leap(10_000)
  expect(hours()).toBe(0)
  pass(23)
  expect(hours()).toBe(23)
  pass(1)
  expect(hours()).toBe(10_024)
})

test('a leap that is taken back leaves nothing, and the next one waits its own day', () => {
  const { hours, pass, leap } = clocks()
  leap(500)
  expect(hours()).toBe(0)
  pass(20)
  leap(-500)
  expect(hours()).toBe(20)
  leap(500)
  pass(20)
  expect(hours()).toBe(40)
})

test('a leap while nothing ran shows against the last write', () => {
  const { hours, pass } = clocks(START - 100 * HOUR_MS)
  expect(hours()).toBe(-100)
  pass(10)
  expect(hours()).toBe(-90)
  pass(14)
  expect(hours()).toBe(24)
})
