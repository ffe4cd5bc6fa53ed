import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryStream } from '../../test/memory-stream.ts'
import { createDedupWindow } from './dedup.ts'
import { rebuildWindow } from './dedup-rebuild.ts'
import { createHashTable } from './dedup-table.ts'
import { idHash } from './event-id.ts'
import { encodeRecord } from './record.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Few first words and one shard, so that probing, wrapping and closing gaps all happen. */
const CROWDED = fc
  .tuple(fc.constantFrom(0, 1, 250, 255), fc.integer({ min: 0, max: 30 }))
  .map(([high, low]) => {
    const bytes = Buffer.alloc(16)
    bytes[7] = high
    bytes[15] = low
    return bytes.toString('latin1')
  })

test('the table is a set, whatever is added and deleted in whatever order', () => {
  const step = fc.tuple(fc.boolean(), CROWDED)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = createHashTable()
      const truth = new Set<string>()
      for (const [adds, hash] of steps) {
        if (adds) expect(table.add(hash)).toBe(!truth.has(hash))
        else table.delete(hash)
        if (adds) truth.add(hash)
        else truth.delete(hash)
        expect(table.size()).toBe(truth.size)
      }
      for (const [, hash] of steps) expect(table.has(hash)).toBe(truth.has(hash))
    }),
  )
})

test('the table keeps every one of many hashes, from text or bytes, in under 20 bytes each', () => {
  const table = createHashTable()
  const hashes = Array.from({ length: 60_000 }, (_, index) => idHash(`id-${index}`))
  for (const [index, hash] of hashes.entries()) {
    if (index % 2) expect(table.add(hash)).toBe(true)
    else expect(table.addBytes(Buffer.from(`xx${hash}`, 'latin1'), 2)).toBe(true)
  }
  expect(hashes.every((hash) => table.has(hash))).toBe(true)
  expect(hashes.some((hash) => table.add(hash))).toBe(false)
  expect(table.has(idHash('another'))).toBe(false)
  expect(table.size()).toBe(60_000)
  expect(table.bytes() / table.size()).toBeLessThan(20)
})

test('a table that knows how many will come ends up fitting them', () => {
  const expecting = createHashTable(1_000_000)
  const hash = Buffer.alloc(16)
  for (let index = 0; index < 1_000_000; index++) {
    // Any permutation of the numbers is as good as a digest here: shard and words are all used.
    hash.writeUInt32LE(index, 0)
    hash.writeUInt32LE(Math.imul(index, 2654435761) >>> 0, 4)
    expecting.addBytes(hash, 0)
  }
  expect(expecting.size()).toBe(1_000_000)
  expect(expecting.bytes() / expecting.size()).toBeLessThan(17.5)
})

function clockAt(start: number) {
  let now = start
  return { now: () => now, pass: (milliseconds: number) => (now += milliseconds) }
}

test('an id is new once, until it is released', () => {
  const window = createDedupWindow({ maxIds: 1000, windowMs: DAY_MS, now: () => 0 })
  expect(window.add(idHash('a'), 0)).toBe(true)
  expect(window.add(idHash('a'), 0)).toBe(false)
  expect(window.has(idHash('a'))).toBe(true)
  window.release(idHash('a'))
  expect(window.has(idHash('a'))).toBe(false)
  expect(window.add(idHash('a'), 0)).toBe(true)
  expect(window.size).toBe(1)
})

test('between half of maxIds and maxIds are remembered, and from() says since when', () => {
  const clock = clockAt(1000)
  const window = createDedupWindow({ maxIds: 200, windowMs: DAY_MS, now: clock.now })
  const added: { id: string; at: number }[] = []
  expect(window.from()).toBe(0)
  for (let index = 0; index < 1000; index++) {
    clock.pass(index % 3)
    added.push({ id: idHash(`id-${index}`), at: clock.now() })
    expect(window.add(idHash(`id-${index}`), clock.now())).toBe(true)
    expect(window.size).toBeLessThanOrEqual(200)
    const promised = added.filter(({ at }) => at >= window.from())
    expect(promised.every(({ id }) => window.has(id))).toBe(true)
    expect(added.slice(-100).every(({ id }) => window.has(id))).toBe(true)
  }
  expect(window.from()).toBeGreaterThan(1000)
})

test('what is older than twice the window is forgotten, what is younger than it never', () => {
  const clock = clockAt(10 * DAY_MS)
  const window = createDedupWindow({ maxIds: 1_000_000, windowMs: DAY_MS, now: clock.now })
  const at = new Map<string, number>()
  for (let index = 0; index < 4 * 24 * 64; index++) {
    clock.pass(HOUR_MS / 64)
    at.set(idHash(`id-${index}`), clock.now())
    window.add(idHash(`id-${index}`), clock.now())
  }
  const slack = 4 * HOUR_MS
  for (const [hash, moment] of at) {
    const age = clock.now() - moment
    if (age <= DAY_MS) expect(window.has(hash)).toBe(true)
    if (age > 2 * DAY_MS + slack) expect(window.has(hash)).toBe(false)
  }
  expect(window.from()).toBeGreaterThanOrEqual(clock.now() - 2 * DAY_MS - slack)
})

function recordAt(received_at: number, ids: readonly string[], dedup_from = 0): Uint8Array {
  const header = {
    request_id: 'r',
    received_at,
    source: 'shop',
    source_kind: 'server',
    dedup_from,
    duplicates: {},
    rejected: {},
  } as const
  return encodeRecord(
    header,
    ids.map((id) => ({ group: 'page_view', line: '{}', id_hash: idHash(id) })),
  )
}

const START = 100 * DAY_MS

/** A record an hour and bucket, over two days; ids `<bucket>-<hour>-<n>`. */
async function filledStream() {
  const stream = createMemoryStream(4)
  for (let hour = 0; hour < 48; hour++) {
    for (let bucket = 0; bucket < 4; bucket++) {
      const ids = [`${bucket}-${hour}-0`, `${bucket}-${hour}-1`]
      await stream.append([{ bucket, data: recordAt(START + hour * HOUR_MS + bucket, ids) }])
    }
  }
  return stream
}

test('a rebuilt window knows the stream back to its start', async () => {
  const now = () => START + 47 * HOUR_MS + 1000
  const window = createDedupWindow({ maxIds: 10_000, windowMs: 100 * HOUR_MS, now })
  await rebuildWindow(window, await filledStream(), now(), 100 * HOUR_MS)
  expect(window.size).toBe(48 * 4 * 2)
  expect(window.from()).toBe(0)
  expect(window.add(idHash('3-0-1'), now())).toBe(false)
})

test('a rebuilt window skips what is older, and says so', async () => {
  const now = () => START + 47 * HOUR_MS + 1000
  const window = createDedupWindow({ maxIds: 10_000, windowMs: DAY_MS, now })
  await rebuildWindow(window, await filledStream(), now(), DAY_MS)
  expect(window.size).toBe(24 * 4 * 2)
  expect(window.from()).toBe(now() - DAY_MS)
  expect(window.has(idHash('0-23-0'))).toBe(false)
  expect(window.has(idHash('0-24-0'))).toBe(true)
})

test('a rebuilt window admits what retention took from the stream', async () => {
  const now = () => START + 47 * HOUR_MS + 1000
  const stream = await filledStream()
  stream.trim(40)
  const window = createDedupWindow({ maxIds: 10_000, windowMs: DAY_MS, now })
  await rebuildWindow(window, stream, now(), DAY_MS)
  expect(window.size).toBe(8 * 4 * 2)
  expect(window.from()).toBeGreaterThan(START + 40 * HOUR_MS)
  expect(window.from()).toBeLessThan(START + 41 * HOUR_MS)
})

test('a rebuild beyond maxIds keeps the youngest of all buckets', async () => {
  const now = () => START + 47 * HOUR_MS + 1000
  const window = createDedupWindow({ maxIds: 100, windowMs: 100 * HOUR_MS, now })
  await rebuildWindow(window, await filledStream(), now(), 100 * HOUR_MS)
  expect(window.size).toBeLessThanOrEqual(100)
  for (let hour = 0; hour < 48; hour++) {
    for (let bucket = 0; bucket < 4; bucket++) {
      const isPromised = START + hour * HOUR_MS + bucket >= window.from()
      if (isPromised) expect(window.has(idHash(`${bucket}-${hour}-1`))).toBe(true)
    }
  }
  expect(window.from()).toBeLessThan(START + 42 * HOUR_MS)
})

test('an empty stream gives an empty window that is complete', async () => {
  const window = createDedupWindow({ maxIds: 100, windowMs: DAY_MS, now: () => START })
  await rebuildWindow(window, createMemoryStream(4), START, DAY_MS)
  expect([window.size, window.from()]).toEqual([0, 0])
})

test('what the window promises holds under any clock and any restart', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ adds: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 3, arbitrary: fc.record({ leap: fc.integer({ min: -80, max: 80 }) }) },
    { weight: 1, arbitrary: fc.record({ restart: fc.constant(true) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = clockAt(START)
      const stream = createMemoryStream(2)
      const open = async () => {
        const window = createDedupWindow({ maxIds: 40, windowMs: DAY_MS, now: clock.now })
        await rebuildWindow(window, stream, clock.now(), DAY_MS)
        return window
      }
      let window = await open()
      const added: { hash: string; at: number }[] = []
      for (const step of steps) {
        if ('leap' in step) clock.pass(step.leap * HOUR_MS)
        else if ('restart' in step) window = await open()
        else {
          clock.pass(1000)
          const ids = Array.from({ length: step.adds }, (_, index) => `${added.length}-${index}`)
          for (const id of ids) {
            expect(window.add(idHash(id), clock.now())).toBe(true)
            added.push({ hash: idHash(id), at: clock.now() })
          }
          const data = recordAt(clock.now(), ids, window.from())
          await stream.append([{ bucket: added.length % 2, data }])
        }
        const forgotten = added.filter(({ hash, at }) => at >= window.from() && !window.has(hash))
        expect(forgotten).toEqual([])
      }
    }),
    { numRuns: 300 },
  )
})

test('a bucket that retention has emptied promises nothing of the past, and something of the future', async () => {
  const stream = createMemoryStream(2)
  await stream.append([{ bucket: 0, data: recordAt(START, ['a']) }])
  stream.trim(1)
  const window = createDedupWindow({ maxIds: 100, windowMs: DAY_MS, now: () => START + DAY_MS })
  await rebuildWindow(window, stream, START + DAY_MS, DAY_MS)
  expect(window.from()).toBe(START + DAY_MS)
})
