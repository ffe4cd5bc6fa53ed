import { ShoplakeError } from '../errors.ts'
import type { Batch, Positions } from '../ports.ts'
import type { Segment, SegmentInfo } from './lmdb-segment.ts'
import { createHandles } from './segment-handles.ts'
import { listSegments } from './stream-files.ts'

/** The segments of a stream as one run of records per bucket, to read. */
export interface SegmentSet {
  /** Looks which segments there are now. */
  refresh(): void
  /** Numbers, oldest first. */
  numbers(): readonly number[]
  infoOf(number: number): SegmentInfo
  /** From the files, past any cache. Zeros where there is no segment. */
  heads(): Positions
  tails(): Positions
  /** Records after a sequence and up to `head`, at most `maxBytes` or one record; undefined where there is none. */
  batch(bucket: number, after: number, head: number, maxBytes: number): Batch | undefined
  /** Takes over a handle, or gives it up where it stands for a segment that goes. */
  keep(segment: Segment): void
  forget(number: number): Promise<void>
  close(): Promise<void>
}

/**
 * `writing` is the handle of the process that appends, where there is one: the newest segment is read through it alone,
 * since LMDB would join a second, read-only opening of the same files to it.
 */
export function createSegmentSet(options: {
  directory: string
  buckets: number
  writing?: () => { number: number; segment: Segment | undefined }
}): SegmentSet {
  const { directory, buckets } = options
  const handles = createHandles(options)
  let numbers: number[] = []

  function refresh(): void {
    const listed = listSegments(directory)
    // A whole segment always has its info; one that cannot be opened yet is on its way out or was just made.
    while (listed.length > 0 && !handles.info(listed.at(-1)!)) listed.pop()
    while (listed.length > 0 && !handles.info(listed[0]!)) listed.shift()
    numbers = listed
    handles.retain(listed)
  }

  function needed<T>(number: number, found: T | undefined): T {
    if (found !== undefined) return found
    throw new ShoplakeError('stream_unavailable', `segment ${number} cannot be opened now`, {
      retryAfterS: 1,
    })
  }

  function infoOf(number: number): SegmentInfo {
    return needed(number, handles.info(number))
  }

  function heads(): Positions {
    const newest = numbers.at(-1)
    if (newest === undefined) return new Array<number>(buckets).fill(0)
    const segment = needed(newest, handles.get(newest))
    segment.refresh()
    return segment.heads()
  }

  function tails(): Positions {
    const oldest = numbers[0]
    if (oldest === undefined) return new Array<number>(buckets).fill(1)
    return infoOf(oldest).start.map((before) => before + 1)
  }

  function batch(bucket: number, after: number, head: number, maxBytes: number): Batch | undefined {
    const oldest = numbers[0]
    if (oldest === undefined) return undefined
    const first = Math.max(after, infoOf(oldest).start[bucket]!) + 1
    if (first > head) return undefined
    const index = numbers.findLastIndex((number) => infoOf(number).start[bucket]! < first)
    const next = numbers[index + 1]
    const last = next === undefined ? head : Math.min(head, infoOf(next).start[bucket]!)
    const number = numbers[index]!
    const records = recordsOf(needed(number, handles.get(number)), bucket, first, last, maxBytes)
    return { bucket, first, last: first + records.length - 1, records }
  }

  return {
    refresh,
    numbers: () => numbers,
    infoOf,
    heads,
    tails,
    batch,
    keep: handles.keep,
    async forget(number) {
      numbers = numbers.filter((other) => other !== number)
      await handles.forget(number)
    },
    close: handles.close,
  }
}

function recordsOf(
  segment: Segment,
  bucket: number,
  first: number,
  last: number,
  maxBytes: number,
): Batch['records'] {
  const records: { sequence: number; data: Uint8Array }[] = []
  let bytes = 0
  segment.refresh()
  for (let sequence = first; sequence <= last; sequence++) {
    const data = segment.get(bucket, sequence)
    if (!data) {
      throw new ShoplakeError(
        'stream_unavailable',
        `record ${sequence} of bucket ${bucket} is missing in segment ${segment.number}`,
      )
    }
    bytes += data.length
    if (records.length > 0 && bytes > maxBytes) break
    records.push({ sequence, data })
  }
  return records
}
