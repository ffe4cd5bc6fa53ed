import { expect, test } from 'vitest'
import { differences } from './same-rows.ts'

test('rows are the same in any order, with decimals and moments as either engine writes them', () => {
  const duckdb = [
    ['b', '12.3000', '2025-01-01 00:00:00', 0.30000000000000004, null],
    ['a', '7', '2025-01-01 00:00:00.5', 1 / 3, [{ x: '1' }]],
  ]
  const trino = [
    ['a', 7, '2025-01-01 00:00:00.500', 0.333333333333, [['1']]],
    ['b', '12.30', '2025-01-01 00:00:00.000', 0.3, null],
  ]
  expect(differences(duckdb, trino)).toEqual([])
})

test('every way of being different is found', () => {
  expect(differences([[1]], [])).toEqual(['1 rows against 0'])
  expect(differences([[1]], [[2]])).toHaveLength(1)
  expect(differences([['1.10']], [['1.11']])).toHaveLength(1)
  expect(differences([[null]], [['']])).toHaveLength(1)
  expect(differences([[0.5]], [[0.500001]])).toHaveLength(1)
  expect(differences([['x', 1]], [['x', null]])).toHaveLength(1)
  expect(differences([['2025-01-01 00:00:00.001']], [['2025-01-01 00:00:00.002']])).toHaveLength(1)
})
