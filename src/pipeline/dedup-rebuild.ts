import type { Stream } from '../ports.ts'
import type { DedupWindow } from './dedup.ts'
import { decodeHeader } from './record.ts'

const READ_BYTES = 1_000_000
/** Requests append in another order than they were received in, but never this far apart. */
const DISORDER_MS = 60_000

/**
 * Fills an empty window from what the stream still holds, once at start, before the door opens. `since`: milliseconds since
 * 1970; older records are skipped, found by halving. Rejects as Stream.read does; the caller must not open the door then.
 */
export async function rebuildWindow(
  window: DedupWindow,
  stream: Stream,
  since: number,
): Promise<void> {
  const heads = stream.heads()
  const tails = stream.tails()
  const cursors: Cursor[] = []
  for (let bucket = 0; bucket < stream.buckets; bucket++) {
    const tail = tails[bucket]!
    const head = heads[bucket]!
    const start = await firstSince(stream, bucket, tail, head, since)
    if (start > tail) window.completeFrom(since)
    else if (tail > 1) window.completeFrom((await receivedAt(stream, bucket, tail)) + DISORDER_MS)
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

/** Of one record; infinity where it is gone, so that the search goes on below. */
async function receivedAt(stream: Stream, bucket: number, sequence: number): Promise<number> {
  for await (const batch of stream.read('inspect', bucket, sequence - 1, 1)) {
    return decodeHeader(batch.records[0]!.data).received_at
  }
  return Number.POSITIVE_INFINITY
}
