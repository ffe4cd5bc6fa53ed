import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Positions, StreamRecord } from '../ports.ts'
import { openSegment, type Segment } from './lmdb-segment.ts'
import { addSegment, listSegments, retireSegment, segmentDirectory } from './stream-files.ts'

export interface LmdbStreamOptions {
  readonly directory: string
  /** Fixed when the directory is first used. */
  readonly buckets: number
  readonly config: Pick<Config, 'stream_max_bytes' | 'stream_hours' | 'disk_reserve_bytes'>
  readonly metrics: Metrics
  now(): number
  /** Free bytes of the disk; the file system is asked where it is not given. */
  freeBytes?(): number
  /** Deletes a directory with all in it. */
  removeDirectory?(directory: string): Promise<void>
  /** Never appends; segments that another process makes and deletes are followed. */
  readonly readOnly?: boolean
  /** A segment is followed by the next at this size or age. */
  readonly segmentMaxBytes?: number
  readonly segmentMaxAgeMs?: number
}

/** Options with what is left out filled in. */
export interface WriterOptions extends LmdbStreamOptions {
  freeBytes(): number
  readonly segmentMaxBytes: number
  readonly segmentMaxAgeMs: number
}

/** The newest segment, to which the one appending process writes. */
export interface StreamTail {
  number(): number
  /** Undefined between a failed write and the end of `reopen`. */
  segment(): Segment | undefined
  heads(): Positions
  bytes(): number
  /** Whether the next segment should be begun before `cost` more bytes are written. An empty segment stays. */
  isDue(cost: number): boolean
  /** Begins the next segment and answers the one before. When it rejects, nothing has changed. */
  roll(): Promise<Segment>
  /** Gives each record its sequence and writes all of them, or rejects and has written none. */
  write(appends: readonly (readonly StreamRecord[])[]): Promise<{ sequence: number }[][]>
  /** Closes and opens the newest segment and tries a write. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the newest segment, or makes the first. Throws config_invalid where it has another number of buckets,
 * stream_unavailable where there is none in spite of a directory, and the engine's error.
 */
export async function openStreamTail(options: WriterOptions): Promise<StreamTail> {
  const { directory, now } = options
  let number = await newestSegment(options)
  let segment: Segment | undefined = openToAppend(options, number)
  let heads: Positions = segment.heads()
  let bytes = segment.bytes()

  function take(opened: Segment): void {
    number = opened.number
    segment = opened
    heads = opened.heads()
    bytes = opened.bytes()
  }

  function isDue(cost: number): boolean {
    const start = segment?.info.start
    if (!segment || heads.every((head, bucket) => head === start?.[bucket])) return false
    // Also where the clock was set back: a segment of the future would keep what follows for as long as that is away.
    const age = Math.abs(now() - segment.info.created_at)
    return bytes + cost > options.segmentMaxBytes || age >= options.segmentMaxAgeMs
  }

  async function roll(): Promise<Segment> {
    const old = opened(segment)
    await addSegment(directory, number + 1, { created_at: now(), start: heads })
    take(openToAppend(options, number + 1))
    return old
  }

  async function write(
    appends: readonly (readonly StreamRecord[])[],
  ): Promise<{ sequence: number }[][]> {
    const next = [...heads]
    const sequenced = appends.map((records) =>
      records.map((record) => ({ ...record, sequence: ++next[record.bucket]! })),
    )
    const records = sequenced.flat()
    if (records.length > 0) {
      const into = opened(segment)
      await into.write(records)
      heads = next
      bytes = into.bytes()
    }
    return sequenced.map((written) => written.map(({ sequence }) => ({ sequence })))
  }

  // After a failed commit LMDB may refuse the environment for good, so it is closed and opened anew. Where the disk has
  // kept a commit that was reported as failed, its sequences are passed over, never given out again.
  async function reopen(): Promise<void> {
    const broken = segment
    segment = undefined
    await broken?.close()
    const fresh = openToAppend(options, listSegments(directory).at(-1) ?? number)
    try {
      await fresh.probe(now())
    } catch (error) {
      await fresh.close()
      throw error
    }
    take(fresh)
  }

  async function close(): Promise<void> {
    const last = segment
    segment = undefined
    await last?.close()
  }

  return {
    number: () => number,
    segment: () => segment,
    heads: () => heads,
    bytes: () => bytes,
    isDue,
    roll,
    write,
    reopen,
    close,
  }
}

/** The number of the newest whole segment; the first is made where there is none. */
async function newestSegment(options: WriterOptions): Promise<number> {
  const { directory } = options
  for (const number of listSegments(directory).reverse()) {
    const found = openSegment(segmentDirectory(directory, number), number, { readOnly: false })
    await found?.close()
    if (found) return number
    // Nothing is acknowledged before a segment's info is on disk, so one without holds nothing that counts.
    retireSegment(directory, number)
  }
  const start = new Array<number>(options.buckets).fill(0)
  await addSegment(directory, 1, { created_at: options.now(), start })
  return 1
}

function opened(segment: Segment | undefined): Segment {
  if (segment) return segment
  throw new ShoplakeError('stream_unavailable', 'the newest segment is being opened again')
}

function openToAppend(options: WriterOptions, number: number): Segment {
  const directory = segmentDirectory(options.directory, number)
  const segment = openSegment(directory, number, { readOnly: false })
  if (!segment) {
    throw new ShoplakeError('stream_unavailable', `${directory} is not a segment of a stream`)
  }
  const { length } = segment.info.start
  if (length === options.buckets) return segment
  void segment.close()
  throw new ShoplakeError(
    'config_invalid',
    `the stream has ${length} buckets, not ${options.buckets}; the number is fixed when it is made`,
  )
}
