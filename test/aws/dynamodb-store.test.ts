import { randomBytes } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDynamodbReader } from '../../src/aws/dynamodb-reader.ts'
import { openDynamodbStore } from '../../src/aws/dynamodb-store.ts'
import { sequenceText } from '../../src/aws/sequence.ts'
import { bookLateDuplicates } from '../../src/consume/late-duplicates.ts'
import { bucketOf } from '../../src/pipeline/bucket.ts'
import { ledgerOf } from '../../src/pipeline/ledger-shares.ts'
import { mergeShares } from '../../src/pipeline/merge-shares.ts'
import type { ShareWrite } from '../../src/share-ports.ts'
import { storeReaderContract } from '../contract/store-reader.ts'
import { makeTable, testDynamodb } from './dynamodb.ts'
import { type Emulator, startDynamodb } from './emulators.ts'
import { type Fault, type FaultProxy, startFaultProxy } from './faults.ts'

const BUCKETS = 4

let emulator: Emulator
let proxy: FaultProxy
let client: DynamoDBClient
let tables = 0

beforeAll(async () => {
  emulator = await startDynamodb()
  proxy = await startFaultProxy(emulator.endpoint)
  client = testDynamodb(proxy.endpoint)
})
afterAll(async () => {
  client.destroy()
  await proxy.close()
  await emulator.close()
})

async function freshTable() {
  const table = `store-${tables++}`
  await makeTable(client, table)
  const store = openDynamodbStore({ client, table, buckets: BUCKETS })
  const reader = openDynamodbReader({
    client,
    table,
    buckets: BUCKETS,
    merge: (name, shares) => mergeShares(name, shares, BUCKETS),
  })
  return { store, reader }
}

storeReaderContract('dynamodb', async () => {
  const { store, reader } = await freshTable()
  let sequence = 0
  return {
    reader,
    async change(changes) {
      sequence++
      for (const { table, key, document } of changes) {
        const bucket = bucketOf(key, BUCKETS)
        const [held] = await store.load(bucket, [{ table, key }])
        const write = { table, key, document, sequence: text(sequence), after: held?.sequence }
        expect(await store.save(bucket, [write])).toBe('saved')
      }
    },
    close: async () => {},
  }
})

function text(sequence: number): string {
  return sequenceText(String(sequence))
}

function write(key: string, sequence: number, after?: number): ShareWrite {
  return {
    table: 'products',
    key,
    document: { key, sequence },
    sequence: text(sequence),
    after: after === undefined ? undefined : text(after),
  }
}

describe('dynamodb store', () => {
  beforeEach(() => {
    proxy.plan = () => undefined
  })

  test('a share changes only where its guard stands as it was loaded', async () => {
    const { store } = await freshTable()
    expect(await store.save(1, [write('a', 5), write('b', 5)])).toBe('saved')
    expect(await store.save(1, [write('a', 6)])).toBe('moved')
    expect(await store.save(1, [write('a', 7, 4)])).toBe('moved')
    expect(await store.save(1, [write('a', 7, 5), write('b', 8, 1)])).toBe('moved')
    const shares = await store.load(1, [
      { table: 'products', key: 'a' },
      { table: 'products', key: 'b' },
      { table: 'products', key: 'c' },
    ])
    expect(shares.map(({ key, sequence }) => [key, sequence]).sort()).toEqual([
      ['a', text(7)],
      ['b', text(5)],
    ])
  })

  test('buckets do not see each other, and a deleted share keeps its guard', async () => {
    const { store } = await freshTable()
    await store.save(1, [write('a', 5)])
    expect(await store.load(2, [{ table: 'products', key: 'a' }])).toEqual([])
    await store.save(1, [{ ...write('a', 9, 5), document: null }])
    expect(await store.load(1, [{ table: 'products', key: 'a' }])).toEqual([
      { table: 'products', bucket: 1, key: 'a', document: null, sequence: text(9) },
    ])
    expect(await store.save(1, [write('a', 10)])).toBe('moved')
  })

  test('loads more than one call takes, and scans what begins with a prefix', async () => {
    const { store } = await freshTable()
    const writes = Array.from({ length: 230 }, (_, index) => write(`p${index % 2}/${index}`, 1))
    await store.save(3, writes)
    expect(await store.load(3, writes)).toHaveLength(230)
    expect(await store.scan(3, 'products', 'p1/')).toHaveLength(115)
    expect(await store.scan(3, 'products', '', 7)).toHaveLength(7)
    expect(await store.scan(3, 'stock', '')).toEqual([])
  })

  test('says beforehand what it has room for: what compresses to an item, under a key that is none too long', async () => {
    const { store } = await freshTable()
    const of = (key: string, text: string) => ({ ...write(key, 1), document: { text } })
    const noise = (bytes: number) => randomBytes(bytes).toString('base64')
    for (const fitting of [
      of('even', 'x'.repeat(4_000_000)),
      of('random', noise(400_000)),
      of('k'.repeat(1024), 'x'),
    ]) {
      expect(store.fits(fitting)).toBe(true)
      expect(await store.save(0, [fitting])).toBe('saved')
      expect(await store.load(0, [fitting])).toMatchObject([{ document: fitting.document }])
    }
    for (const outsized of [of('random', noise(420_000)), of('k'.repeat(1025), 'x')]) {
      expect(store.fits(outsized)).toBe(false)
    }
    await expect(store.save(0, [of('more', noise(420_000))])).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })

  test.each<[string, Fault]>([
    ['throttled', { kind: 'refuse', status: 400, code: 'ProvisionedThroughputExceededException' }],
    ['failing', { kind: 'refuse', status: 500, code: 'InternalServerError' }],
    ['dropped', { kind: 'drop' }],
    ['lost on the way back', { kind: 'lose' }],
  ])('a call that is %s once is made again, and takes effect once', async (_, fault) => {
    const { store } = await freshTable()
    await store.save(0, [write('a', 1)])
    const failed = new Set<string>()
    proxy.plan = ({ operation }) => {
      if (failed.has(operation)) return undefined
      failed.add(operation)
      return fault
    }
    expect(await store.save(0, [write('a', 2, 1)])).toBe('saved')
    const [share] = await store.load(0, [{ table: 'products', key: 'a' }])
    expect(share!.sequence).toBe(text(2))
    expect(failed.size).toBe(2)
  })

  test('late duplicates are booked though the answer to the booking is lost', async () => {
    const { store } = await freshTable()
    const counts = [{ source: 'web', event_type: 'page_view', minute: 7, events: 2 }] as const
    for (const booked of ['anew', 'over what was booked']) {
      let lost = false
      proxy.plan = ({ operation }) => {
        if (lost || !operation.endsWith('PutItem')) return undefined
        lost = true
        return { kind: 'lose' }
      }
      const count = async () => counts
      await bookLateDuplicates(store, [7], { count, expiresAt: () => undefined })
      expect(lost, booked).toBe(true)
      expect(ledgerOf(await store.scan(0, 'lake_duplicates', ''))).toMatchObject([
        { source: 'web', minute: 7, counts: { in_lake: -2, duplicate_late: 2 } },
      ])
    }
  })

  test('what stays away is store_unavailable', async () => {
    const { store, reader } = await freshTable()
    proxy.plan = () => ({ kind: 'refuse', status: 400, code: 'ResourceNotFoundException' })
    const refused = { code: 'store_unavailable', retryable: true }
    await expect(store.load(0, [{ table: 'orders', key: 'a' }])).rejects.toMatchObject(refused)
    await expect(store.scan(0, 'orders', '')).rejects.toMatchObject(refused)
    await expect(store.save(0, [write('a', 1)])).rejects.toMatchObject(refused)
    await expect(reader.get('orders', 'a')).rejects.toMatchObject(refused)
    await expect(reader.list('orders', { limit: 1 })).rejects.toMatchObject(refused)
  })
})
