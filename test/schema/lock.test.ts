import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ColumnsLock, compatibilityProblems } from '../../src/derive/columns-lock.ts'
import { TABLES } from '../../src/derive/table.ts'

const LOCK: ColumnsLock = JSON.parse(
  readFileSync(new URL('../../generated/columns.lock.json', import.meta.url), 'utf8'),
)

describe('the columns that a release has promised', () => {
  it('are still there, with their types', () => {
    expect(Object.keys(LOCK.tables).length).toBeGreaterThanOrEqual(20)
    expect(compatibilityProblems(LOCK, TABLES)).toEqual([])
  })

  it('cannot be removed', () => {
    const columns = TABLES.order_paid.columns.filter((field) => field.name !== 'amount')
    expect(compatibilityProblems(LOCK, { ...TABLES, order_paid: { columns } })).toEqual([
      'order_paid.amount was removed',
    ])
  })

  it('cannot be retyped', () => {
    const columns = TABLES.order_paid.columns.map((field) =>
      field.name === 'amount' ? { ...field, column: { kind: 'double' } as const } : field,
    )
    expect(compatibilityProblems(LOCK, { ...TABLES, order_paid: { columns } })).toEqual([
      'order_paid.amount was decimal(18,4) and is now double',
    ])
  })
})
