import { MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readStream, shardsOf } from '../../src/aws/kinesis-reader.ts'
import { openKinesisStream } from '../../src/aws/kinesis-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { decodeRecord, encodeRecord } from '../../src/pipeline/record.ts'
import { splitRecord } from '../../src/pipeline/split-record.ts'
import type { StreamSink } from '../../src/ports.ts'
import { streamSinkContract } from '../contract/stream-sink.ts'
import { type Emulator, startKinesis } from './emulators.ts'
import { type FaultProxy, startFaultProxy } from './faults.ts'
import { makeStream, streamActive, testKinesis } from './kinesis.ts'

const BUCKETS = 4

let emulator: Emulator
let proxy: FaultProxy
let streams = 0

beforeAll(async () => {
  emulator = await startKinesis()
  proxy = await startFaultProxy(emulator.endpoint)
})
afterAll(async () => {
  await proxy.close()
  await emulator.close()
})

async function freshStream(shards = 1) {
  const client = testKinesis(proxy.endpoint)
  const stream_name = `events-${streams++}`
  await makeStream(client, stream_name, shards)
  const open = (options: { attempts?: number } = {}): StreamSink =>
    openKinesisStream({
      client,
      stream_name,
      buckets: BUCKETS,
      metrics: NO_METRICS,
      split: splitRecord,
      sleep: async () => {},
      ...options,
    })
  const records = async (bucket: number) => {
    const found = []
    for await (const record of readStream(client, stream_name)) {
      if (record.partition_key === String(bucket)) found.push(record)
    }
    return found
  }
  return { client, stream_name, open, records }
}

streamSinkContract('kinesis', async () => {
  const { client, open, records } = await freshStream(2)
  return {
    sink: open(),
    records,
    reopen: async () => open(),
    destroy: async () => client.destroy(),
  }
})

describe('kinesis stream', () => {
  beforeEach(() => {
    proxy.plan = () => undefined
  })

  const texts = (records: readonly { data: Uint8Array }[]) =>
    records.map(({ data }) => Buffer.from(data).toString())

  test('entries that were refused are put again, and only those', async () => {
    const { open, records } = await freshStream()
    const sizes: number[] = []
    let calls = 0
    proxy.plan = ({ operation, body }) => {
      if (operation !== 'PutRecords') return undefined
      sizes.push(JSON.parse(body.toString()).Records.length)
      calls++
      return calls < 3 ? { kind: 'partial', refuses: (entry) => entry > 0 } : undefined
    }
    const appended = await open().append(
      [0, 1, 2, 3].map((bucket) => ({ bucket, data: Buffer.from(`b${bucket}`) })),
    )
    expect(sizes).toEqual([4, 3, 2])
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const found = await records(bucket)
      expect(texts(found)).toEqual([`b${bucket}`])
      expect(found[0]!.sequence).toBe(appended[bucket]!.sequence)
    }
  })

  test.each([
    [
      'a throttled call',
      { kind: 'refuse', status: 400, code: 'ProvisionedThroughputExceededException' },
      1,
    ],
    ['a server error', { kind: 'refuse', status: 500, code: 'InternalFailure' }, 1],
    ['a dropped connection', { kind: 'drop' }, 1],
    ['a lost answer', { kind: 'lose' }, 2],
  ] as const)('%s is made again', async (_, fault, copies) => {
    const { open, records } = await freshStream()
    let first = true
    proxy.plan = ({ operation }) => {
      if (operation !== 'PutRecords' || !first) return undefined
      first = false
      return fault
    }
    await open().append([{ bucket: 1, data: Buffer.from('x') }])
    expect(texts(await records(1))).toEqual(Array(copies).fill('x'))
  })

  test('what stays refused is stream_unavailable, in bounded attempts; what stands refused, at once', async () => {
    const { open } = await freshStream()
    let calls = 0
    let code = 'InternalFailure'
    proxy.plan = ({ operation }) => {
      if (operation !== 'PutRecords') return undefined
      calls++
      return { kind: 'refuse', status: code === 'InternalFailure' ? 500 : 400, code }
    }
    const append = () => open({ attempts: 4 }).append([{ bucket: 1, data: Buffer.from('x') }])
    await expect(append()).rejects.toMatchObject({ code: 'stream_unavailable', retryable: true })
    expect(calls).toBe(4)
    code = 'ResourceNotFoundException'
    await expect(append()).rejects.toMatchObject({ code: 'stream_unavailable' })
    expect(calls).toBe(5)
  })

  test('a record larger than Kinesis takes goes in parts, in order', async () => {
    const { open, records } = await freshStream()
    const lines = Array.from({ length: 60 }, (_, index) => ({
      group: 'search' as const,
      line: JSON.stringify({ event_id: `e${index}`, text: 'x'.repeat(50_000) }),
      id_hash: String.fromCharCode(index).repeat(16),
    }))
    const fields = {
      request_id: 'r',
      received_at: 1,
      source: 's',
      source_kind: 'server',
      dedup_from: 0,
      duplicates: {},
      rejected: {},
    } as const
    await open().append([{ bucket: 2, data: encodeRecord(fields, lines) }])
    const found = await records(2)
    expect(found.length).toBeGreaterThan(2)
    const read = found.flatMap(({ data }) =>
      decodeRecord(data).groups.flatMap((group) => group.lines),
    )
    expect(read.map((line) => Buffer.from(line).toString())).toEqual(lines.map(({ line }) => line))
    expect(found.map(({ data }) => decodeRecord(data).header.part)).toEqual(
      found.map((_, at) => at),
    )
  })

  test('sequences of a bucket grow across split and merge, and each bucket lies in one shard at a time', async () => {
    const { client, stream_name, open, records } = await freshStream()
    const sink = open()
    const put = async (value: string) => {
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        await sink.append([{ bucket, data: Buffer.from(value) }])
      }
    }
    await put('before')
    const [whole] = await shardsOf(client, stream_name)
    await client.send(
      new SplitShardCommand({
        StreamName: stream_name,
        ShardToSplit: whole!.ShardId!,
        NewStartingHashKey: (2n ** 127n).toString(),
      }),
    )
    await streamActive(client, stream_name)
    await put('split')
    const halves = (await shardsOf(client, stream_name)).slice(1)
    await client.send(
      new MergeShardsCommand({
        StreamName: stream_name,
        ShardToMerge: halves[0]!.ShardId!,
        AdjacentShardToMerge: halves[1]!.ShardId!,
      }),
    )
    await streamActive(client, stream_name)
    await put('merged')
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const found = await records(bucket)
      expect(texts(found)).toEqual(['before', 'split', 'merged'])
      expect(new Set(found.map((record) => record.shard_id)).size).toBe(3)
      const sequences = found.map((record) => record.sequence)
      expect(sequences).toEqual([...sequences].sort())
      expect(new Set(sequences).size).toBe(3)
    }
  })
})
