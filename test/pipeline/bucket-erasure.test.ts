import { beforeEach, expect, test } from 'vitest'
import { createBucketLakeWriter } from '../../src/consume/bucket-lake.ts'
import type { BucketRecord } from '../../src/consume/bucket-shares.ts'
import { createBucketUpdater } from '../../src/consume/bucket-updater.ts'
import { erasedIdOf } from '../../src/consume/erased-id.ts'
import { erasureState, markErased, waitingErasures } from '../../src/consume/lake-erasures.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { tombstoneRecords } from '../../src/pipeline/tombstone-record.ts'
import type { LakeSink, StoreTable, StreamRecord } from '../../src/ports.ts'
import { DEFAULTS, NOON, openDoor } from '../door-fixture.ts'
import { createMemoryBucketStore, type MemoryBucketStore } from '../memory-bucket-store.ts'
import { SECRET } from './store-rows.ts'

const BUCKETS = 4
const now = () => NOON
const erased_id = 'erased:1'
const tombstone = (requested_at: number, anonymous_ids: readonly string[] = []) => ({
  ...{ customer_id: 'cust_gone', anonymous_ids, erased_id, requested_at },
})

let store: MemoryBucketStore
let sequence: number
beforeEach(() => {
  store = createMemoryBucketStore(BUCKETS)
  sequence = 0
})

function sequenced(records: readonly StreamRecord[]): BucketRecord[] {
  return records.map((record) => ({ ...record, sequence: String(++sequence).padStart(12, '0') }))
}

const parts = { config: DEFAULTS, secret: SECRET, metrics: NO_METRICS, now }

test('the lake is done with somebody who is erased again only when every bucket has met that and it is done, wherever that is cut off', async () => {
  const lake: LakeSink<string> = { commit: async () => 'applied', probe: async () => undefined }
  const writer = createBucketLakeWriter({ ...parts, lake, store })
  const shares = async () => store.shares('lake_erasures')
  const stateOf = (at: number) => erasureState({ shares }, erased_id, at)
  const finish = async () => {
    for (const erasure of await waitingErasures(store)) await markErased(store, erasure, NOON)
  }
  await writer.take(sequenced(tombstoneRecords(tombstone(NOON), 0, BUCKETS)))
  store.crashAfter = 1
  await expect(finish()).rejects.toThrow('killed')
  store.crashAfter = Number.POSITIVE_INFINITY
  expect(await stateOf(NOON)).toBe('pending')
  await finish()
  expect(await stateOf(NOON)).toBe('done')

  // Within the minute: it is no copy of the one before.
  const again = NOON + 1000
  expect(await stateOf(again)).toBeUndefined()
  const [first, ...others] = sequenced(tombstoneRecords(tombstone(again), 0, BUCKETS))
  await writer.take([first!])
  await finish()
  expect(await stateOf(again)).toBe('pending')
  await writer.take(others)
  expect(await waitingErasures(store)).toMatchObject([{ customer_id: 'cust_gone', erased_id }])
  await finish()
  expect(await stateOf(again)).toBe('done')
  expect(JSON.stringify(await shares())).not.toContain('cust_gone')
})

test('the store has somebody who is erased again under the same id, and nothing that has named them since', async () => {
  const updater = createBucketUpdater({
    ...{ ...parts, store },
    erase: () => expect.unreachable('no browser is found'),
  })
  const requested = () => Object.values(store.dump('tombstones')).map((one) => one.requested_at)
  await updater.take(sequenced(tombstoneRecords(tombstone(NOON), 0, BUCKETS)))
  const reader = { get: (table: StoreTable, key: string) => store.dump(table)[key] }
  expect(await erasedIdOf(reader, SECRET, 'cust_gone')).toBe(erased_id)

  const { send, stream } = openDoor()
  await send([{ event_type: 'order_paid', timestamp: 'never', order_id: 'of cust_gone' }])
  const letters = stream.records.map(({ data }) => ({ bucket: 0, data }))
  await updater.take(sequenced(letters))
  expect(Object.values(store.dump('dead_letters'))).toMatchObject([
    { raw: expect.stringContaining('cust_gone') },
  ])
  const later = { ...tombstone(NOON + 1000), erased_id: 'erased:2' }
  const [first, ...others] = sequenced(tombstoneRecords(later, 0, BUCKETS))
  await updater.take(others)
  expect(requested()).toEqual([new Date(NOON).toISOString()])
  await updater.take([first!])
  expect(Object.values(store.dump('dead_letters'))).toMatchObject([{ raw: '' }])
  expect(requested()).toEqual([new Date(NOON + 1000).toISOString()])
  expect(Object.values(store.dump('tombstones'))).toMatchObject([
    { erased_id, scrubbed_at: new Date(NOON).toISOString() },
  ])
})
