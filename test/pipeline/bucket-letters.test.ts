import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBucketUpdater } from '../../src/consume/bucket-updater.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { DEFAULTS, openDoor } from '../door-fixture.ts'
import { createMemoryBucketStore, type MemoryBucketStore } from '../memory-bucket-store.ts'
import { SECRET } from './store-rows.ts'

const TO = Date.parse('2025-01-23T00:00:00Z')
const now = () => TO
const BUCKETS = 16

function text(sequence: number): string {
  return String(sequence).padStart(12, '0')
}

function updaterOver(store: MemoryBucketStore) {
  return createBucketUpdater({
    ...{ store, config: DEFAULTS, secret: SECRET, metrics: NO_METRICS, now },
    erase: () => expect.unreachable('nobody is erased'),
  })
}

/** A search that was refused for want of its term, its dead letter's id, and the event as it should have been. */
async function refuseOne() {
  const { stream, door } = openDoor({}, { now })
  const source = { name: 'shop', kind: 'server' } as const
  const seen = { event_type: 'search', timestamp: '2025-01-22T10:00:00Z', event_id: 's1' }
  const good = { ...seen, session_id: 's', search_term: 'lamp' }
  const send = (value: object, request_id: string, replay_of?: string) =>
    door.collectValues([value], {
      ...{ source, received_at: TO, request_id },
      ...(replay_of !== undefined && { replay_of }),
    })
  await send(seen, 'refused')
  return { stream, send, good, letter: `${new Date(TO).toISOString()}:refused:0` }
}

test('a replay that is a duplicate settles its dead letter, whatever bucket that lies in', async () => {
  const { stream, send, good, letter } = await refuseOne()
  await send(good, 'accepted')
  // Where nothing is accepted, the request's id says which bucket its record goes to.
  for (const request_id of ['replay-1', 'replay-2', 'replay-3'])
    await send(good, request_id, letter)
  const records = stream.records.map((record, index) => ({ ...record, sequence: text(index + 1) }))
  expect(new Set(records.map(({ bucket }) => bucket)).size).toBeGreaterThan(2)
  const store = createMemoryBucketStore(BUCKETS)
  for (const record of records) await updaterOver(store).take([record])
  expect(store.dump('dead_letters')).toMatchObject({
    [letter]: { status: 'replayed', replayed_as: 'duplicate' },
  })
})

test('a refused and an accepted replay make the same of a dead letter, in whatever order and buckets they come', async () => {
  const { stream, send, good, letter } = await refuseOne()
  await send({ ...good, search_term: 7 }, 'refused-again', letter)
  await send(good, 'accepted', letter)
  const [refused, ...replays] = stream.records.map((record) => record.data)
  const made = async (buckets: readonly number[], turned: boolean) => {
    const store = createMemoryBucketStore(BUCKETS)
    const [own, ...others] = buckets.map((bucket, index) => ({
      ...{ bucket, data: [refused, ...replays][index]! },
    }))
    for (const [index, record] of [own!, ...(turned ? others.reverse() : others)].entries())
      await updaterOver(store).take([{ ...record, sequence: text(index + 1) }])
    return store.dump('dead_letters')
  }
  const truth = await made([0, 0, 0], false)
  expect(truth).toMatchObject({
    [letter]: { status: 'replayed', replayed_as: 'accepted', refused_again: 1 },
  })
  const bucket = fc.integer({ min: 0, max: 2 })
  await fc.assert(
    fc.asyncProperty(fc.tuple(bucket, bucket, bucket), fc.boolean(), async (buckets, turned) => {
      expect(await made(buckets, turned)).toEqual(truth)
    }),
    { numRuns: 40 },
  )
})

test('of several replays the accepted one settles a dead letter, in whatever buckets they lie', async () => {
  const { stream, send, good, letter } = await refuseOne()
  await send(good, 'replay', letter)
  for (const request_id of ['again-1', 'again-2']) await send(good, request_id, letter)
  const [refused, accepted, ...again] = stream.records.map((record) => record.data)
  // Which bucket gets which record is the chance of their ids: every one may be above or below another.
  for (const buckets of [
    [5, 2, 0],
    [0, 2, 5],
    [2, 5, 0],
    [0, 5, 2],
  ]) {
    const [own, first, second] = buckets as [number, number, number]
    const store = createMemoryBucketStore(BUCKETS)
    const place = (bucket: number, data: Uint8Array, index: number) => ({
      ...{ bucket, data, sequence: text(index + 1) },
    })
    const records = [
      place(own, refused!, 0),
      place(first, accepted!, 1),
      place(second, again[0]!, 2),
      place(own, again[1]!, 3),
    ]
    for (const record of records) await updaterOver(store).take([record])
    expect(store.dump('dead_letters'), String(buckets)).toMatchObject({
      [letter]: { status: 'replayed', replayed_as: 'accepted' },
    })
  }
})
