import { describe, expect, it } from 'vitest'
import type { LedgerDelta, Positions, Store, StoreChange } from '../../src/ports.ts'

/** A store over a fresh place, and a way to open the same place again after `close`. */
export interface StoreUnderTest {
  open(): Promise<Store & { close(): Promise<void> }>
}

function order(order_id: string, total_amount = '1'): StoreChange {
  return { table: 'orders', key: order_id, document: { order_id, total_amount } }
}

function at(...positions: number[]): Positions {
  return [...positions, ...Array(16 - positions.length).fill(0)]
}

function delta(minute: number, accepted: number, source = 'web'): LedgerDelta {
  return { source, event_type: 'order_created', minute, counts: { accepted, applied: accepted } }
}

/** What every adapter of the Store port must do. `fresh` gives an empty place per test. */
export function storeContract(name: string, fresh: () => Promise<StoreUnderTest>): void {
  describe(`Store: ${name}`, () => {
    const using = async <T>(work: (store: Store, reopen: () => Promise<Store>) => Promise<T>) => {
      const place = await fresh()
      let store = await place.open()
      const reopen = async () => {
        await store.close()
        store = await place.open()
        return store
      }
      try {
        return await work(store, reopen)
      } finally {
        await store.close()
      }
    }

    it('starts before the first record, with nothing in it', () =>
      using(async (store) => {
        expect(store.checkpoint()).toEqual(at())
        expect(store.get('orders', 'o1')).toBeUndefined()
        expect(store.list('orders', { limit: 10 })).toEqual([])
        expect(store.ledger(0, 1e9)).toEqual([])
      }))

    it('keeps documents, ledger and checkpoint together, also over a restart', () =>
      using(async (store, reopen) => {
        const applied = await store.apply(at(3, 5), [order('o1'), order('o2')], [delta(100, 2)])
        expect(applied).toBe('applied')
        const again = await reopen()
        expect(again.checkpoint()).toEqual(at(3, 5))
        expect(again.get('orders', 'o2')).toEqual({ order_id: 'o2', total_amount: '1' })
        expect(again.ledger(100, 101)).toEqual([delta(100, 2)])
      }))

    it('writes what it has taken over as it was then, as often as is tried', () =>
      using(async (store) => {
        const document = { order_id: 'o1', total_amount: '1' }
        const taken = await store.take([{ table: 'orders', key: 'o1', document }])
        document.total_amount = '2'
        expect(await store.apply(at(3, 5), taken, [delta(100, 1)])).toBe('applied')
        expect(await store.apply(at(3, 5), taken, [delta(100, 1)])).toBe('already')
        expect(store.get('orders', 'o1')).toEqual({ order_id: 'o1', total_amount: '1' })
        expect(store.ledger(0, 200)).toEqual([delta(100, 1)])
      }))

    it('does nothing where its checkpoint is not behind', () =>
      using(async (store) => {
        await store.apply(at(3, 5), [order('o1')], [delta(100, 1)])
        expect(await store.apply(at(3, 5), [order('o1', '9')], [delta(100, 1)])).toBe('already')
        expect(await store.apply(at(2, 5), [order('o1', '9')], [delta(100, 1)])).toBe('already')
        expect(store.get('orders', 'o1')).toMatchObject({ total_amount: '1' })
        expect(store.ledger(0, 200)).toEqual([delta(100, 1)])
        expect(await store.apply(at(3, 6), [order('o1', '2')], [delta(100, 4)])).toBe('applied')
        expect(store.ledger(0, 200)).toEqual([delta(100, 5)])
      }))

    it('remembers from where what waits is made again, and takes it later without counting twice', () =>
      using(async (store, reopen) => {
        expect(store.redo()).toEqual(at())
        await store.apply(at(3, 5), [order('o1')], [delta(100, 1)], at(1, 5))
        expect((await reopen()).redo()).toEqual(at(1, 5))
        const again = await reopen()
        expect(await again.apply(at(3, 5), [order('o2')], [delta(100, 1)], at(1, 5))).toBe(
          'already',
        )
        expect(await again.apply(at(3, 5), [order('o2')], [delta(100, 1)])).toBe('applied')
        expect([again.checkpoint(), again.redo()]).toEqual([at(3, 5), at(3, 5)])
        expect(again.get('orders', 'o2')).toBeDefined()
        expect(again.ledger(0, 200)).toEqual([delta(100, 1)])
        await again.apply(at(4, 5), [], [], at(3, 5))
        const made = await again.rebuild([])
        await made.finish()
        expect(again.redo()).toEqual(at(4, 5))
      }))

    it('writes nothing at all of a commit that holds a key it cannot take', () =>
      using(async (store) => {
        const bad: StoreChange = { table: 'orders', key: 'x'.repeat(5000), document: {} }
        await expect(store.apply(at(1), [order('o1'), bad], [delta(1, 1)])).rejects.toThrow()
        expect(store.checkpoint()).toEqual(at())
        expect(store.get('orders', 'o1')).toBeUndefined()
        expect(await store.apply(at(1), [order('o1')], [delta(1, 1)])).toBe('applied')
        expect(store.ledger(0, 10)).toEqual([delta(1, 1)])
      }))

    it('deletes, and changes without a record', () =>
      using(async (store) => {
        await store.apply(at(1), [order('o1'), order('o2')], [])
        await store.change([{ table: 'orders', key: 'o1', document: null }, order('o3')])
        expect(store.list('orders', { limit: 10 }).map(({ key }) => key)).toEqual(['o2', 'o3'])
        expect(store.checkpoint()).toEqual(at(1))
      }))

    it('keeps sources apart', () =>
      using(async (store) => {
        await store.apply(at(1), [order('x')], [delta(7, 1, 'web'), delta(7, 2, 'pos')])
        expect(store.ledger(7, 8)).toHaveLength(2)
        expect(store.ledger(8, 9)).toEqual([])
        expect(store.ledgerSnapshot(7, 8)).toEqual({
          checkpoint: at(1),
          ledger: store.ledger(7, 8),
        })
      }))

    it('sums up old minutes by the hour and the day without changing the sum', () =>
      using(async (store) => {
        const day = 1440
        const now = 400 * day
        const minutes = [
          now - 1,
          now - 8 * day,
          now - 8 * day + 1,
          now - 100 * day,
          now - 100 * day + 61,
        ]
        await store.apply(
          at(1),
          [],
          minutes.map((minute) => delta(minute, 1)),
        )
        while ((await store.rollLedger(now * 60_000)) > 0);
        const rows = store.ledger(0, now)
        expect(rows.map((row) => row.minute).sort((a, b) => a - b)).toEqual([
          now - 100 * day,
          now - 8 * day,
          now - 1,
        ])
        expect(rows.reduce((sum, row) => sum + row.counts.accepted!, 0)).toBe(5)
        expect(rows.reduce((sum, row) => sum + row.counts.applied!, 0)).toBe(5)
      }))

    it('goes on as it was after a scrub', () =>
      using(async (store, reopen) => {
        await store.apply(at(4), [order('o1'), order('o2')], [delta(5, 2)])
        await store.change([{ table: 'orders', key: 'o1', document: null }])
        await store.scrub()
        expect(store.get('orders', 'o2')).toMatchObject({ order_id: 'o2' })
        expect(await store.apply(at(5), [order('o3')], [delta(5, 1)])).toBe('applied')
        const again = await reopen()
        expect(again.list('orders', { limit: 9 }).map(({ key }) => key)).toEqual(['o2', 'o3'])
        expect(again.checkpoint()).toEqual(at(5))
        expect(again.ledger(0, 10)).toEqual([delta(5, 3)])
      }))

    it('makes tables anew behind the readers', () =>
      using(async (store, reopen) => {
        const letter: StoreChange = { table: 'dead_letters', key: 'd1', document: { raw: 'x' } }
        await store.apply(at(4), [order('old'), letter], [delta(5, 2)])
        const made = await store.rebuild(['dead_letters'])
        await made.change([order('new')])
        expect(made.get('orders', 'old')).toBeUndefined()
        expect(store.get('orders', 'old')).toBeDefined()
        await made.finish()
        expect(store.get('orders', 'old')).toBeUndefined()
        const again = await reopen()
        expect(again.list('orders', { limit: 9 }).map(({ key }) => key)).toEqual(['new'])
        expect(again.get('dead_letters', 'd1')).toEqual({ raw: 'x' })
        expect(again.checkpoint()).toEqual(at(4))
        expect(again.ledger(0, 10)).toEqual([delta(5, 2)])
      }))

    it('stays as it was when making anew is given up', () =>
      using(async (store, reopen) => {
        await store.apply(at(4), [order('old')], [])
        const made = await store.rebuild([])
        await made.change([order('new')])
        await made.discard()
        expect(store.get('orders', 'old')).toBeDefined()
        const again = await reopen()
        expect(again.list('orders', { limit: 9 }).map(({ key }) => key)).toEqual(['old'])
      }))
  })
}
