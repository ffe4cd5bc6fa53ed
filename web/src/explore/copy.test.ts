import { expect, test } from 'vitest'
import { tabbedText } from './copy.ts'

test('cells that a spreadsheet would run are texts', () => {
  const columns = [
    { name: 'a', type: 'VARCHAR' },
    { name: 'b', type: 'DOUBLE' },
  ]
  const rows = [
    ['=cmd()', -1.5],
    ['two\twords\n', null],
    ['+49 30', '-12.5000'],
  ]
  expect(tabbedText(columns, rows).split('\n')).toEqual([
    'a\tb',
    "'=cmd()\t-1.5",
    'two words \t',
    "'+49 30\t-12.5000",
  ])
})
