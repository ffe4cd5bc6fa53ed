import { sequenceText } from '../src/aws/sequence.ts'
import { itemOf } from '../src/aws/store-table.ts'
import { type Config, SETTINGS } from '../src/config.ts'
import type { BucketRecord } from '../src/consume/bucket-shares.ts'
import { createBucketUpdater } from '../src/consume/bucket-updater.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { createDoor } from '../src/pipeline/collect.ts'
import { createDedupWindow } from '../src/pipeline/dedup.ts'
import { NO_RATES } from '../src/pipeline/enrich-fx.ts'
import { decodeHeader } from '../src/pipeline/record.ts'
import type { Share, ShareWrite } from '../src/share-ports.ts'
import { simulate } from '../src/simulator/simulate.ts'
import type { SimulatedEvent } from '../src/simulator/world.ts'
import { createMemoryBucketStore } from '../test/memory-bucket-store.ts'
import { createMemoryStream } from '../test/memory-stream.ts'
import { numberOf } from './arguments.ts'

/**
 * What does an event become on its way through AWS? A simulated shop at about so many events a second, in requests of so many
 * events through the real door, in batches of so many seconds through the real store updater. Counted per event: bytes on the
 * wire and in records, PUT units of 25 KB, writes of 1 KB and reads of 4 KB in the store, event types a batch. These are
 * the figures of src/monitor/packing.json. Prints one JSON line.
 * Arguments: events a second (100), events a request (100), seconds a batch (60), batches that are counted (5), buckets (16).
 */
const [rate = 100, perRequest = 100, window_s = 60, batches = 5, BUCKETS = 16] = process.argv
  .slice(2)
  .map((text) => numberOf(text, 0))
/** Events of a visit of the simulated shop, in the mean. */
const EVENTS_OF_A_VISIT = 4.1
/** Until visits end as often as they begin. */
const WARM_UP_S = 1200
const PUT_UNIT = 25 * 1024
const SOURCES = {
  browser: { name: 'web', kind: 'browser' },
  server: { name: 'shop', kind: 'server' },
} as const
const CONFIG = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as Config
const SECRET = new Uint8Array(32).fill(7)
/** As long as Kinesis' own. */
const SEQUENCE = sequenceText('49654321098765432109876543210987654321098765432109876543')
const FROM = Date.parse('2025-02-01T12:00:00Z')

const total = { events: 0, requests: 0, wire: 0, records: 0, bytes: 0, units: 0 }
const store = { writes: 0, writeUnits: 0, reads: 0, readUnits: 0, types: 0 }
const byTable: { [table: string]: number } = {}
const unitsByTable: { [table: string]: number } = {}
let now = FROM
const stream = createMemoryStream(BUCKETS)
const door = createDoor({
  ...{ stream, config: CONFIG, secret: SECRET, rates: NO_RATES, metrics: NO_METRICS },
  window: createDedupWindow({ maxIds: 1000, windowMs: 1000, now: () => now }),
  now: () => now,
})
const memory = createMemoryBucketStore(BUCKETS)
let counting = false
const updater = createBucketUpdater({
  store: {
    ...memory,
    async load(bucket, keys) {
      const found = await memory.load(bucket, keys)
      if (counting) countReads(keys.length, found)
      return found
    },
    async save(bucket, writes) {
      if (counting) countWrites(writes)
      return memory.save(bucket, writes)
    },
  },
  ...{ config: CONFIG, secret: SECRET, metrics: NO_METRICS },
  now: () => now,
  erase: async () => {},
})
let sequence = 0

await run()
process.stdout.write(`${JSON.stringify(facts())}\n`)

async function run(): Promise<void> {
  const pending = { browser: [] as SimulatedEvent[], server: [] as SimulatedEvent[] }
  const begin = FROM + WARM_UP_S * 1000
  const end = begin + window_s * batches * 1000
  let batchEnd = FROM + window_s * 1000
  const shop = simulate({
    ...{ seed: 7, from: FROM, to: end },
    sessions_per_day: (rate * 86_400) / EVENTS_OF_A_VISIT,
  })
  for (const one of shop) {
    if (one.at < FROM) continue
    while (one.at >= batchEnd) {
      now = batchEnd
      for (const source of ['browser', 'server'] as const) {
        if (!counting) await send(source, pending[source].splice(0))
      }
      await takeBatch()
      counting = batchEnd >= begin
      batchEnd += window_s * 1000
    }
    now = one.at
    const waiting = pending[one.source]
    waiting.push(one)
    if (waiting.length >= perRequest) await send(one.source, waiting.splice(0))
  }
  await takeBatch()
}

async function send(
  source: 'browser' | 'server',
  events: readonly SimulatedEvent[],
): Promise<void> {
  if (events.length === 0) return
  const body = Buffer.from(JSON.stringify(events.map(({ event }) => event)))
  const before = stream.records.length
  const request = { body, format: 'json', source: SOURCES[source], received_at: now } as const
  const { accepted } = await door.collect({
    ...request,
    request_id: `packing-${total.requests}-${sequence}-${now}-${source}`,
  })
  if (!counting) return
  total.requests++
  total.events += accepted
  total.wire += body.length
  for (const { data } of stream.records.slice(before)) {
    total.records++
    total.bytes += data.length
    total.units += Math.ceil(data.length / PUT_UNIT)
  }
}

async function takeBatch(): Promise<void> {
  const records: BucketRecord[] = stream.records
    .splice(0)
    .map((record) => ({ ...record, sequence: String(++sequence).padStart(56, '0') }))
  if (counting) {
    const types = records.flatMap(({ data }) => decodeHeader(data).groups.map(([name]) => name))
    store.types += new Set(types).size
  }
  await updater.take(records)
}

function countWrites(writes: readonly ShareWrite[]): void {
  for (const write of writes) {
    const units = Math.ceil(sizeOf(write) / 1024)
    store.writes++
    store.writeUnits += units
    unitsByTable[write.table] = (unitsByTable[write.table] ?? 0) + units
    byTable[write.table] = (byTable[write.table] ?? 0) + 1
  }
}

/** Reads are consistent: one unit for each 4 KB, and for what is not there. */
function countReads(asked: number, found: readonly Share[]): void {
  store.reads += asked
  store.readUnits += asked - found.length
  for (const share of found) store.readUnits += Math.ceil(sizeOf(share) / 4096)
}

/** Bytes of the item that DynamoDB counts: names and values (Developer Guide, "DynamoDB item sizes and formats"). */
function sizeOf(share: Share): number {
  const item = itemOf(0, { ...share, sequence: SEQUENCE, after: undefined, expires_at: FROM })
  return Object.entries(item).reduce((sum, [name, { S, B, N }]) => {
    const bytes = S === undefined ? (B?.length ?? N!.length) : Buffer.byteLength(S)
    return sum + name.length + bytes
  }, 0)
}

function facts() {
  const each = (value: number) => Number((value / total.events).toFixed(4))
  const eachOf = (counts: { readonly [table: string]: number }) =>
    Object.fromEntries(Object.entries(counts).map(([table, count]) => [table, each(count)]))
  return {
    ...{ rate, events_per_request: perRequest, window_s, events: total.events },
    events_per_s: Number((total.events / (window_s * batches)).toFixed(1)),
    wire_bytes: each(total.wire),
    record_bytes: each(total.bytes),
    records: each(total.records),
    put_units: each(total.units),
    store_writes: each(store.writes),
    store_write_units: each(store.writeUnits),
    store_reads: each(store.reads),
    store_read_units: each(store.readUnits),
    types_per_batch: store.types / batches,
    writes_by_table: eachOf(byTable),
    units_by_table: eachOf(unitsByTable),
  }
}
