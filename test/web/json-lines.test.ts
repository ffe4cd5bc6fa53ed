import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergePatch } from '../../src/http/merge-patch.ts'
import { failingLine, isObject, linesOf, patchBetween } from '../../web/src/quality/json-lines.ts'

const OBJECT = fc
  .jsonValue()
  .map((value) => (isObject(value) ? value : { value }) as { [name: string]: unknown })

/** A new member that holds a null anywhere cannot be written as a merge patch. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value
  if (!isObject(value)) return value === null ? 0 : value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutNulls(one)]))
}

describe('lines of a value', () => {
  it('are JSON, and say what begins where', () => {
    const value = { a: 1, items: [{ price: 'x' }, {}], b: { c: null } }
    const lines = linesOf(value)
    expect(JSON.parse(lines.map(({ text }) => text).join('\n'))).toEqual(value)
    expect(lines.find(({ path }) => path === 'items.0.price')?.text).toBe('      "price": "x"')
  })

  it('mark the field that failed, or where it is missing', () => {
    const lines = linesOf({ a: 1, items: [{ price: 'x' }] })
    const marked = (path: string) => lines[failingLine(lines, path)]?.text.trim()
    expect(marked('items.0.price')).toBe('"price": "x"')
    expect(marked('items.0.quantity')).toBe('{')
    expect(marked('timestamp')).toBe('{')
    expect(failingLine(lines, null)).toBe(-1)
  })

  it('are JSON of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = linesOf(value)
          .map((line) => line.text)
          .join('\n')
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('a patch between two objects', () => {
  it('makes the second of the first, by the same rule as the server', () => {
    fc.assert(
      fc.property(OBJECT, OBJECT, (from, other) => {
        const to = withoutNulls(other) as { [name: string]: unknown }
        const patch = patchBetween(from, to)
        expect(patch).toBeDefined()
        expect(mergePatch(from, patch!)).toEqual(to)
      }),
    )
  })

  it('says what it changes and no more', () => {
    expect(patchBetween({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 4, d: 3 }, e: 'x' })).toEqual({
      a: null,
      b: { c: 4 },
      e: 'x',
    })
    expect(patchBetween({ a: 1 }, { a: 1 })).toEqual({})
    expect(patchBetween({ a: 1 }, { a: null })).toBeUndefined()
  })
})
