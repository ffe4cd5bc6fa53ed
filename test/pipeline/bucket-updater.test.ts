import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BucketRecord } from '../../src/consume/bucket-shares.ts'
import { createBucketUpdater } from '../../src/consume/bucket-updater.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { ledgerOf } from '../../src/pipeline/ledger-shares.ts'
import type { LiveShare } from '../../src/pipeline/live-share.ts'
import { tombstoneRecords } from '../../src/pipeline/tombstone-record.ts'
import type { StoreTable, StreamRecord } from '../../src/ports.ts'
import { EVENTS } from '../../src/schema/registry.ts'
import { busyShop } from '../busy-shop.ts'
import { DEFAULTS, openDoor } from '../door-fixture.ts'
import { createMemoryBucketStore, type MemoryBucketStore } from '../memory-bucket-store.ts'
import { catchUp, dumpStore, ledgerSums, openStore } from './store-fixture.ts'
import { SECRET } from './store-rows.ts'

const FROM = Date.parse('2025-01-20T00:00:00Z')
const TO = Date.parse('2025-01-23T00:00:00Z')
const now = () => TO
const BUCKETS = 16

/** Tables that hold the same in both homes; `seen` and tombstones are each home's own bookkeeping. */
const COMPARED: readonly StoreTable[] = [
  'orders',
  'order_index',
  'customers',
  'products',
  'stock',
  'sessions',
  'live_minutes',
  'identities',
  'dead_letters',
]

interface Truth {
  readonly records: readonly BucketRecord[]
  readonly documents: { readonly [table: string]: unknown }
  readonly ledger: { readonly [count: string]: number }
}

/** Records of a shop as the door makes them, and what the embedded home makes of them. */
async function makeTruth(count: number): Promise<Truth> {
  const { stream, door } = openDoor({}, { now })
  const events = busyShop({ seed: 3, events: count, from: FROM })
  const kinds = ['server', 'browser', 'webhook'] as const
  for (let at = 0; at < events.length; at += 12) {
    const kind = kinds[(at / 12) % kinds.length]!
    const request = { source: { name: kind, kind }, received_at: TO, request_id: `request-${at}` }
    await door.collectValues(events.slice(at, at + 12), request)
  }
  const { store, remove } = await openStore()
  await catchUp(stream, store, now)
  const truth = {
    records: stream.records.map((record, index) => ({ ...record, sequence: text(index + 1) })),
    documents: JSON.parse(JSON.stringify(dumpStore(store, COMPARED))),
    ledger: ledgerSums(store),
  }
  await remove()
  return truth
}

function text(sequence: number): string {
  return String(sequence).padStart(12, '0')
}

function updaterOver(store: MemoryBucketStore) {
  return createBucketUpdater({
    ...{ store, config: DEFAULTS, secret: SECRET, metrics: NO_METRICS, now },
    erase: () => expect.unreachable('nobody is erased'),
  })
}

function expectTruth(store: MemoryBucketStore, truth: Truth): void {
  for (const table of COMPARED) expect(store.dump(table), table).toEqual(truth.documents[table])
  expect(ledgerSumsOf(store)).toEqual(truth.ledger)
}

function ledgerSumsOf(store: MemoryBucketStore): { [count: string]: number } {
  const sums: { [count: string]: number } = {}
  for (const { counts } of ledgerOf(store.shares('ledger'))) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

describe('bucket updater', () => {
  let truth: Truth
  beforeAll(async () => {
    truth = await makeTruth(300)
    expect(truth.records.length).toBeGreaterThan(150)
    expect(Object.keys(truth.documents.orders as object).length).toBeGreaterThan(5)
  })

  test('makes of all records what the embedded home makes of them', async () => {
    const store = createMemoryBucketStore(BUCKETS)
    await updaterOver(store).take(truth.records)
    expectTruth(store, truth)
  })

  test('changes nothing when records come again', async () => {
    const store = createMemoryBucketStore(BUCKETS)
    await updaterOver(store).take(truth.records)
    await updaterOver(store).take(truth.records.slice(20))
    await updaterOver(store).take([...truth.records.slice(0, 60), ...truth.records.slice(0, 60)])
    expectTruth(store, truth)
  })

  test('takes a record once that an append has left twice, also in another batch', async () => {
    const store = createMemoryBucketStore(BUCKETS)
    const half = truth.records.length >> 1
    const again = truth.records
      .slice(half - 20, half)
      .map((record, index) => ({ ...record, sequence: `${text(half)}${text(index)}` }))
    const updater = updaterOver(store)
    await updater.take(truth.records.slice(0, half))
    await updater.take(
      [...again, ...truth.records.slice(half)].sort((a, b) => (a.sequence < b.sequence ? -1 : 1)),
    )
    expectTruth(store, truth)
  })

  test('any history of crashes, retries in other batches and repeated deliveries ends in the same store', async () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 120 }),
      crash: fc.option(fc.integer({ min: 0, max: 150 }), { nil: undefined, freq: 3 }),
      again: fc.integer({ min: 0, max: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const store = createMemoryBucketStore(BUCKETS)
        let position = 0
        for (const { size, crash, again } of steps) {
          store.crashAfter = crash ?? Number.POSITIVE_INFINITY
          const batch = truth.records.slice(position, position + size)
          const taken = await updaterOver(store)
            .take(batch)
            .then(
              () => true,
              () => false,
            )
          if (taken) position = Math.max(0, position + batch.length - again)
        }
        store.crashAfter = Number.POSITIVE_INFINITY
        await updaterOver(store).take(truth.records.slice(position))
        expectTruth(store, truth)
      }),
      { numRuns: Number(process.env.HISTORIES ?? 12), endOnFailure: true },
    )
  })
})

test('what a document has no room for becomes dead letters, and the rest is taken, in one batch or many', async () => {
  const { stream, door } = openDoor({}, { now })
  const source = { name: 'server', kind: 'server' } as const
  for (let index = 0; index < 12; index++) {
    const refund = {
      event_type: 'order_refunded',
      timestamp: new Date(FROM + index * 60_000).toISOString(),
      ...{ order_id: 'o1', refund_id: `r${index}`, amount: 1, currency: 'EUR' },
      items: [{ product_id: `p${index}`.padEnd(200, 'x'), quantity: 1, price: 1 }],
    }
    const seen = { event_type: 'page_view', timestamp: refund.timestamp, anonymous_id: 'a1' }
    const request = { source, received_at: TO, request_id: `outgrow-${index}` }
    await door.collectValues([refund, { ...seen, page_url: '/' }], request)
  }
  const records = stream.records.map((record, index) => ({ ...record, sequence: text(index + 1) }))
  const take = async (size: number) => {
    const store = createMemoryBucketStore(BUCKETS)
    store.roomBytes = 4000
    const updater = updaterOver(store)
    for (let at = 0; at < records.length; at += size) {
      await updater.take(records.slice(at, at + size))
    }
    return store
  }
  const whole = await take(records.length)
  const refunds = Object.keys(
    (whole.dump('orders').o1 as { merge: { refunds: object } }).merge.refunds,
  )
  const letters = Object.values(whole.dump('dead_letters'))
  expect(refunds.length).toBeGreaterThan(1)
  expect(letters.length).toBeGreaterThan(1)
  expect(refunds.length + letters.length).toBe(12)
  for (const letter of letters) {
    expect(letter).toMatchObject({ reason: 'not_encodable', event_type: 'order_refunded' })
  }
  const [visit] = Object.values(whole.dump('sessions'))
  expect(visit).toMatchObject({ page_views: 12 })
  const single = await take(1)
  for (const table of COMPARED) expect(single.dump(table), table).toEqual(whole.dump(table))
})

test('a refused row that is imported again is the dead letter that it was, whatever else its requests held', async () => {
  const { stream, door } = openDoor({}, { now })
  const source = { name: 'my-shop', kind: 'import' } as const
  const view = { event_type: 'page_view', timestamp: '2025-01-22T10:00:00Z', page_url: '/' }
  const file = 'a.csv'
  for (const session_id of ['s1', 's2', 's3', 's4']) {
    await door.collectValues([{ ...view, session_id }, { event_type: 'nonsense' }], {
      ...{ source, received_at: TO, request_id: `import-${session_id}` },
      origin: [
        { file, line: 1 },
        { file, line: 2 },
      ],
    })
  }
  const records = stream.records.map((record, index) => ({ ...record, sequence: text(index + 1) }))
  expect(new Set(records.map(({ bucket }) => bucket)).size).toBeGreaterThan(2)
  const store = createMemoryBucketStore(BUCKETS)
  for (const record of records) await updaterOver(store).take([record])
  expect(Object.values(store.dump('dead_letters'))).toMatchObject([
    { request_id: 'import-s1', line: 2 },
  ])
  expect(ledgerSumsOf(store)).toMatchObject({ accepted: 4, rejected: 4 })
})

test('browsers linked to an erased person too late for the tombstone are buried in every bucket, however it is cut off', async () => {
  const { stream, door } = openDoor({}, { now })
  const source = { name: 'web', kind: 'browser' } as const
  const send = (request_id: string, events: object[]) =>
    door.collectValues(events, { source, received_at: TO, request_id })
  const at = { timestamp: new Date(TO - 60_000).toISOString() }
  const person = { customer_id: 'cust_gone', erased_id: 'erased:1', requested_at: TO }
  const link = (anonymous_id: string) => ({
    ...{ ...at, event_type: 'customer_identified' },
    ...{ anonymous_id, customer_id: person.customer_id },
  })
  const visits = ['soon', 'late'].flatMap((anonymous_id) =>
    Array.from({ length: 6 }, (_, n) => ({ anonymous_id, session_id: `${anonymous_id}-${n}` })),
  )
  await send(
    'views',
    visits.map((visit) => ({ ...at, event_type: 'page_view', page_url: '/', ...visit })),
  )
  await send('soon', [link('soon')])
  await door.erase({ ...person, anonymous_ids: [] })
  await send('late', [link('late')])
  const sequenced = (given: readonly StreamRecord[], before: number): BucketRecord[] =>
    given.map((record, index) => ({ ...record, sequence: text(before + index + 1) }))
  const records = sequenced(stream.records, 0)
  for (let crashAfter = 0; crashAfter < 60; crashAfter += 4) {
    const store = createMemoryBucketStore(BUCKETS)
    const told: StreamRecord[] = []
    const updater = createBucketUpdater({
      ...{ store, config: DEFAULTS, secret: SECRET, metrics: NO_METRICS, now },
      erase: async (tombstone) => void told.push(...tombstoneRecords(tombstone, 0, BUCKETS)),
    })
    store.crashAfter = crashAfter
    await updater.take(records).catch((error) => expect(error.message).toBe('killed'))
    store.crashAfter = Number.POSITIVE_INFINITY
    await updater.take(records)
    await updater.take(sequenced(told, records.length))
    const sessions = Object.values(store.dump('sessions'))
    expect(sessions.map((visit) => [visit.customer_id, visit.anonymous_id])).toEqual(
      visits.map(() => [person.erased_id, undefined]),
    )
    expect(store.dump('identities')).toEqual({})
  }
})

test('what a person left in earlier batches is kept without them, wherever their erasure is cut off', async () => {
  const { stream, door } = openDoor({}, { now })
  const at = { timestamp: new Date(TO - 60_000).toISOString() }
  const person = { customer_id: 'cust_gone', erased_id: 'erased:1', requested_at: TO }
  const view = (session_id: string) => ({
    ...{ ...at, event_type: 'page_view', page_url: '/', session_id },
  })
  const send = (request_id: string, events: object[], kind: 'browser' | 'server' = 'browser') =>
    door.collectValues(events, { source: { name: kind, kind }, received_at: TO, request_id })
  const visits = ['s0', 's1', 's2', 's3', 's4', 's5']
  await send(
    'views',
    visits.map((session_id) => ({ ...view(session_id), anonymous_id: 'a1' })),
  )
  const { customer_id } = person
  const link = { ...at, event_type: 'customer_identified', anonymous_id: 'a1', customer_id }
  await send('link', [link])
  const order = { ...EVENTS.order_created.example, ...at, order_id: 'o1', customer_id }
  await send('order', [order], 'server')
  const past = stream.records.length
  await door.erase({ ...person, anonymous_ids: ['a1'] })
  // The browser goes on with its visits, and names nobody.
  await send('after', visits.map(view))
  const records = stream.records.map((record, index) => ({ ...record, sequence: text(index + 1) }))

  async function history(cut: number): Promise<{ whole: boolean; found: object }> {
    const store = createMemoryBucketStore(BUCKETS)
    const updater = updaterOver(store)
    await updater.take(records.slice(0, past))
    store.crashAfter = cut
    const whole = await updater.take(records.slice(past)).then(
      () => true,
      () => false,
    )
    store.crashAfter = Number.POSITIVE_INFINITY
    await updater.take(records.slice(past))
    const found = Object.fromEntries(COMPARED.map((table) => [table, store.dump(table)]))
    return { whole, found }
  }

  const truth = await history(Number.POSITIVE_INFINITY)
  expect(truth.found).toMatchObject({ customers: { 'erased:1': { orders: 1 } }, identities: {} })
  const kept = Object.values((truth.found as { sessions: object }).sessions)
  expect(kept.filter((visit) => visit.customer_id === person.erased_id)).toHaveLength(6)
  expect(kept).toHaveLength(12)
  for (let cut = 0; ; cut++) {
    const { whole, found } = await history(cut)
    expect(found, `cut off after ${cut} writes`).toEqual(truth.found)
    if (whole) break
  }
})

test('of visits only those of the last minutes are kept for the live view', async () => {
  const { stream, door } = openDoor({}, { now })
  const source = { name: 'web', kind: 'browser' } as const
  for (const [request_id, ago_ms] of Object.entries({ past: 3_600_000, before: 60_000, now: 0 })) {
    const timestamp = new Date(TO - ago_ms).toISOString()
    const view = { event_type: 'page_view', timestamp, page_url: '/', session_id: request_id }
    const cart = { ...view, event_type: 'add_to_cart', product_id: 'p', price: 1, quantity: 1 }
    await door.collectValues([view, cart], { source, received_at: TO, request_id })
  }
  const store = createMemoryBucketStore(BUCKETS)
  const records = stream.records.map((record, index) => ({ ...record, sequence: text(index + 1) }))
  await updaterOver(store).take(records)
  const shares = store.shares('live').map(({ document }) => document as unknown as LiveShare)
  const visits = (part: 'visitors' | 'carts') =>
    shares.flatMap((share) => Object.keys(share[part])).sort()
  expect([visits('visitors'), visits('carts')]).toEqual([
    ['before', 'now'],
    ['before', 'now'],
  ])
})
