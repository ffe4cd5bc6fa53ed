import { expect, test } from 'vitest'
import { reportCell } from './report-cell.ts'

test.each([
  ['money', '67936.4800', '67936.48'],
  ['money', '0.1250', '0.125'],
  ['money', '10', '10'],
  ['money', '-3.0000', '-3.00'],
  ['ratio', 0.11735962769928616, '11.7%'],
  ['ratio', '0.0300', '3.0%'],
  ['number', 1.5662285136501517, '1.57'],
  ['number', 12, 12],
  ['count', 989, 989],
  ['ratio', null, null],
  ['ratio', 'n/a', 'n/a'],
  [undefined, '0.5000', '0.5000'],
])('a %s of %s reads as %s', (unit, value, text) => {
  expect(reportCell(value, unit)).toBe(text)
})
