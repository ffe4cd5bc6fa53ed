import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvCell, csvOf } from './csv.ts'

describe('csv', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-1', '-1'],
    ['-1.50', '-1.50'],
    ['+3e5', '+3e5'],
    ['-1+cmd|calc', "'-1+cmd|calc"],
    ['@sum', "'@sum"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['', '""'],
    [null, ''],
    [-2.5, '-2.5'],
    [true, 'true'],
    [['=x'], '"[""=x""]"'],
    [{ a: 1 }, '"{""a"":1}"'],
  ] as const)('%j becomes %s', (value, cell) => {
    expect(csvCell(value as never)).toBe(cell)
  })

  test('column names are cells too', () => {
    expect([...csvOf([{ name: '=a' }, { name: 'b,c' }], [])]).toEqual(['\'=a,"b,c"\r\n'])
  })

  test('another reader gets every text back, and none that begins like a formula', () => {
    const texts = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string()), { maxLength: 600 })
    fc.assert(
      fc.property(texts, (rows) => {
        const text = [...csvOf([{ name: 'a' }, { name: 'b' }], rows)].join('')
        const read = parse(text, { record_delimiter: '\r\n' }) as string[][]
        expect(read.length).toBe(rows.length + 1)
        for (const [index, row] of rows.entries()) {
          for (const [column, value] of row.entries()) {
            const cell = read[index + 1]?.[column] ?? ''
            expect([value, `'${value}`]).toContain(cell)
            if (/^[=@\t\r]/.test(value)) expect(cell[0]).toBe("'")
          }
        }
      }),
      { numRuns: 50 },
    )
  })
})
