import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreChange, StoreReader } from '../../src/ports.ts'

/** A fresh store as readers see it. */
export interface StoreReaderUnderTest {
  readonly reader: StoreReader
  /** Writes and deletes documents, durably. */
  change(changes: readonly StoreChange[]): Promise<void>
  close(): Promise<void>
}

function order(key: string): StoreChange {
  return { table: 'orders', key, document: { order_id: key, total_amount: '1' } }
}

/** What every adapter of the StoreReader port must do. */
export function storeReaderContract(name: string, open: () => Promise<StoreReaderUnderTest>): void {
  describe(`StoreReader: ${name}`, () => {
    let under: StoreReaderUnderTest
    beforeEach(async () => {
      under = await open()
    })
    afterEach(() => under.close())

    const keys = async (range: Parameters<StoreReader['list']>[1]) =>
      (await under.reader.list('orders', range)).map(({ key }) => key)

    it('has nothing at first', async () => {
      expect(await under.reader.get('orders', 'o1')).toBeUndefined()
      expect(await keys({ limit: 10 })).toEqual([])
    })

    it('gives documents as they were written, large ones too, and the last that was written', async () => {
      const large = { order_id: 'o2', note: 'x'.repeat(300_000), deep: { a: [1, null, 'ß😀'] } }
      await under.change([order('o1'), { table: 'orders', key: 'o2', document: large }])
      expect(await under.reader.get('orders', 'o2')).toEqual(large)
      await under.change([{ table: 'orders', key: 'o1', document: { order_id: 'o1', n: 2 } }])
      expect(await under.reader.get('orders', 'o1')).toEqual({ order_id: 'o1', n: 2 })
    })

    it('keeps tables apart, and forgets what was deleted', async () => {
      await under.change([order('x'), order('y')])
      expect(await under.reader.get('stock', 'x')).toBeUndefined()
      await under.change([{ table: 'orders', key: 'x', document: null }])
      expect(await under.reader.get('orders', 'x')).toBeUndefined()
      expect(await keys({ limit: 10 })).toEqual(['y'])
      await under.change([order('x')])
      expect(await keys({ limit: 10 })).toEqual(['x', 'y'])
    })

    it('takes no harm from a key that there cannot be', async () => {
      await under.change([order('x')])
      expect(await under.reader.get('orders', '')).toBeUndefined()
      expect(await keys({ from: '', limit: 9 })).toEqual(['x'])
    })

    it('lists ranges in key order, both ways', async () => {
      const sorted = ['__proto__', 'a', 'a\u0000', 'a/1', 'a/2', 'b', 'ä', '😀']
      await under.change(sorted.map(order))
      expect(await keys({ limit: 99 })).toEqual(sorted)
      expect(await keys({ limit: 99, reverse: true })).toEqual(sorted.toReversed())
      expect(await keys({ from: 'a/', to: 'b', limit: 99 })).toEqual(['a/1', 'a/2'])
      expect(await keys({ from: 'a', to: 'b', limit: 99, reverse: true })).toEqual(
        ['a', 'a\u0000', 'a/1', 'a/2'].toReversed(),
      )
      expect(await keys({ from: 'a', to: 'b', limit: 2, reverse: true })).toEqual(['a/2', 'a/1'])
      expect(await keys({ from: 'a', limit: 3 })).toEqual(['a', 'a\u0000', 'a/1'])
      expect(await keys({ to: 'a/2', limit: 1, reverse: true })).toEqual(['a/1'])
      expect(await keys({ from: 'c', to: 'd', limit: 9 })).toEqual([])
      expect(await keys({ from: 'b', to: 'b', limit: 9 })).toEqual([])
    })

    it('pages through more than an engine gives at once', async () => {
      const many = Array.from({ length: 230 }, (_, index) => ({
        ...order(`o${String(index).padStart(4, '0')}`),
        document: { text: `${index} `.repeat(2000) },
      }))
      await under.change(many)
      const found: string[] = []
      for (let from = ''; ; ) {
        const page = await keys({ from, limit: 50 })
        found.push(...page)
        if (page.length < 50) break
        from = `${page.at(-1)}\u0000`
      }
      expect(found).toEqual(many.map(({ key }) => key))
    })
  })
}
