import { describe, expect, it } from 'vitest'
import { mergePatch } from './merge-patch.ts'

describe('mergePatch', () => {
  // The cases of RFC 7396, appendix A, whose patch is an object.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (document, patch, merged) => {
    expect(mergePatch(document, patch)).toEqual(merged)
  })

  it('leaves the given values as they are', () => {
    const document = { a: { b: 1 } }
    mergePatch(document, { a: { b: 2 } })
    expect(document).toEqual({ a: { b: 1 } })
  })

  it('a member named __proto__ stays a member', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"evil":1}}'))
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect((merged as { evil?: number }).evil).toBeUndefined()
    expect(Object.hasOwn(merged, '__proto__')).toBe(true)
  })

  it('refuses a patch that nests without end', () => {
    const text = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`
    expect(() => mergePatch({}, JSON.parse(text))).toThrow(/deeper/)
  })
})
