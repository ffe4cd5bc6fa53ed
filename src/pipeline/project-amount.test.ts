import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMoney } from '../schema/money.ts'
import { convertMoney, readFxRates } from './enrich-fx.ts'
import { amountOf, convert, divide, plus } from './project-amount.ts'

describe('amounts of documents', () => {
  it('convert exactly as the door converts an event', () => {
    const rates = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n }), rates, (amount, rate) => {
        const read = readFxRates({ EUR: [{ date: '2025-01-01', rate }] })
        if ('problems' in read) throw new Error(read.problems.join())
        const expected = convertMoney(amount, read.rates.rateOn('EUR', '2025-01-01')!)
        if (expected !== undefined) expect(formatMoney(convert(amount, rate))).toBe(expected)
      }),
    )
  })

  it('divide half away from zero', () => {
    expect([
      divide(5n, 2n),
      divide(-5n, 2n),
      divide(7n, 3n),
      divide(8n, 3n),
      divide(0n, 3n),
    ]).toEqual([3n, -3n, 2n, 3n, 0n])
  })

  it('add text without a float', () => {
    expect(plus('99999999999999.9999', -amountOf('0.0001'))).toBe('99999999999999.9998')
    expect(plus('0.1', amountOf('0.2'))).toBe('0.3')
    expect(() => amountOf('1e3')).toThrow('not an amount')
    expect(amountOf(undefined)).toBe(0n)
  })
})
