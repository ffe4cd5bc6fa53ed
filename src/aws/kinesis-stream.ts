import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { StreamRecord, StreamSink } from '../ports.ts'
import { hashKeyOf, partitionKeyOf } from './bucket-key.ts'
import { failureOf } from './failure.ts'
import { sequenceText } from './sequence.ts'

export interface KinesisStreamOptions {
  readonly client: KinesisClient
  readonly stream_name: string
  readonly buckets: number
  readonly metrics: Metrics
  /** Cuts a record into several of at most `maxBytes` with the same events in the same order. */
  split(data: Uint8Array, maxBytes: number): readonly Uint8Array[]
  /** How often failed entries are put again. Default: 8, about 4 s in all. */
  readonly attempts?: number
  /** Between 0 and 1. Default: Math.random. */
  random?(): number
  sleep?(ms: number): Promise<void>
}

/** Limits of one PutRecords (API reference, PutRecords): entries, and bytes of all of them with their keys. */
const MAX_ENTRIES = 500
const MAX_REQUEST_BYTES = 4_900_000
/** Of one record with its partition key (1 MiB unless a stream is set to take more). */
const MAX_RECORD_BYTES = 1_040_000
const KEY_BYTES = 64
const FIRST_PAUSE_MS = 40
const LONGEST_PAUSE_MS = 1000

interface Entry {
  readonly bucket: number
  readonly data: Uint8Array
  /** Index of the record it is, or is a part of. */
  readonly index: number
}

/**
 * Kinesis as the stream of the door: acknowledged entry by entry, and only failed ones are put again, with growing,
 * jittered pauses. Rejects with stream_unavailable when some entry could not be put; others may stand in the stream then.
 * A call that timed out is made again, so a record may stand there twice; consumers know it by its request_id.
 */
export function openKinesisStream(options: KinesisStreamOptions): StreamSink {
  const { buckets, metrics } = options
  let closed = false
  const open = new Set<Promise<unknown>>()

  async function append(records: readonly StreamRecord[]): Promise<{ sequence: string }[]> {
    const began = performance.now()
    const sequences = records.map(() => '')
    // Parts of one bucket go one after the other: entries of one call have no order among themselves.
    for (const wave of wavesOf(records, options.split)) {
      for (const call of callsOf(wave)) await putAll(call, sequences, options)
    }
    metrics.observe('shoplake_stream_append_seconds', (performance.now() - began) / 1000)
    return sequences.map((sequence) => ({ sequence }))
  }

  return {
    buckets,
    async append(records) {
      if (closed) throw new ShoplakeError('shutting_down', 'the stream is closed')
      const appending = append(records)
      open.add(appending)
      try {
        return await appending
      } finally {
        open.delete(appending)
      }
    },
    async close() {
      closed = true
      await Promise.allSettled(open)
    },
  }
}

/** Entries in waves with at most one per bucket each. */
function wavesOf(
  records: readonly StreamRecord[],
  split: KinesisStreamOptions['split'],
): Entry[][] {
  const waves: Entry[][] = []
  records.forEach(({ bucket, data }, index) => {
    const parts = data.length > MAX_RECORD_BYTES ? split(data, MAX_RECORD_BYTES) : [data]
    parts.forEach((part, number) => {
      waves[number] ??= []
      waves[number].push({ bucket, data: part, index })
    })
  })
  return waves
}

/** A wave cut where one call would hold too much. */
function callsOf(entries: readonly Entry[]): Entry[][] {
  const calls: Entry[][] = []
  let bytes = 0
  for (const entry of entries) {
    const call = calls.at(-1)
    const size = entry.data.length + KEY_BYTES
    if (call && call.length < MAX_ENTRIES && bytes + size <= MAX_REQUEST_BYTES) {
      call.push(entry)
      bytes += size
    } else {
      calls.push([entry])
      bytes = size
    }
  }
  return calls
}

/** Puts entries until all are acknowledged, and notes their sequences. Rejects with stream_unavailable. */
async function putAll(
  entries: readonly Entry[],
  sequences: string[],
  options: KinesisStreamOptions,
): Promise<void> {
  const { attempts = 8, sleep = pause, random = Math.random } = options
  let left = entries
  let problem = ''
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) {
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
      await sleep(longest * (0.5 + random() / 2))
    }
    const outcome = await put(left, sequences, options)
    if (outcome.left.length === 0) return
    left = outcome.left
    problem = outcome.problem
  }
  throw new ShoplakeError('stream_unavailable', problem, { retryAfterS: 2 })
}

/** One call. Returns the entries that were not taken, and why. */
async function put(
  entries: readonly Entry[],
  sequences: string[],
  { client, stream_name, buckets }: KinesisStreamOptions,
): Promise<{ left: readonly Entry[]; problem: string }> {
  try {
    const answer = await client.send(
      new PutRecordsCommand({
        StreamName: stream_name,
        Records: entries.map(({ bucket, data }) => ({
          Data: data,
          PartitionKey: partitionKeyOf(bucket),
          ExplicitHashKey: hashKeyOf(bucket, buckets),
        })),
      }),
    )
    let problem = ''
    const left = entries.filter((entry, at) => {
      const result = answer.Records?.[at]
      if (result?.SequenceNumber !== undefined && result.ErrorCode === undefined) {
        sequences[entry.index] = sequenceText(result.SequenceNumber)
        return false
      }
      problem = `${result?.ErrorCode ?? 'no answer'}: ${result?.ErrorMessage ?? ''}`
      return true
    })
    return { left, problem }
  } catch (error) {
    const failure = failureOf(error)
    if (!failure.passing) {
      throw new ShoplakeError('stream_unavailable', failure.message, { cause: error })
    }
    return { left: entries, problem: failure.message }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
