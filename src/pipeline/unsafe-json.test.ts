import { expect, test } from 'vitest'
import { findUnsafe, findUnsafeField } from './unsafe-json.ts'

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { deeper: value }
  return value
}

test.each([
  [{ a: { b: [1, 'x\ud800'] } }, 'p.a.b.1'],
  [{ a: 'x\udc00y' }, 'p.a'],
  [{ 'k\ud800': 1 }, 'p'],
  [JSON.parse('{"a":{"__proto__":1}}'), 'p.a.__proto__'],
  [[Number.POSITIVE_INFINITY], 'p.0'],
  [[Number.NaN], 'p.0'],
  [{ a: undefined }, 'p.a'],
  [[1n], 'p.0'],
  [() => 1, 'p'],
])('finds what no table can hold: %#', (value, path) => {
  expect(findUnsafe(value, 'p')).toMatchObject({ reason: 'invalid_field', path })
})

test('takes whatever else is JSON', () => {
  const value = { a: [1, -0, 1e308, 'äöü 😀', '', null, true, {}, []], constructor: 1, toString: 2 }
  expect(findUnsafe(value, 'p')).toBeUndefined()
})

test('thirty-two levels are taken, one more is not, and no depth overflows the stack', () => {
  expect(findUnsafe(nested(32), 'p')).toBeUndefined()
  expect(findUnsafe(nested(33), 'p')?.message).toMatch(/deeper than 32/)
  expect(findUnsafe(nested(200_000), 'p')?.message).toMatch(/deeper than 32/)
})

test('the fields of an event stand at the top', () => {
  expect(findUnsafeField({ a: nested(32) })).toBeUndefined()
  expect(findUnsafeField({ a: nested(33) })).toBeDefined()
  expect(findUnsafeField({ a: { b: '\ud800' } })).toMatchObject({ path: 'a.b' })
})
