import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLakeWriter } from '../../src/consume/lake.ts'
import { ShoplakeError } from '../../src/errors.ts'
import { listRefused } from '../../src/local/lake-refused.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { encodeRecord, type GroupName } from '../../src/pipeline/record.ts'
import type { Lake } from '../../src/ports.ts'
import { sums } from '../contract/lake.ts'
import {
  BUCKETS,
  type LakeHome,
  makeLakeHome,
  type OpenLake,
  orderLine,
  RECEIVED,
  rowLine,
  viewLine,
} from '../lake-fixture.ts'
import { createMemoryStream, type MemoryStream } from '../memory-stream.ts'

const CONFIG = { lake_tick_ms: 5 }

let home: LakeHome
let stream: MemoryStream
beforeEach(async () => {
  home = await makeLakeHome()
  stream = createMemoryStream(BUCKETS)
})
afterEach(() => home.remove())

function append(bucket: number, lines: readonly (readonly [GroupName, string])[]) {
  const data = encodeRecord(
    {
      request_id: 'r1',
      received_at: RECEIVED,
      source: 'web',
      source_kind: 'browser',
      dedup_from: 0,
      duplicates: {},
      rejected: {},
    },
    lines.map(([group, line]) => ({
      group,
      line,
      ...(group === 'dead_letter' || group === 'tombstone' ? {} : { id_hash: '0123456789abcdef' }),
    })),
  )
  return stream.append([{ bucket, data }])
}

function writerFor(lake: Lake, onFatal?: (error: unknown) => void) {
  return createLakeWriter({
    stream,
    lake,
    config: CONFIG,
    now: Date.now,
    metrics: NO_METRICS,
    ...(onFatal ? { onFatal } : {}),
  })
}

const ids = async (open: OpenLake) =>
  (await open.query('SELECT event_id FROM events ORDER BY 1')).flat()

test('follows the stream, and a writer after a stop goes on where the lake is', async () => {
  const open = await home.open()
  const writer = writerFor(open.lake)
  await append(0, [
    ['product_view', viewLine('a')],
    ['order_created', orderLine('b')],
    ['dead_letter', '{}'],
  ])
  writer.start()
  await append(3, [['product_view', viewLine('c')]])
  await expect.poll(() => ids(open)).toEqual(['a', 'b', 'c'])
  await append(3, [['product_view', viewLine('d')]])
  await expect.poll(() => ids(open)).toEqual(['a', 'b', 'c', 'd'])
  await writer.stop()
  await open.close()
  const again = await home.open()
  expect(again.lake.checkpoint()).toEqual([1, 0, 0, 2])
  const next = writerFor(again.lake)
  expect(await next.tick()).toBe(false)
  expect(await ids(again)).toEqual(['a', 'b', 'c', 'd'])
})

test('records without rows move the checkpoint too', async () => {
  const open = await home.open()
  await append(1, [['dead_letter', '{}']])
  await writerFor(open.lake).tick()
  await open.lake.flush()
  expect(open.lake.checkpoint()).toEqual([0, 1, 0, 0])
})

test('a row that cannot be encoded is put aside; everything else of the tick is in, also after a crash', async () => {
  const open = await home.open()
  const bad = viewLine('bad', { price: 'much', customer_id: 'cust_bad' })
  await append(0, [
    ['product_view', viewLine('a')],
    ['product_view', bad],
    ['product_view', viewLine('b')],
    ['order_created', '{"event_id":"lost"}'],
  ])
  await append(1, [['order_created', orderLine('c')]])
  expect(await writerFor(open.lake).tick()).toBe(true)
  expect(await ids(open)).toEqual(['a', 'b', 'c'])

  const again = await home.open()
  await writerFor(again.lake).tick()
  await again.lake.flush()
  expect(await ids(again)).toEqual(['a', 'b', 'c'])
  expect(sums(again.meta.ledger(0, Number.MAX_SAFE_INTEGER))).toEqual({
    in_lake: 3,
    not_encodable: 2,
  })
  const directory = path.join(home.directory, 'lake-meta/refused')
  const letters = await listRefused(again.meta, directory)
  expect(letters.map((letter) => letter.raw).sort()).toEqual(['{"event_id":"lost"}', bad].sort())
  expect(letters.find((letter) => letter.raw === bad)!.message).toContain('much')

  const person = { customer_id: 'cust_bad', anonymous_ids: [], erased_id: 'erased:1' }
  await append(2, [['tombstone', JSON.stringify({ ...person, requested_at: RECEIVED })]])
  await writerFor(again.lake).tick()
  expect((await listRefused(again.meta, directory)).map((letter) => letter.raw)).toEqual([
    '{"event_id":"lost"}',
  ])
})

test('no refused row of an erased person is kept, be it refused in the same tick or later, or booked meanwhile', async () => {
  const open = await home.open()
  const directory = path.join(home.directory, 'lake-meta/refused')
  const lettersOf = async () => {
    await open.lake.flush()
    const letters = await listRefused(open.meta, directory)
    return letters.map((letter) => JSON.parse(letter.raw).event_id).sort()
  }
  const refused = (id: string, fields: { [name: string]: unknown }) =>
    ['product_view', viewLine(id, { price: 'much', ...fields })] as const
  const person = { customer_id: '7', anonymous_ids: ['a7'], erased_id: 'erased:7' }
  const writer = writerFor(open.lake)
  await append(0, [refused('other', { customer_id: '17', product_id: 'prod_7' })])
  await append(0, [refused('before', { customer_id: '7' })])
  await writer.tick()
  expect(await lettersOf()).toEqual(['before', 'other'])
  // Refused, and its commit has not come yet.
  const pending = viewLine('pending', { price: 'much', anonymous_id: 'a7' })
  await open.lake.refuse('product_view', rowLine(pending, { bucket: 1 }), 'much')
  await append(0, [refused('same', { customer_id: '7', anonymous_id: 'a9' })])
  await append(2, [['tombstone', JSON.stringify({ ...person, requested_at: RECEIVED })]])
  await append(3, [refused('same_browser', { anonymous_id: 'a7' })])
  await writer.tick()
  expect(await lettersOf()).toEqual(['other'])
  await append(3, [refused('later', { customer_id: '7' }), refused('kept', { customer_id: 'a7' })])
  await writer.tick()
  expect(await lettersOf()).toEqual(['kept', 'other'])
  for (const name of await readdir(directory)) {
    expect(await readFile(path.join(directory, name), 'utf8')).not.toContain('"7\\"')
  }
  expect(sums(open.meta.ledger(0, Number.MAX_SAFE_INTEGER))).toEqual({ not_encodable: 7 })
})

test('an erased person is in no byte of lake, books or temporary files when the erase says done', async () => {
  const open = await home.open()
  const person = { customer_id: 'cust_5c1e9', anonymous_id: 'anon_77d1f' }
  await append(0, [
    ['product_view', viewLine('a', { ...person, extra: { note: 'cust_5c1e9 again' } })],
    ['product_view', viewLine('b', { customer_id: 'cust_stays' })],
  ])
  await append(1, [['order_created', orderLine('c', { customer_id: 'cust_5c1e9' })]])
  const writer = writerFor(open.lake)
  await writer.tick()
  await open.lake.flush()
  await append(2, [['product_view', viewLine('d', { anonymous_id: 'anon_77d1f' })]])
  await writer.tick()
  const tombstone = JSON.stringify({
    customer_id: 'cust_5c1e9',
    anonymous_ids: ['anon_77d1f'],
    erased_id: 'erased:xyz',
    requested_at: RECEIVED,
  })
  for (let bucket = 0; bucket < BUCKETS; bucket++) await append(bucket, [['tombstone', tombstone]])
  await append(3, [['product_view', viewLine('e', person)]])
  await writer.tick()
  expect(open.lake.erasures()).toMatchObject([{ erased_id: 'erased:xyz', files_pending: 2 }])
  await open.lake.flush()
  await open.lake.maintain()
  expect(open.lake.erasures()).toMatchObject([{ files_pending: 0 }])
  const rows = await open.query('SELECT event_id, customer_id FROM events ORDER BY 1')
  expect(rows).toEqual([
    ['a', 'erased:xyz'],
    ['b', 'cust_stays'],
    ['c', 'erased:xyz'],
    ['d', 'erased:xyz'],
    ['e', 'erased:xyz'],
  ])
  await open.close()
  const names = await readdir(home.directory, { recursive: true, withFileTypes: true })
  for (const name of names.filter((entry) => entry.isFile())) {
    const bytes = await readFile(path.join(name.parentPath, name.name))
    expect([name.name, bytes.includes('5c1e9') || bytes.includes('77d1f')]).toEqual([
      name.name,
      false,
    ])
  }
  const again = await home.open()
  await append(0, [['product_view', viewLine('f', person)]])
  await writerFor(again.lake).tick()
  expect(
    await again.query(`SELECT customer_id, anonymous_id FROM product_view WHERE event_id = 'f'`),
  ).toEqual([['erased:xyz', null]])
})

test('a lake that is away is tried again with the same rows; a broken one ends the loop', async () => {
  const open = await home.open()
  await append(0, [['product_view', viewLine('a')]])
  let away = 3
  let broken = false
  const lake: Lake = {
    ...open.lake,
    async commit(spans, rows) {
      if (broken) throw new ShoplakeError('internal', 'the lake must be opened again')
      if (away-- > 0) throw new ShoplakeError('lake_unavailable', 'no space left on device')
      return open.lake.commit(spans, rows)
    },
  }
  const fatal: unknown[] = []
  const writer = writerFor(lake, (error) => fatal.push(error))
  writer.start()
  await expect.poll(() => ids(open)).toEqual(['a'])
  broken = true
  await append(0, [['product_view', viewLine('b')]])
  await expect.poll(() => fatal).toMatchObject([{ code: 'internal' }])
  await writer.stop()
})
