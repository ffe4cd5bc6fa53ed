import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openS3Lake } from '../../src/aws/s3-lake.ts'
import { sequenceText } from '../../src/aws/sequence.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import type { LakeSink, RowsByType, Span } from '../../src/ports.ts'
import { type LakeSinkUnderTest, lakeSinkContract } from '../contract/lake-sink.ts'
import { orderLine, rowLines, span, views } from '../lake-fixture.ts'
import { openBucketViews } from './bucket-views.ts'
import { type Emulator, startS3 } from './emulators.ts'
import { type FaultProxy, startFaultProxy } from './faults.ts'
import { keysBelow, makeBucket, testS3 } from './s3.ts'

let emulator: Emulator
let proxy: FaultProxy
let buckets = 0

beforeAll(async () => {
  emulator = await startS3()
  proxy = await startFaultProxy(emulator.endpoint)
})
afterAll(async () => {
  await proxy.close()
  await emulator.close()
})

async function freshLake() {
  const client = testS3(proxy.endpoint)
  const bucket = `lake-${buckets++}`
  await makeBucket(client, bucket)
  return {
    client,
    bucket,
    lake: openLake(client, bucket),
    keys: () => keysBelow(client, bucket, ''),
  }
}

function openLake(client: ReturnType<typeof testS3>, bucket: string): LakeSink {
  return numbered(openS3Lake({ client, bucket, metrics: NO_METRICS, now: Date.now }))
}

/** The suite counts records; Kinesis writes long numbers. */
function numbered(lake: LakeSink<string>): LakeSink {
  const spans = (given: readonly Span[]) =>
    given.map(({ bucket, first, last }) => ({
      bucket,
      first: sequenceText(String(first)),
      last: sequenceText(String(last)),
    }))
  const lines = (given: readonly { sequence: number }[] = []) =>
    given.map((line) => ({ ...line, sequence: sequenceText(String(line.sequence)) }))
  const rows = (given: RowsByType) =>
    Object.fromEntries(
      Object.entries(given).map(([type, group]) => [type, lines(group)]),
    ) as RowsByType<string>
  return {
    commit: (given, group) => lake.commit(spans(given), rows(group)),
    probe: (type, group) => lake.probe(type, lines(group) as never),
  }
}

lakeSinkContract('s3-lake', async () => {
  const { client, bucket } = await freshLake()
  const views = await openBucketViews(client, bucket)
  const under = (): LakeSinkUnderTest => ({
    lake: openLake(client, bucket),
    query: views.query,
    flush: async () => {},
    crash: async () => under(),
    async remove() {
      await views.close()
      client.destroy()
    },
  })
  return under()
})

describe('s3 lake', () => {
  beforeEach(() => {
    proxy.plan = () => undefined
  })

  test('an object is named by its type and what is in it, and never written twice', async () => {
    const { lake, keys } = await freshLake()
    const rows = { product_view: views('a', 2), order_created: rowLines([orderLine('o')]) }
    expect(await lake.commit([span(2, 7, 9), span(0, 4)], rows)).toBe('applied')
    const first = await keys()
    expect(first).toEqual([
      expect.stringMatching(/^raw\/order_created\/4-9-[0-9a-f]{12}\.parquet$/),
      expect.stringMatching(/^raw\/product_view\/4-9-[0-9a-f]{12}\.parquet$/),
    ])
    expect(await lake.commit([span(0, 4), span(2, 7, 9)], rows)).toBe('already')
    expect(await keys()).toEqual(first)
    await lake.commit([span(1, 4), span(2, 7, 9)], rows)
    expect(await keys()).toHaveLength(4)
  })

  test.each([
    ['a server error', { kind: 'refuse', status: 500, code: 'InternalError' }],
    ['a throttled call', { kind: 'refuse', status: 503, code: 'SlowDown' }],
    ['a dropped connection', { kind: 'drop' }],
    ['a lost answer', { kind: 'lose' }],
  ] as const)('%s is tried again, and the object is there once', async (_, fault) => {
    const { lake, keys } = await freshLake()
    let first = true
    proxy.plan = ({ operation }) => {
      if (operation !== 'PUT' || !first) return undefined
      first = false
      return fault
    }
    await lake.commit([span(0, 1)], { product_view: views('a', 1) })
    expect(await keys()).toHaveLength(1)
  })

  test('what stays refused is lake_unavailable; the same batch later is whole', async () => {
    const { lake, keys } = await freshLake()
    const rows = { product_view: views('a', 2), order_created: rowLines([orderLine('o')]) }
    proxy.plan = ({ path }) =>
      path.includes('product_view')
        ? { kind: 'refuse', status: 403, code: 'AccessDenied' }
        : undefined
    await expect(lake.commit([span(0, 1)], rows)).rejects.toMatchObject({
      code: 'lake_unavailable',
      retryable: true,
    })
    proxy.plan = () => undefined
    expect(await lake.commit([span(0, 1)], rows)).toBe('applied')
    expect(await keys()).toHaveLength(2)
  })
})
