import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StockDocument } from '../../src/pipeline/documents.ts'
import { anyOrder, dumpOf, rowOf, type TypedRow } from './store-rows.ts'

function moved(minute: number, fields: object): TypedRow {
  return rowOf('inventory_updated', minute, { product_id: 'p1', ...fields })
}

function stockOf(rows: readonly TypedRow[], key = 'p1/default'): StockDocument {
  return dumpOf(rows).stock![key] as StockDocument
}

/** The level by its definition: the last absolute one in time, and the deltas after it, each event once. */
function levelOf(rows: readonly TypedRow[]): number {
  const once = new Map(rows.map(({ row }) => [row.event_id, row]))
  const inTime = [...once.values()].sort((a, b) =>
    `${a.occurred_at}${a.event_id}` < `${b.occurred_at}${b.event_id}` ? -1 : 1,
  )
  return inTime.reduce(
    (level, row) => (row.level as number | undefined) ?? level + (row.delta as number),
    0,
  )
}

const movements = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 0, max: 8 }),
      level: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined, freq: 2 }),
      delta: fc.integer({ min: -9, max: 9 }),
      low_stock_at: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined, freq: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) =>
    all.map(({ minute, level, delta, low_stock_at }, index) =>
      moved(minute, {
        event_id: `e${index}`,
        ...(level === undefined ? { delta } : { level }),
        ...(low_stock_at !== undefined && { low_stock_at }),
      }),
    ),
  )

describe('stock', () => {
  it('is the same, and right, for any interleaving and repetition of levels and deltas', () => {
    const cases = movements.chain((rows) =>
      fc.tuple(fc.constant(rows), anyOrder(rows), fc.integer({ min: 1, max: 4 })),
    )
    fc.assert(
      fc.property(cases, ([rows, others, commitEvery]) => {
        const dump = dumpOf(others, commitEvery)
        expect(dump).toEqual(dumpOf(rows))
        expect((dump.stock!['p1/default'] as StockDocument).level).toBe(levelOf(rows))
      }),
      { numRuns: 300 },
    )
  })

  it('is right when a level comes after thousands of later deltas', () => {
    const deltas = Array.from({ length: 3000 }, (_, index) =>
      moved(index, { delta: index % 7 === 0 ? 3 : -1, event_id: `d${index}` }),
    )
    const level = moved(1500, { level: 100, event_id: 'level' })
    expect(stockOf([...deltas, level]).level).toBe(levelOf([...deltas, level]))
  })

  it('is kept per location, with its low mark and last movement', () => {
    const rows = [
      moved(0, { level: 10, location: 'hanoi' }),
      moved(2, { delta: -4, location: 'hanoi', reason: 'sale', order_id: 'o1' }),
      moved(1, { level: 3, low_stock_at: 2 }),
    ]
    expect(stockOf(rows, 'p1/hanoi')).toMatchObject({
      level: 6,
      level_known: true,
      low: false,
      last_movement: { delta: -4, reason: 'sale', order_id: 'o1', source: 'shop' },
    })
    expect(stockOf(rows)).toMatchObject({ level: 3, low_stock_at: 2, low: false })
    const sold = moved(3, { delta: -1 })
    expect(stockOf([...rows, sold])).toMatchObject({ level: 2, low: true })
    expect(stockOf([sold])).toMatchObject({ level: -1, level_known: false, low_stock_at: 5 })
  })

  it('is never moved by a browser', () => {
    const rows = [moved(0, { level: 10 }), moved(1, { level: 0, source_kind: 'browser' })]
    expect(stockOf(rows)).toMatchObject({ level: 10 })
    expect(dumpOf(rows.slice(1)).stock).toBeUndefined()
  })

  it('is kept apart for products and locations with slashes', () => {
    const rows = [
      moved(0, { product_id: 'a/b', location: 'c', level: 1 }),
      moved(1, { product_id: 'a', location: 'b/c', level: 2 }),
      moved(2, { product_id: 'a', location: 'b%2Fc', level: 3 }),
      moved(3, { product_id: 'a', location: 'b', delta: 4 }),
    ]
    const stock = dumpOf(rows).stock as { [key: string]: StockDocument }
    expect(Object.values(stock).map(({ level }) => level)).toEqual([1, 2, 3, 4])
  })
})
