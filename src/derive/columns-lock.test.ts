import { describe, expect, it } from 'vitest'
import { type Column, type ColumnField, MONEY } from '../schema/column.ts'
import { columnsLockOf, compatibilityProblems, lockedColumnsOf } from './columns-lock.ts'
import { TABLES } from './table.ts'

function field(name: string, column: Column, required = false): ColumnField {
  return { name, column, required, description: '', identity: false }
}

const TEXT: Column = { kind: 'string' }
const LINES: Column = {
  kind: 'list',
  element: { kind: 'struct', fields: [field('price', MONEY, true), field('note', TEXT)] },
}
const RELEASED = [field('order_id', TEXT, true), field('coupon', TEXT), field('items', LINES)]
const LOCK = columnsLockOf('1.0.0', { orders: { columns: RELEASED } })

function problemsOf(columns: readonly ColumnField[]): string[] {
  return compatibilityProblems(LOCK, { orders: { columns } })
}

describe('columns lock', () => {
  it('names nested values by path', () => {
    expect(lockedColumnsOf({ columns: RELEASED })).toEqual({
      order_id: { type: 'string', required: true },
      coupon: { type: 'string', required: false },
      items: { type: 'list', required: false },
      'items[]': { type: 'struct', required: true },
      'items[].price': { type: 'decimal(18,4)', required: true },
      'items[].note': { type: 'string', required: false },
    })
  })

  it('takes the released tables, a new optional column, a new table and a relaxed column', () => {
    expect(problemsOf(RELEASED)).toEqual([])
    expect(problemsOf([...RELEASED, field('gift', { kind: 'boolean' })])).toEqual([])
    expect(problemsOf([field('order_id', TEXT), ...RELEASED.slice(1)])).toEqual([])
    const tables = { orders: { columns: RELEASED }, refunds: { columns: [field('a', TEXT, true)] } }
    expect(compatibilityProblems(LOCK, tables)).toEqual([])
  })

  it('refuses a removed column', () => {
    expect(problemsOf(RELEASED.filter((one) => one.name !== 'coupon'))).toEqual([
      'orders.coupon was removed',
    ])
  })

  it('refuses a retyped column', () => {
    const retyped = RELEASED.map((one) =>
      one.name === 'coupon' ? field('coupon', { kind: 'int32' }) : one,
    )
    expect(problemsOf(retyped)).toEqual(['orders.coupon was string and is now int32'])
  })

  it('refuses a removed and a retyped part of a list', () => {
    const lines: Column = {
      kind: 'list',
      element: { kind: 'struct', fields: [field('price', { kind: 'double' }, true)] },
    }
    expect(problemsOf([...RELEASED.slice(0, 2), field('items', lines)])).toEqual([
      'orders.items[].price was decimal(18,4) and is now double',
      'orders.items[].note was removed',
    ])
  })

  it('refuses a new required column and an optional one that became required', () => {
    expect(problemsOf([...RELEASED, field('gift', TEXT, true)])).toEqual([
      'orders.gift is new and required: older rows have no value',
    ])
    const stricter = RELEASED.map((one) => ({ ...one, required: true }))
    expect(problemsOf(stricter)).toContain('orders.coupon was optional and is now required')
  })

  it('takes required parts in a new struct', () => {
    const address: Column = { kind: 'struct', fields: [field('city', TEXT, true)] }
    expect(problemsOf([...RELEASED, field('address', address)])).toEqual([])
  })

  it('refuses a removed table', () => {
    expect(compatibilityProblems(LOCK, {})).toEqual(['orders: the table was removed'])
  })

  it('would catch each single column of our own tables being removed', () => {
    const lock = columnsLockOf('1.0.0', TABLES)
    const { columns } = TABLES.order_created
    for (const gone of columns) {
      const less = columns.filter((one) => one !== gone)
      const problems = compatibilityProblems(lock, { ...TABLES, order_created: { columns: less } })
      expect(problems).toContain(`order_created.${gone.name} was removed`)
    }
  })
})
