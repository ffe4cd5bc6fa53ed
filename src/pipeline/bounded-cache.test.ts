import { expect, test } from 'vitest'
import { createBoundedCache } from './bounded-cache.ts'

test('what is asked for stays, what is not goes', () => {
  const cache = createBoundedCache<number, string>(10)
  cache.set(-1, 'asked for')
  cache.set(-2, 'not asked for')
  for (let key = 0; key < 100; key++) {
    cache.set(key, `${key}`)
    expect(cache.get(-1)).toBe('asked for')
    expect(cache.get(key)).toBe(`${key}`)
  }
  expect(cache.get(-2)).toBeUndefined()
  const remembered = Array.from({ length: 100 }, (_, key) => cache.get(key)).filter(Boolean)
  expect(remembered.length).toBeGreaterThanOrEqual(9)
  expect(remembered.length).toBeLessThanOrEqual(20)
})
