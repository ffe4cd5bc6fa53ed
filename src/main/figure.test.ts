import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFigureBook, sumMoney, unitsOf } from './figure.ts'

const UNITS = fc.integer({ min: -(10 ** 15), max: 10 ** 15 })

/** As DuckDB prints DECIMAL(38, places). */
function decimal(units: number, places: number): string {
  const digits = String(Math.abs(units)).padStart(5, '0')
  const zeros = '0'.repeat(places - 4)
  return `${units < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}${zeros}`
}

describe('figures', () => {
  it('read an amount exactly, however many zeros SQL writes behind it', () => {
    fc.assert(
      fc.property(UNITS, fc.integer({ min: 4, max: 10 }), (units, places) => {
        expect(unitsOf(decimal(units, places))).toBe(BigInt(units))
        const book = createFigureBook()
        book.add('g', 'same', 'money', units, decimal(units, places))
        book.add('g', 'off by one', 'money', units + 1, decimal(units, places))
        expect(book.figures.map((figure) => figure.equal)).toEqual([true, false])
      }),
    )
  })

  it('add amounts without rounding', () => {
    fc.assert(
      fc.property(fc.array(UNITS, { maxLength: 20 }), (all) => {
        const rows = all.map((units) => ({ amount: decimal(units, 4) }))
        const total = all.reduce((sum, units) => sum + BigInt(units), 0n)
        expect(unitsOf(sumMoney(rows, 'amount'))).toBe(total)
      }),
    )
  })

  it('never equal what is missing or cannot be read', () => {
    const book = createFigureBook()
    book.add('g', 'none', 'count', 0, undefined)
    book.add('g', 'null', 'money', 0, null)
    book.add('g', 'text', 'money', 0, 'much')
    book.add('g', 'not a number', 'count', 0, 'much')
    expect(book.figures.map(({ ours, equal }) => [ours, equal])).toEqual([
      ['–', false],
      ['–', false],
      ['much', false],
      ['NaN', false],
    ])
  })

  it('compare tables by key, with 0 for what one side does not have', () => {
    const book = createFigureBook()
    const truth = new Map([
      ['a', { units: 2 }],
      ['b', { units: 0 }],
      ['c', { units: 3 }],
    ])
    const ours = new Map([
      ['a', { units: '2' }],
      ['d', { units: 4 }],
    ])
    book.table('t', { units: 'count' }, truth, ours)
    expect(
      book.figures.map(({ figure, truth: told, ours: is, equal }) => [figure, told, is, equal]),
    ).toEqual([
      ['a units', '2', '2', true],
      ['b units', '0', '0', true],
      ['c units', '3', '0', false],
      ['d units', '0', '4', false],
    ])
  })
})
