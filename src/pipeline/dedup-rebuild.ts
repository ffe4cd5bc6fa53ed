import type { Stream } from '../ports.ts'
import { type DedupWindow, DISORDER_MS } from './dedup.ts'
import { decodeHeader, type RecordHeader } from './record.ts'

const READ_BYTES = 1_000_000
/**
 * Fills an empty window from what the stream still holds, once at start, before the door opens. `now`: milliseconds since
 * 1970; records older than `windowMs` are skipped, found by halving. Rejects as Stream.read does; the caller must not open the door then.
 */
export async function rebuildWindow(
  window: DedupWindow,
  stream: Stream,
  now: number,
  windowMs: number,
): Promise<void> {
  const since = now - windowMs
  const heads = stream.heads()
  const tails = stream.tails()
  const cursors: Cursor[] = []
  for (let bucket = 0; bucket < stream.buckets; bucket++) {
    const tail = tails[bucket]!
    const head = heads[bucket]!
    const start = await firstSince(stream, bucket, tail, head, since)
    if (start > tail)
      window.completeFrom(Math.max(since, await knownFrom(stream, bucket, start - 1)))
    else if (tail > head && tail > 1) window.completeFrom(now)
    else if (tail > 1) window.completeFrom(await knownFrom(stream, bucket, tail))
    const cursor = await openCursor(stream, bucket, start)
    if (cursor) cursors.push(cursor)
  }
  await mergeInto(window, cursors)
}

/** One bucket's records, oldest first, with the next one in hand. */
interface Cursor {
  readonly records: AsyncGenerator<Uint8Array>
  data: Uint8Array
  received_at: number
}

async function openCursor(
  stream: Stream,
  bucket: number,
  start: number,
): Promise<Cursor | undefined> {
  const cursor = { records: recordsOf(stream, bucket, start - 1), data: EMPTY, received_at: 0 }
  return (await advance(cursor)) ? cursor : undefined
}

const EMPTY = new Uint8Array()

async function* recordsOf(
  stream: Stream,
  bucket: number,
  after: number,
): AsyncGenerator<Uint8Array> {
  for await (const batch of stream.read('inspect', bucket, after, READ_BYTES)) {
    for (const record of batch.records) yield record.data
  }
}

async function advance(cursor: Cursor): Promise<boolean> {
  const next = await cursor.records.next()
  if (next.done) return false
  cursor.data = next.value
  cursor.received_at = decodeHeader(next.value).received_at
  return true
}

/** In order of received_at over all buckets: the window forgets by age, not by bucket. */
async function mergeInto(window: DedupWindow, cursors: Cursor[]): Promise<void> {
  while (cursors.length > 0) {
    let oldest = 0
    for (let index = 1; index < cursors.length; index++) {
      if (cursors[index]!.received_at < cursors[oldest]!.received_at) oldest = index
    }
    window.loadFrom(cursors[oldest]!.data)
    if (!(await advance(cursors[oldest]!))) cursors.splice(oldest, 1)
  }
}

/** The first sequence whose record was received at or after `since`; head + 1 where there is none. */
async function firstSince(
  stream: Stream,
  bucket: number,
  tail: number,
  head: number,
  since: number,
): Promise<number> {
  let low = tail
  let high = head + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await receivedAt(stream, bucket, middle)) < since - DISORDER_MS) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Everything before this record was received before the answer. A clock that was set back in between shows in the record's
 * own dedup_from, which then lies after its received_at.
 */
async function knownFrom(stream: Stream, bucket: number, sequence: number): Promise<number> {
  const header = await headerAt(stream, bucket, sequence)
  return header ? Math.max(header.received_at + DISORDER_MS, header.dedup_from) : 0
}

/** Infinity where the record is gone, so that the search goes on below. */
async function receivedAt(stream: Stream, bucket: number, sequence: number): Promise<number> {
  return (await headerAt(stream, bucket, sequence))?.received_at ?? Number.POSITIVE_INFINITY
}

async function headerAt(
  stream: Stream,
  bucket: number,
  sequence: number,
): Promise<RecordHeader | undefined> {
  for await (const batch of stream.read('inspect', bucket, sequence - 1, 1)) {
    return decodeHeader(batch.records[0]!.data)
  }
  return undefined
}
