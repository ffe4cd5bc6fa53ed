import { bucketOfKey } from '../aws/bucket-key.ts'
import type { kinesisClient } from '../aws/clients.ts'
import { readStream } from '../aws/kinesis-reader.ts'
import { ShoplakeError } from '../errors.ts'
import { createLedger, type LedgerReport } from '../monitor/ledger.ts'
import type { TailRecord } from '../monitor/ledger-tail.ts'
import { ledgerOf, minuteKey } from '../pipeline/ledger-shares.ts'
import { noRequests, type RecentRequests, seenBefore } from '../pipeline/recent-requests.ts'
import { decodeHeader, isEventGroup } from '../pipeline/record.ts'
import type { LedgerDelta, Positions } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import type { BucketReader, BucketTable, Share } from '../share-ports.ts'

export interface DistributedLedgerOptions {
  readonly reader: BucketReader
  readonly client: ReturnType<typeof kinesisClient>
  readonly stream_name: string
  readonly buckets: number
  /** Milliseconds since 1970. */
  now(): number
}

/** How far back records are looked for that a consumer has not passed; a longer lag makes the answer incomplete. */
const TAIL_MS = 20 * 60_000
const TRIES = 6
const PAUSE_MS = 300

interface Booked {
  readonly ledger: LedgerDelta[]
  /** By bucket: the last record that was booked, and the minute it was received in. */
  readonly reached: ReadonlyMap<number, { sequence: string; minute: number }>
}

/** The balance of the ledger: what both consumers booked, and what the stream holds behind each of them. */
export function ledgerOver(
  options: DistributedLedgerOptions,
): (from: number, to: number) => Promise<LedgerReport> {
  return async (from, to) => {
    const written = await booked(options, 'lake_ledger', 'lake_checkpoint', from, to)
    const late = await options.reader.shares('lake_duplicates', minutesOf(from, to))
    const lake = { ...written, ledger: [...written.ledger, ...ledgerOf(late)] }
    const store = await booked(options, 'ledger', 'checkpoint', from, to)
    const tail = await readTail(options)
    const count = (bucket: number, consumer: Booked) => {
      const sequence = consumer.reached.get(bucket)?.sequence ?? ''
      return tail.records[bucket]!.filter((record) => record.text <= sequence).length
    }
    const positions = (consumer: Booked): Positions =>
      tail.records.map((_, bucket) => count(bucket, consumer))
    const ask = createLedger({
      tail: {
        look: async () => ({
          records: tail.records.flat(),
          complete: isComplete(tail, lake) && isComplete(tail, store),
        }),
      },
      lake: () => {
        const reached = positions(lake)
        return { ledger: lake.ledger, checkpoints: byType(reached), floor: reached }
      },
      store: () => ({ ledger: store.ledger, checkpoint: positions(store) }),
      heads: () => tail.records.map((records) => records.length),
      now: options.now,
    })
    return ask(from, to)
  }
}

/** Keys of the minutes in [from, to). */
function minutesOf(from: number, to: number): { from: string; to: string } {
  return { from: minuteKey(from), to: minuteKey(to) }
}

function byType(positions: Positions): ReadonlyMap<EventType, Positions> {
  return new Map(EVENT_TYPES.map((type) => [type, positions]))
}

/** Counts and checkpoints that belong together: counts are written first, so those ahead of a checkpoint are under way. */
async function booked(
  { reader }: DistributedLedgerOptions,
  counts: BucketTable,
  checkpoint: BucketTable,
  from: number,
  to: number,
): Promise<Booked> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const before = await reader.shares(checkpoint, {})
    const shares = await reader.shares(counts, minutesOf(from, to))
    const after = await reader.shares(checkpoint, {})
    if (textOf(before) !== textOf(after) || isAhead(shares, after)) continue
    return { ledger: ledgerOf(shares), reached: reachedOf(after) }
  }
  throw new ShoplakeError('store_unavailable', 'the ledger is being written; ask again', {
    retryAfterS: 2,
  })
}

type Placed = Share & { readonly bucket?: number }

function textOf(shares: readonly Share[]): string {
  return JSON.stringify(shares.map((share) => share.sequence))
}

function isAhead(shares: readonly Placed[], checkpoints: readonly Placed[]): boolean {
  const reached = reachedOf(checkpoints)
  return shares.some(({ bucket, sequence }) => sequence > (reached.get(bucket!)?.sequence ?? ''))
}

function reachedOf(shares: readonly Placed[]): Booked['reached'] {
  return new Map(
    shares.map(({ bucket, sequence, document }) => {
      const { minutes } = (document ?? noRequests()) as unknown as RecentRequests
      return [bucket!, { sequence, minute: Math.max(0, ...Object.keys(minutes).map(Number)) }]
    }),
  )
}

type TextRecord = TailRecord & { readonly text: string }

interface Tail {
  /** By bucket, in order; sequences count from 1. */
  readonly records: readonly TextRecord[][]
  /** Minutes since 1970 from which all records are there. */
  readonly from_minute: number
}

async function readTail(options: DistributedLedgerOptions): Promise<Tail> {
  const from = options.now() - TAIL_MS
  const records: TextRecord[][] = Array.from({ length: options.buckets }, () => [])
  const seen = records.map(noRequests)
  for await (const record of readStream(options.client, options.stream_name, new Date(from))) {
    const bucket = bucketOfKey(record.partition_key, options.buckets)
    if (bucket === undefined) continue
    const header = decodeHeader(record.data)
    // A copy that an append has left counts nowhere.
    const isCopy = seenBefore(seen[bucket]!, header)
    const groups = isCopy ? [] : header.groups
    const accepted = groups.flatMap(([name, lines]): [EventType, number][] =>
      isEventGroup(name) ? [[name, lines]] : [],
    )
    records[bucket]!.push({
      bucket,
      sequence: records[bucket]!.length + 1,
      text: record.sequence,
      minute: Math.floor(header.received_at / 60_000),
      source: header.source,
      accepted,
      duplicates: isCopy ? {} : header.duplicates,
      rejected: isCopy ? {} : header.rejected,
    })
  }
  return { records, from_minute: Math.ceil(from / 60_000) }
}

/** Whether no record can lie between a bucket's checkpoint and the first one of its tail. */
function isComplete({ records, from_minute }: Tail, { reached }: Booked): boolean {
  return records.every((found, bucket) => {
    const checkpoint = reached.get(bucket)
    if (found.length === 0 || found[0]!.text <= (checkpoint?.sequence ?? '')) return true
    return checkpoint === undefined || checkpoint.minute >= from_minute
  })
}
