import { describe, expect, it } from 'vitest'
import { readFaultRates } from './fault-rates.ts'

describe('fault rates', () => {
  it('are read as percent or as shares, under short names or long ones', () => {
    const text = 'dup=1%, late=0.02,out_of_order=3%,invalid=0.5%,unknown_field=0.2%,skew=100%'
    expect(readFaultRates(text)).toEqual({
      duplicate: 0.01,
      late: 0.02,
      out_of_order: 0.03,
      invalid: 0.005,
      unknown_field: 0.002,
      clock_skew: 1,
    })
    expect(readFaultRates('')).toEqual({})
  })

  it.each([
    ['dupes=1%', 'there is no fault "dupes"'],
    ['__proto__=1%', 'there is no fault "__proto__"'],
    ['dup', 'dup is ""'],
    ['dup=-1%', 'dup is "-1%"'],
    ['dup=101%', 'dup is "101%"'],
    ['dup=2', 'dup is "2"'],
    ['late=1e-3', 'late is "1e-3"'],
  ])('refuse %s', (text, message) => {
    expect(() => readFaultRates(text)).toThrow(message)
  })
})
