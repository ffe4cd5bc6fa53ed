import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ErrorCode, ShoplakeError } from '../errors.ts'
import type { Batch, Positions, Stream, StreamRecord } from '../ports.ts'
import { bytesOf, MAX_BUCKETS } from './lmdb-segment.ts'
import { createSegmentSet, type SegmentSet } from './segment-set.ts'
import { freeBytesOf } from './stream-bounds.ts'
import { removeLeftovers, segmentDirectory } from './stream-files.ts'
import type { LmdbStreamOptions } from './stream-tail.ts'
import { openStreamWriter } from './stream-writer.ts'

/** The embedded stream: LMDB segments under one directory; one process appends, any number read. */
export interface LmdbStream extends Stream {
  /**
   * Deletes whole segments, oldest first, that every one of `passed` has passed and whose last record is older than
   * stream_hours, or earlier where stream_max_bytes needs the room. Never deletes a record that one has not passed.
   * Also closes a segment that is old though little is written, so that its records can go in time. Rejects where bytes cannot
   * be deleted: their records are gone all the same, and the next call tries it again.
   */
  trim(passed: readonly Positions[]): Promise<void>
  /** Calls back, in the same process, after each append became durable. The answer ends it. */
  onAppend(listener: () => void): () => void
  /** Bytes of all segments on disk. */
  bytes(): number
  /** Whether an append of one byte would be taken now, and why not. */
  writable(): { ok: true } | { ok: false; code: ErrorCode; detail: string }
}

/** Small beside stream_max_bytes, so that retention is fine-grained; large beside one request. */
const SEGMENT_BYTES = 256_000_000
const SEGMENT_AGE_MS = 3_600_000

/**
 * Opens the stream. Everything acknowledged before is there, also after a kill at any moment.
 * Throws config_invalid where the directory was made with another number of buckets, and the engine's error where its
 * files cannot be opened.
 */
export async function openLmdbStream(options: LmdbStreamOptions): Promise<LmdbStream> {
  if (options.buckets < 1 || options.buckets > MAX_BUCKETS) {
    throw new ShoplakeError('config_invalid', `buckets must be from 1 to ${MAX_BUCKETS}`)
  }
  return options.readOnly ? openToRead(options) : await openToWrite(options)
}

async function openToWrite(options: LmdbStreamOptions): Promise<LmdbStream> {
  removeLeftovers(options.directory)
  const { config } = options
  const writer = await openStreamWriter({
    ...options,
    freeBytes: options.freeBytes ?? (() => freeBytesOf(options.directory)),
    segmentMaxBytes:
      options.segmentMaxBytes ?? Math.min(SEGMENT_BYTES, Math.floor(config.stream_max_bytes / 8)),
    segmentMaxAgeMs: options.segmentMaxAgeMs ?? SEGMENT_AGE_MS,
  })
  const { segments } = writer
  return {
    buckets: options.buckets,
    append: writer.append,
    read: (_consumer, bucket, after, maxBytes) =>
      batchesOf(segments, () => writer.heads(), bucket, after, maxBytes),
    heads: writer.heads,
    tails: segments.tails,
    trim: writer.trim,
    onAppend: writer.onAppend,
    bytes: writer.bytes,
    writable: writer.writable,
    close: async () => {
      await writer.close()
      await segments.close()
    },
  }
}

function openToRead(options: LmdbStreamOptions): LmdbStream {
  const segments = createSegmentSet(options)
  const fresh = <T>(read: () => T): T => {
    segments.refresh()
    return read()
  }
  return {
    buckets: options.buckets,
    append: (_records: readonly StreamRecord[]) =>
      Promise.reject(new ShoplakeError('stream_unavailable', 'this process only reads the stream')),
    read: (_consumer, bucket, after, maxBytes) =>
      batchesOf(segments, () => fresh(segments.heads), bucket, after, maxBytes),
    heads: () => fresh(segments.heads),
    tails: () => fresh(segments.tails),
    trim: () =>
      Promise.reject(new ShoplakeError('stream_unavailable', 'this process only reads the stream')),
    onAppend: () => () => {},
    bytes: () =>
      fresh(segments.numbers).reduce(
        (sum, number) => sum + bytesOf(segmentDirectory(options.directory, number)),
        0,
      ),
    writable: () => ({ ok: false, code: 'stream_unavailable', detail: 'opened to read' }),
    close: segments.close,
  }
}

async function* batchesOf(
  segments: SegmentSet,
  heads: () => Positions,
  bucket: number,
  after: number,
  maxBytes: number,
): AsyncGenerator<Batch> {
  const head = heads()[bucket]!
  for (let position = after; ; ) {
    const batch = segments.batch(bucket, position, head, maxBytes)
    if (!batch) return
    yield batch
    position = batch.last
    // A long catch-up shares the process with the HTTP door: let it have its turn between batches.
    await nextTurn()
  }
}
