import { ShoplakeError } from '../errors.ts'
import type { Batch, Positions } from '../ports.ts'
import { openSegment, type Segment, type SegmentInfo } from './lmdb-segment.ts'
import { listSegments, segmentDirectory } from './stream-files.ts'

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

/** Consumers stand in one or two segments; the rest are opened when somebody reads old records. */
const MOST_OPEN = 6

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
  const infos = new Map<number, SegmentInfo>()
  const open = new Map<number, Segment>()
  let numbers: number[] = []

  function refresh(): void {
    const listed = listSegments(directory)
    // A whole segment always has its info; one that cannot be opened yet is on its way out or was just made.
    while (listed.length > 0 && !known(listed.at(-1)!)) listed.pop()
    while (listed.length > 0 && !known(listed[0]!)) listed.shift()
    numbers = listed
    for (const number of open.keys()) if (!listed.includes(number)) drop(number)
    for (const number of infos.keys()) if (!listed.includes(number)) infos.delete(number)
  }

  function known(number: number): boolean {
    return infos.has(number) || handle(number) !== undefined
  }

  function handle(number: number): Segment | undefined {
    const writing = options.writing?.()
    if (writing?.number === number) return writing.segment && remember(writing.segment)
    const found = open.get(number)
    if (found) return touch(found)
    const segment = openSegment(segmentDirectory(directory, number), number, { readOnly: true })
    return segment && touch(segment)
  }

  function touch(segment: Segment): Segment {
    open.delete(segment.number)
    open.set(segment.number, segment)
    for (const number of open.keys()) {
      if (open.size <= MOST_OPEN) break
      drop(number)
    }
    return remember(segment)
  }

  function remember(segment: Segment): Segment {
    infos.set(segment.number, segment.info)
    return segment
  }

  function drop(number: number): void {
    void open.get(number)?.close()
    open.delete(number)
  }

  function needed(number: number): Segment {
    const segment = handle(number)
    if (segment) return segment
    throw new ShoplakeError('stream_unavailable', `segment ${number} cannot be opened now`, {
      retryAfterS: 1,
    })
  }

  function infoOf(number: number): SegmentInfo {
    return infos.get(number) ?? needed(number).info
  }

  function heads(): Positions {
    const newest = numbers.at(-1)
    if (newest === undefined) return new Array<number>(buckets).fill(0)
    const segment = needed(newest)
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
    const records = recordsOf(needed(numbers[index]!), bucket, first, last, maxBytes)
    return { bucket, first, last: first + records.length - 1, records }
  }

  return {
    refresh,
    numbers: () => numbers,
    infoOf,
    heads,
    tails,
    batch,
    keep: (segment) => {
      touch(segment)
    },
    async forget(number) {
      await open.get(number)?.close()
      open.delete(number)
      infos.delete(number)
      numbers = numbers.filter((other) => other !== number)
    },
    async close() {
      await Promise.all([...open.values()].map((segment) => segment.close()))
      open.clear()
    },
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
