import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rebuildStore } from '../../src/consume/rebuild-store.ts'
import type { LmdbStore } from '../../src/local/lmdb-store.ts'
import type { EventType } from '../../src/schema/registry.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import { DEFAULTS, openDoor, rowsOf } from '../door-fixture.ts'
import { catchUp, dumpStore, ledgerSums, openStore } from './store-fixture.ts'
import { SECRET, type TypedRow } from './store-rows.ts'

const FROM = Date.parse('2025-01-20T00:00:00Z')
const TO = Date.parse('2025-01-26T00:00:00Z')
const now = () => TO

async function* shuffled(rows: readonly TypedRow[], seed: number): AsyncGenerator<TypedRow> {
  const order = fc.shuffledSubarray([...rows], { minLength: rows.length })
  yield* fc.sample(order, { seed, numRuns: 1 })[0]!
}

describe('rebuildStore', () => {
  let store: LmdbStore
  let remove: () => Promise<void>

  beforeEach(async () => {
    ;({ store, remove } = await openStore())
  })

  afterEach(() => remove())

  it('gives the documents of the live path from the rows in any order, and keeps what is not in the lake', async () => {
    const { stream, door, send } = openDoor({}, { now })
    const events = [
      ...simulate({ seed: 5, from: FROM, to: TO, sessions_per_day: 60, products: 40 }),
    ]
    for (const source of ['browser', 'server'] as const) {
      const values = events.filter((event) => event.source === source).map(({ event }) => event)
      for (let at = 0; at < values.length; at += 300) {
        await door.collectValues(values.slice(at, at + 300), {
          source: { name: source, kind: source },
          received_at: TO,
          request_id: `${source}-${at}`,
        })
      }
    }
    await send('not json at all').catch(() => undefined)
    const place = { origin: [{ file: 'a.csv', line: 1 }] }
    const file = { source: { name: 'my-shop', kind: 'import' }, received_at: TO, ...place } as const
    await door.collectValues([{ event_type: 'nonsense' }], { ...file, request_id: 'import-1' })
    await catchUp(stream, store, now)
    const live = dumpStore(store)
    const sums = ledgerSums(store)
    const rows = rowsOf(stream.records) as { type: EventType; row: TypedRow['row'] }[]
    expect(rows.length).toBeGreaterThan(1000)
    expect(new Set(rows.map(({ type }) => type)).size).toBeGreaterThan(12)
    const report = await rebuildStore(shuffled(rows, 3), store, {
      config: DEFAULTS,
      secret: SECRET,
      now,
    })
    expect(report).toEqual({ rows: rows.length, refused: 0 })
    const rebuilt = dumpStore(store)
    for (const table of Object.keys(live)) expect(rebuilt[table], table).toEqual(live[table])
    expect(Object.keys(live.dead_letters as object)).toHaveLength(2)
    expect(ledgerSums(store)).toEqual(sums)
    expect(store.checkpoint()).toEqual(stream.heads())
  })

  it('leaves rows out that it cannot take, and nothing of them', async () => {
    const good = { order_id: 'o1', amount: '5', payment_id: 'p' }
    const base = {
      occurred_at: '2025-01-25T00:00:00.000Z',
      received_at: '2025-01-25T00:00:00.000Z',
    }
    const kind = { source: 'shop', source_kind: 'server' }
    async function* rows(): AsyncGenerator<TypedRow> {
      yield { type: 'order_paid', row: { event_id: 'a', ...base, ...kind, ...good } }
      yield {
        type: 'order_paid',
        row: { event_id: 'b', ...base, ...kind, ...good, payment_id: 'q', amount: 'x' },
      }
      yield {
        type: 'order_paid',
        row: { event_id: 'c', ...base, ...kind, ...good, payment_id: 'r' },
      }
    }
    const report = await rebuildStore(rows(), store, { config: DEFAULTS, secret: SECRET, now })
    expect(report).toMatchObject({ rows: 3, refused: 1 })
    expect(store.get('orders', 'o1')).toMatchObject({ paid_amount: '10' })
  })

  it('leaves the store as it was when the rows break off', async () => {
    await store.change([{ table: 'orders', key: 'o1', document: { order_id: 'o1' } }])
    // biome-ignore lint/correctness/useYield: it fails before the first row
    async function* rows(): AsyncGenerator<TypedRow> {
      throw new Error('the lake went away')
    }
    const rebuilding = rebuildStore(rows(), store, { config: DEFAULTS, secret: SECRET, now })
    await expect(rebuilding).rejects.toThrow('the lake went away')
    expect(store.get('orders', 'o1')).toEqual({ order_id: 'o1' })
  })
})
