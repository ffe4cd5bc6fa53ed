import type { SourceKind } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'

/**
 * The bytes of one stream record: all that one request puts into one bucket.
 *
 *   u8  version (1)
 *   u32 header length, little endian
 *   header, JSON: RecordHeader
 *   16 bytes per event of an event group: hash of its event_id, in line order
 *   the groups' lines, each a JSON object in UTF-8 with a line end
 */
const VERSION = 1
const PREFIX_BYTES = 5
export const ID_HASH_BYTES = 16

/** A group of lines: rows of an event type, dead letters, or tombstones. */
export type GroupName = EventType | 'dead_letter' | 'tombstone'

export interface RecordHeader {
  readonly request_id: string
  /** Milliseconds since 1970, the same for the whole request. */
  readonly received_at: number
  readonly source: string
  readonly source_kind: SourceKind
  /** Ids received before this moment were outside the dedup window. */
  readonly dedup_from: number
  /** The dead letter that the request sent again. */
  readonly replay_of?: string
  /** Which part of the request's record of this bucket it is, from 0, where the stream takes no larger ones. */
  readonly part?: number
  /** Name, lines, bytes with line ends; in the order of the payload. */
  readonly groups: readonly (readonly [GroupName, number, number])[]
  /** Events of the request that were duplicates, by type. Stands in one record of the request only. */
  readonly duplicates: Counts
  /** Refused events by type, `unknown` where there is none; in one record only. Dead letters may be fewer: a quota bounds them. */
  readonly rejected: Counts
}

export type Counts = { readonly [T in EventType | 'unknown']?: number }

/** A line to encode: an accepted row with the hash of its id (16 latin1 characters), or a dead letter or tombstone without. */
export interface RecordLine {
  readonly group: GroupName
  readonly line: string
  readonly id_hash?: string
}

export interface Group {
  readonly name: GroupName
  /** JSON without line ends; views into the record's bytes. */
  readonly lines: readonly Uint8Array[]
}

export interface DecodedRecord {
  readonly header: RecordHeader
  readonly groups: readonly Group[]
}

export type HeaderFields = Omit<RecordHeader, 'groups'>

/** Bytes of a record. Lines are grouped by name, in order of first appearance; order within a group is kept. */
export function encodeRecord(fields: HeaderFields, lines: readonly RecordLine[]): Uint8Array {
  const groups = [...groupLines(lines)]
  const sizes = groups.map(([, group]) => Buffer.byteLength(group.text))
  const header = JSON.stringify({
    ...fields,
    groups: groups.map(([name, group], index) => [name, group.count, sizes[index]]),
  } satisfies HeaderFields & { groups: unknown })
  let total = PREFIX_BYTES + Buffer.byteLength(header)
  for (const [index, [, group]] of groups.entries()) total += group.hashes.length + sizes[index]!
  const bytes = Buffer.allocUnsafe(total)
  bytes.writeUInt8(VERSION, 0)
  let offset = PREFIX_BYTES + bytes.write(header, PREFIX_BYTES)
  bytes.writeUInt32LE(offset - PREFIX_BYTES, 1)
  for (const [, group] of groups) offset += bytes.write(group.hashes, offset, 'latin1')
  for (const [, group] of groups) offset += bytes.write(group.text, offset)
  return bytes
}

interface LineGroup {
  text: string
  hashes: string
  count: number
}

function groupLines(lines: readonly RecordLine[]): Map<GroupName, LineGroup> {
  const groups = new Map<GroupName, LineGroup>()
  for (const { group: name, line, id_hash } of lines) {
    let group = groups.get(name)
    if (!group) {
      group = { text: '', hashes: '', count: 0 }
      groups.set(name, group)
    }
    // Appending leaves the copying to one pass over all lines, when their bytes are counted.
    group.text += `${line}\n`
    if (id_hash !== undefined) group.hashes += id_hash
    group.count++
  }
  return groups
}

/** The header alone: enough to count what a record holds. Throws a plain Error on bytes that `encodeRecord` did not make. */
export function decodeHeader(data: Uint8Array): RecordHeader {
  const bytes = asBuffer(data)
  if (bytes.length < PREFIX_BYTES || bytes.readUInt8(0) !== VERSION) {
    throw new Error(`record: unknown version ${bytes[0]}`)
  }
  return JSON.parse(bytes.toString('utf8', PREFIX_BYTES, PREFIX_BYTES + bytes.readUInt32LE(1)))
}

/** Header and lines. Lines are views: they live as long as `data` does. */
export function decodeRecord(data: Uint8Array): DecodedRecord {
  const header = decodeHeader(data)
  const bytes = asBuffer(data)
  let offset = hashesStart(bytes) + eventCount(header) * ID_HASH_BYTES
  const groups = header.groups.map(([name, count, size]) => {
    const lines = splitLines(bytes.subarray(offset, offset + size), count)
    offset += size
    return { name, lines }
  })
  return { header, groups }
}

/** Hashes of the accepted event ids, 16 bytes each, without touching the lines. */
export function decodeIdHashes(data: Uint8Array): Uint8Array {
  const bytes = asBuffer(data)
  const start = hashesStart(bytes)
  return bytes.subarray(start, start + eventCount(decodeHeader(data)) * ID_HASH_BYTES)
}

/** Accepted events of a record. */
export function eventCount(header: RecordHeader): number {
  let count = 0
  for (const [name, lines] of header.groups) if (isEventGroup(name)) count += lines
  return count
}

export function isEventGroup(name: GroupName): name is EventType {
  return name !== 'dead_letter' && name !== 'tombstone'
}

function hashesStart(bytes: Buffer): number {
  return PREFIX_BYTES + bytes.readUInt32LE(1)
}

function splitLines(bytes: Buffer, count: number): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  for (let index = 0; index < count; index++) {
    const end = bytes.indexOf(10, start)
    if (end === -1) throw new Error(`record: line ${index} of ${count} has no end`)
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return lines
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
