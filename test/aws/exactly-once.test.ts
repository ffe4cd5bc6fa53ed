import { MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shardsOf } from '../../src/aws/kinesis-reader.ts'
import { openKinesisStream } from '../../src/aws/kinesis-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { ledgerOf } from '../../src/pipeline/ledger-shares.ts'
import { splitRecord } from '../../src/pipeline/split-record.ts'
import type { StreamSink } from '../../src/ports.ts'
import { openDoor } from '../door-fixture.ts'
import { SECRET } from '../pipeline/store-rows.ts'
import { type Accepted, COMPARED, requestsOf, type Truth, truthOf } from './accepted.ts'
import { type BucketViews, openBucketViews } from './bucket-views.ts'
import { createEventSource, type EventSource } from './event-source.ts'
import type { ConsumerName } from './functions.ts'
import { type EmulatedHome, type FaultyService, startHome } from './home.ts'
import { makeStream, streamActive } from './kinesis.ts'

const BUCKETS = 4
const RUNS = Number(process.env.HISTORIES ?? 25)
/** The same number gives the same histories; another one gives others. */
const SEED = Number(process.env.HISTORIES_SEED ?? 20_261_122)
/** However slow a machine is, it tries no longer: what it got done is told. */
const LONGEST_MS = 20 * 60_000
const SEEDS = [1, 2, 3]

/** What befalls one invocation, at its nth call to a service. */
interface Blow {
  readonly service: Exclude<FaultyService, 'kinesis'>
  readonly call: number
  /** `kill` ends the function before that call, `killed` right after it took effect; the others are passing faults. */
  readonly kind: 'kill' | 'killed' | 'throttle' | 'server_error' | 'drop' | 'lose'
}

interface Step {
  /** What befalls the append of the step's request. */
  readonly put: 'none' | 'partial' | 'throttle' | 'lose' | 'drop'
  readonly reshard: boolean
  readonly polls: readonly {
    readonly consumer: ConsumerName
    readonly size: number
    readonly blow: Blow | undefined
    readonly regroup: boolean
  }[]
}

const blow: fc.Arbitrary<Blow> = fc.record({
  service: fc.constantFrom('s3', 'dynamodb', 'dynamodb'),
  call: fc.integer({ min: 0, max: 60 }),
  kind: fc.constantFrom(
    'kill',
    'killed',
    'kill',
    'killed',
    'throttle',
    'server_error',
    'drop',
    'lose',
  ),
})

const step: fc.Arbitrary<Step> = fc.record({
  put: fc.constantFrom('none', 'none', 'partial', 'throttle', 'lose', 'drop'),
  reshard: fc.boolean(),
  polls: fc.array(
    fc.record({
      consumer: fc.constantFrom('write-lake', 'update-store'),
      size: fc.integer({ min: 1, max: 9 }),
      blow: fc.option(blow, { nil: undefined, freq: 3 }),
      regroup: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
})

describe('the functions behind their event source', () => {
  let home: EmulatedHome
  let views: BucketViews
  let truths: Truth[]
  let streams = 0

  beforeAll(async () => {
    home = await startHome({ buckets: BUCKETS, secret: SECRET })
    views = await openBucketViews(home.s3, home.lake_bucket)
    truths = await Promise.all(SEEDS.map((seed) => truthOf(requestsOf(seed))))
  })
  afterAll(async () => {
    await views.close()
    await home.close()
  })

  test('any history of faults leaves each accepted event once, and the store of a run without faults', async () => {
    let done = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: SEEDS.length - 1 }),
        fc.array(step, { minLength: 2, maxLength: 8 }),
        async (seed, steps) => {
          for (const proxy of Object.values(home.proxies)) proxy.plan = () => undefined
          await home.reset()
          // The emulated stream counts by the second: two quick histories may give other rows the same names.
          await views.query('SELECT 1')
          const run = await startRun(home, `events-${streams++}`)
          for (const [index, request] of requestsOf(SEEDS[seed]!).entries()) {
            await run.take(request, steps[index % steps.length]!)
          }
          await run.drain()
          await expectTruth(home, views, truths[seed]!)
          await expectOneRecordEach(views, truths[seed]!)
          expect(run.givenUp()).toEqual([])
          done++
        },
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true, interruptAfterTimeLimit: LONGEST_MS },
    )
    process.stderr.write(`${done} of ${RUNS} histories of seed ${SEED}\n`)
  }, 3_600_000)
})

async function startRun(home: EmulatedHome, stream_name: string) {
  const { kinesis, proxies } = home
  await makeStream(kinesis, stream_name)
  const sink = openKinesisStream({
    client: kinesis,
    stream_name,
    buckets: BUCKETS,
    metrics: NO_METRICS,
    split: splitRecord,
    sleep: async () => {},
  })
  const { door } = doorOver(sink)
  const sourceOf = (name: ConsumerName) =>
    createEventSource({
      client: kinesis,
      stream_name,
      settings: home.sources[name],
      handler: home.consumers[name],
    })
  const sources: { readonly [N in ConsumerName]: EventSource } = {
    'write-lake': sourceOf('write-lake'),
    'update-store': sourceOf('update-store'),
  }
  return {
    async take(request: Accepted, { put, reshard, polls }: Step) {
      inflictOnPut(home, put)
      await door.collectValues(request.values, request.request)
      proxies.kinesis.plan = () => undefined
      if (reshard) await reshardOnce(home, stream_name)
      for (const { consumer, size, blow: dealt, regroup } of polls) {
        if (regroup) sources[consumer].regroup()
        if (dealt) inflict(home, dealt)
        await sources[consumer].poll(size)
        for (const name of ['s3', 'dynamodb'] as const) proxies[name].plan = () => undefined
      }
    },
    async drain() {
      for (const source of Object.values(sources)) await source.drain()
    },
    givenUp: () => Object.values(sources).flatMap((source) => source.failed),
  }
}

function doorOver(stream: StreamSink) {
  return openDoor({}, { stream })
}

function inflictOnPut({ proxies }: EmulatedHome, put: Step['put']): void {
  let left = put === 'none' ? 0 : 2
  proxies.kinesis.plan = ({ operation }) => {
    if (operation !== 'PutRecords' || left-- <= 0) return undefined
    if (put === 'partial') return { kind: 'partial', refuses: (entry) => entry % 2 === left % 2 }
    if (put === 'throttle') {
      return { kind: 'refuse', status: 400, code: 'ProvisionedThroughputExceededException' }
    }
    return { kind: put === 'lose' ? 'lose' : 'drop' }
  }
}

function inflict({ proxies }: EmulatedHome, { service, call, kind }: Blow): void {
  let calls = 0
  let dead = false
  const killed = { kind: 'refuse', status: 400, code: 'AccessDeniedException' } as const
  const all = (name: FaultyService) => {
    if (dead) return killed
    if (name !== service || calls++ !== call) return undefined
    if (kind === 'kill' || kind === 'killed') dead = true
    if (kind === 'kill') return killed
    if (kind === 'killed' || kind === 'lose') return { kind: 'lose' } as const
    if (kind === 'drop') return { kind: 'drop' } as const
    if (kind === 'server_error')
      return { kind: 'refuse', status: 500, code: 'InternalError' } as const
    const code = name === 's3' ? 'SlowDown' : 'ProvisionedThroughputExceededException'
    return { kind: 'refuse', status: name === 's3' ? 503 : 400, code } as const
  }
  for (const name of ['s3', 'dynamodb'] as const) proxies[name].plan = () => all(name)
}

/** Splits the stream's one open shard, or merges its two. */
async function reshardOnce({ kinesis }: EmulatedHome, StreamName: string): Promise<void> {
  const shards = await shardsOf(kinesis, StreamName)
  const open = shards.filter((shard) => !shard.SequenceNumberRange?.EndingSequenceNumber)
  const [first, second] = open
  if (second) {
    await kinesis.send(
      new MergeShardsCommand({
        StreamName,
        ShardToMerge: first!.ShardId!,
        AdjacentShardToMerge: second.ShardId!,
      }),
    )
  } else {
    await kinesis.send(
      new SplitShardCommand({
        StreamName,
        ShardToSplit: first!.ShardId!,
        NewStartingHashKey: (2n ** 127n).toString(),
      }),
    )
  }
  await streamActive(kinesis, StreamName)
}

/** What was written again, or appended twice, never looks as if a client had sent it again. */
async function expectOneRecordEach(views: BucketViews, truth: Truth): Promise<void> {
  for (const type of Object.keys(truth.ids)) {
    const sql = `SELECT event_id FROM raw_${type} GROUP BY event_id HAVING count(DISTINCT record_hash) <> 1`
    expect(await views.query(sql), type).toEqual([])
  }
}

async function expectTruth(home: EmulatedHome, views: BucketViews, truth: Truth): Promise<void> {
  for (const table of COMPARED) {
    const found = await home.reader.list(table, { limit: 100_000 })
    const documents = Object.fromEntries(found.map(({ key, document }) => [key, document]))
    expect(documents, table).toEqual(truth.documents[table])
  }
  for (const [type, ids] of Object.entries(truth.ids)) {
    const rows = await views.query(`SELECT event_id FROM ${type} ORDER BY event_id`)
    expect(
      rows.map(([id]) => id),
      type,
    ).toEqual(ids)
  }
  const shares = [
    ...(await home.reader.shares('ledger', {})),
    ...(await home.reader.shares('lake_ledger', {})),
  ]
  const sums: { [count: string]: number } = {}
  for (const { counts } of ledgerOf(shares)) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  }
  expect(sums).toEqual({ ...truth.ledger, in_lake: truth.ledger.accepted })
}
