import { constants } from 'node:os'
import { type ErrorCode, ShoplakeError } from '../errors.ts'
import type { Positions, StreamRecord } from '../ports.ts'
import { createGroupCommit, type GroupCommit } from './group-commit.ts'
import { bytesOf, diskCost } from './lmdb-segment.ts'
import { createSegmentSet, type SegmentSet } from './segment-set.ts'
import { createStreamBounds } from './stream-bounds.ts'
import { removeRetired, retiredBytes, retireSegment, segmentDirectory } from './stream-files.ts'
import { openStreamTail, type StreamTail, type WriterOptions } from './stream-tail.ts'

/** What the appending process does with the segments. */
export interface StreamWriter {
  readonly segments: SegmentSet
  append(records: readonly StreamRecord[]): Promise<{ sequence: number }[]>
  heads(): Positions
  trim(passed: readonly Positions[]): Promise<void>
  onAppend(listener: () => void): () => void
  bytes(): number
  writable(): { ok: true } | { ok: false; code: ErrorCode; detail: string }
  close(): Promise<void>
}

interface Append {
  readonly records: readonly StreamRecord[]
  readonly cost: number
}

type Queue = GroupCommit<Append, { sequence: number }[]>

/** Beyond it a disk writes no faster and the first of a group waits for the last. */
const GROUP_BYTES = 4_000_000
/** A commit that runs longer counts as a disk that hangs. */
const STALLED_MS = 10_000
/** Part of stream_max_bytes from which passed segments go before their hours are over. */
const CROWDED = 0.8

/** Opens the newest segment to append, or makes the first. Only one process may do so for a directory. */
export async function openStreamWriter(options: WriterOptions): Promise<StreamWriter> {
  const { metrics } = options
  const tail = await openStreamTail(options)
  const segments = segmentsOf(options, tail)
  const sealed = sealedSegments(options.directory, segments)
  const bounds = createStreamBounds(options)
  const listeners = createListeners()
  const bytesOfSegments = () => tail.bytes() + sealed.bytes()
  /** What was taken away and could not be deleted yet takes room, too. */
  let undeletedBytes = 0
  const bytes = () => bytesOfSegments() + undeletedBytes
  let queuedBytes = 0

  const queue: Queue = createGroupCommit<Append, { sequence: number }[]>({
    sizeOf: (item) => item.cost,
    maxGroupBytes: GROUP_BYTES,
    failureOf: (error) => failureOf(error, options.freeBytes),
    async write(items) {
      if (tail.isDue(items.reduce((sum, item) => sum + item.cost, 0))) await roll()
      const outcomes = await tail.write(items.map((item) => item.records))
      metrics.set('shoplake_stream_bytes', bytes())
      listeners.tell()
      return outcomes
    },
    async recover() {
      await tail.reopen()
      segments.refresh()
      sealed.look()
      listeners.tell()
    },
  })

  async function roll(): Promise<void> {
    segments.keep(await tail.roll())
    segments.refresh()
    sealed.look()
  }

  async function append(records: readonly StreamRecord[]): Promise<{ sequence: number }[]> {
    const cost = diskCost(records)
    const refusal = queue.broken() ?? bounds.refusal(bytes() + queuedBytes, cost)
    if (refusal) throw refusal
    const since = performance.now()
    queuedBytes += cost
    try {
      return await queue.add({ records, cost })
    } finally {
      queuedBytes -= cost
      metrics.observe('shoplake_stream_append_seconds', (performance.now() - since) / 1000)
    }
  }

  /** Also what an earlier try could not delete. */
  async function deleteRetired(): Promise<void> {
    try {
      await removeRetired(options.directory, options.removeDirectory)
    } catch (error) {
      metrics.add('shoplake_stream_trim_failures_total')
      throw error
    } finally {
      undeletedBytes = retiredBytes(options.directory)
    }
  }

  async function trim(passed: readonly Positions[]): Promise<void> {
    // An empty append passes through the queue, where a segment that is due is followed by the next.
    if (!queue.broken() && tail.isDue(0)) await queue.add({ records: [], cost: 0 })
    const isCrowded = () => bytesOfSegments() > options.config.stream_max_bytes * CROWDED
    await retirePassed(options, segments, passed, isCrowded, sealed.look)
    await deleteRetired().finally(() => metrics.set('shoplake_stream_bytes', bytes()))
  }

  function writable(): ReturnType<StreamWriter['writable']> {
    const failure = queue.broken() ?? stalled(queue) ?? bounds.refusal(bytes() + queuedBytes, 1)
    return failure ? { ok: false, code: failure.code, detail: failure.message } : { ok: true }
  }

  // What cannot be deleted now keeps nobody from appending: it is counted, and the next trim tries it again.
  await deleteRetired().catch(() => undefined)
  return {
    segments,
    append,
    heads: tail.heads,
    trim: oneAtATime(trim),
    bytes,
    writable,
    onAppend: listeners.add,
    async close() {
      await queue.close(new ShoplakeError('shutting_down', 'the stream is closed'))
      await tail.close()
    },
  }
}

/** A call during another gets that one's outcome. */
function oneAtATime<T>(work: (given: T) => Promise<void>): (given: T) => Promise<void> {
  let running: Promise<void> | undefined
  return (given) => {
    running ??= work(given).finally(() => {
      running = undefined
    })
    return running
  }
}

function createListeners() {
  const listeners = new Set<() => void>()
  return {
    add(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    /** Later in the same turn: a listener's error must not become that of the append. */
    tell(): void {
      for (const listener of listeners) queueMicrotask(listener)
    },
  }
}

function segmentsOf(options: WriterOptions, tail: StreamTail): SegmentSet {
  const segments = createSegmentSet({
    directory: options.directory,
    buckets: options.buckets,
    writing: () => ({ number: tail.number(), segment: tail.segment() }),
  })
  segments.refresh()
  return segments
}

/** Sizes of the segments before the newest: they no longer change, so each is measured once. */
function sealedSegments(directory: string, segments: SegmentSet) {
  let sizes = new Map<number, number>()
  function look(): void {
    const numbers = segments.numbers().slice(0, -1)
    sizes = new Map(
      numbers.map((number) => [
        number,
        sizes.get(number) ?? bytesOf(segmentDirectory(directory, number)),
      ]),
    )
  }
  look()
  return { look, bytes: () => [...sizes.values()].reduce((sum, size) => sum + size, 0) }
}

/** Takes segments away from the oldest on, as far as each has been passed by all and is old, or room is needed. */
async function retirePassed(
  options: WriterOptions,
  segments: SegmentSet,
  passed: readonly Positions[],
  isCrowded: () => boolean,
  removed: () => void,
): Promise<void> {
  const keptMs = options.config.stream_hours * 3_600_000
  for (;;) {
    const [oldest, ...later] = segments
      .numbers()
      .map((number) => ({ number, info: segments.infoOf(number) }))
    const next = later[0]
    if (oldest === undefined || next === undefined) return
    if (!hasPassed(passed, next.info.start)) return
    // Its records were there before each later segment was made, also before one that was made after a clock was set back.
    const ended = Math.min(...later.map(({ info }) => info.created_at))
    if (options.now() - ended < keptMs && !isCrowded()) return
    // The rename first: a look at the directory during the rest of this no longer finds it.
    retireSegment(options.directory, oldest.number)
    await segments.forget(oldest.number)
    removed()
  }
}

function hasPassed(passed: readonly Positions[], end: Positions): boolean {
  if (passed.length === 0) return false
  return passed.every((positions) => end.every((last, bucket) => (positions[bucket] ?? 0) >= last))
}

function stalled(queue: Queue): ShoplakeError | undefined {
  if (queue.runningMs() < STALLED_MS) return undefined
  return new ShoplakeError('stream_unavailable', 'a commit has not ended for 10 seconds')
}

/** Error numbers of the operating system, which LMDB passes on. */
const FULL_DISK: readonly unknown[] = [constants.errno.ENOSPC, constants.errno.EDQUOT]

/** LMDB says EIO when the disk took only a part of a write, as a full one does: so the disk is asked too. */
function failureOf(error: unknown, freeBytes: () => number): ShoplakeError {
  if (error instanceof ShoplakeError) return error
  const { code, errno = 0, message } = error as { code?: unknown; errno?: number; message: string }
  const isFull = FULL_DISK.includes(code) || FULL_DISK.includes(-errno) || freeBytes() < GROUP_BYTES
  return new ShoplakeError(
    isFull ? 'disk_full' : 'stream_unavailable',
    `the stream could not be written: ${message}`,
    { cause: error, retryAfterS: isFull ? 10 : 1 },
  )
}
