import { statSync } from 'node:fs'
import path from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { Positions } from '../ports.ts'
import { DURABLE, writeBatch } from './lmdb-environment.ts'
import { refuseHeadless } from './lmdb-head.ts'
import { type LmdbMutex, mutexOf } from './lmdb-mutex.ts'

/**
 * One LMDB environment of the stream: a stretch of every bucket. Keys are 7 bytes, bucket (u8) and sequence (u48, big
 * endian), so that a bucket's records lie in order; values are the records' bytes. One key above all buckets holds what
 * the segment is.
 */
export interface Segment {
  readonly number: number
  readonly info: SegmentInfo
  /** Lets go of the last snapshot: what follows in this turn of the event loop sees every commit made before. */
  refresh(): void
  /** Bytes of a record, the caller's to keep; undefined where there is none. */
  get(bucket: number, sequence: number): Uint8Array | undefined
  /** The last sequence of every bucket, from one snapshot; where a bucket is empty, what stood before the segment. */
  heads(): number[]
  /** Resolves when all are on disk; rejects when none is. After a rejection the segment must be closed and opened again. */
  write(records: readonly SequencedRecord[]): Promise<void>
  /** Writes one small key: shows whether the segment takes writes. Resolves and rejects as `write` does. */
  probe(at: number): Promise<void>
  /** Bytes of its files. */
  bytes(): number
  close(): Promise<void>
}

export interface SegmentInfo {
  /** Milliseconds since 1970. */
  readonly created_at: number
  /** Per bucket, the last sequence before this segment. */
  readonly start: Positions
}

export interface SequencedRecord {
  readonly bucket: number
  readonly sequence: number
  readonly data: Uint8Array
}

/** Most buckets that a key can tell apart from the info key. */
export const MAX_BUCKETS = 128
const PAGE_BYTES = 4096

const KEY_BYTES = 7
const MAX_SEQUENCE = 2 ** 48 - 1
const INFO_KEY = Buffer.from([0xff])
const PROBE_KEY = Buffer.from([0xfe])
/** Address space, not disk: far above the size at which a segment is followed by the next. */
const MAP_BYTES = 4 * 2 ** 30

/**
 * Opens the segment in a directory; undefined where there is no whole one. Throws LMDB's error when the files cannot be
 * opened. Within one process a segment opened to write must be opened before, never after, one to read of the same files.
 */
export function openSegment(
  directory: string,
  number: number,
  options: { readOnly: boolean },
): Segment | undefined {
  if (sizeOf(dataFile(directory)) === 0) return undefined
  const mutex = mutexBeside(directory)
  const db = mutex.within(() => openEnvironment(directory, options.readOnly))
  const info = db.getBinary(INFO_KEY)
  if (info) return segmentOf(db, mutex, directory, number, JSON.parse(info.toString('utf8')))
  void mutex.hold(() => db.close())
  return undefined
}

/** Makes an empty segment in a directory that does not exist yet; its info is on disk when this resolves. */
export async function makeSegment(directory: string, info: SegmentInfo): Promise<void> {
  const mutex = mutexBeside(directory)
  const db = mutex.within(() => openEnvironment(directory, false))
  try {
    await writeAll(db, mutex, [[INFO_KEY, Buffer.from(JSON.stringify(info))]])
  } finally {
    await mutex.hold(() => db.close())
  }
}

/** One for all segments of a stream. */
function mutexBeside(directory: string): LmdbMutex {
  return mutexOf(path.join(path.dirname(directory), 'mutex'))
}

function openEnvironment(directory: string, readOnly: boolean): RootDatabase<Buffer, Buffer> {
  refuseHeadless(directory)
  return open<Buffer, Buffer>(directory, {
    ...DURABLE,
    keyEncoding: 'binary',
    encoding: 'binary',
    compression: false,
    mapSize: MAP_BYTES,
    maxDbs: 1,
    readOnly,
  })
}

function segmentOf(
  db: RootDatabase<Buffer, Buffer>,
  mutex: LmdbMutex,
  directory: string,
  number: number,
  info: SegmentInfo,
): Segment {
  return {
    number,
    info,
    refresh: () => db.resetReadTxn(),
    get: (bucket, sequence) => db.getBinary(keyOf(bucket, sequence)),
    heads: () => info.start.map((before, bucket) => lastSequence(db, bucket) ?? before),
    write: (records) =>
      writeAll(
        db,
        mutex,
        records.map(
          (record) => [keyOf(record.bucket, record.sequence), asBuffer(record.data)] as const,
        ),
      ),
    probe: (at) => writeAll(db, mutex, [[PROBE_KEY, Buffer.from(String(at))]]),
    bytes: () => bytesOf(directory),
    close: () => mutex.hold(() => db.close()),
  }
}

function writeAll(
  db: RootDatabase<Buffer, Buffer>,
  mutex: LmdbMutex,
  entries: readonly (readonly [Buffer, Buffer])[],
): Promise<void> {
  return writeBatch(db, mutex, () => {
    for (const [key, value] of entries) void db.put(key, value)
  })
}

function lastSequence(db: RootDatabase<Buffer, Buffer>, bucket: number): number | undefined {
  const range = db.getKeys({
    start: keyOf(bucket, MAX_SEQUENCE),
    end: keyOf(bucket, 0),
    reverse: true,
    limit: 1,
  })
  for (const key of range) return key.readUIntBE(1, 6)
  return undefined
}

/** What records cost on disk at most, in bytes: each on pages of its own, and the pages that a transaction copies. */
export function diskCost(records: readonly { readonly data: Uint8Array }[]): number {
  let pages = 2 * records.length + 4
  for (const record of records) pages += Math.ceil((record.data.length + 32) / PAGE_BYTES)
  return pages * PAGE_BYTES
}

/** Bytes of a segment's files; 0 where there are none. */
export function bytesOf(directory: string): number {
  return sizeOf(dataFile(directory)) + sizeOf(path.join(directory, 'lock.mdb'))
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function dataFile(directory: string): string {
  return path.join(directory, 'data.mdb')
}

function keyOf(bucket: number, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES)
  key[0] = bucket
  key.writeUIntBE(sequence, 1, 6)
  return key
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
