import type { Positions, Stream } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'

/** What the ledger needs of a record: `decodeHeader` of pipeline/record.ts gives it. */
export interface TailHeader {
  /** Milliseconds since 1970. */
  readonly received_at: number
  readonly source: string
  /** Name, lines, bytes. Names other than event types are no events. */
  readonly groups: readonly (readonly [string, number, number])[]
  readonly duplicates: EventCounts
  readonly rejected: EventCounts
}

export type EventCounts = { readonly [T in EventType | 'unknown']?: number }

/** One record that some consumer has not passed yet. */
export interface TailRecord {
  readonly bucket: number
  readonly sequence: number
  /** Minutes since 1970. */
  readonly minute: number
  readonly source: string
  readonly accepted: readonly (readonly [EventType, number])[]
  readonly duplicates: EventCounts
  readonly rejected: EventCounts
}

/** The records between the slowest checkpoint and the heads, remembered so that each is read once. */
export interface LedgerTail {
  /**
   * Records after `floor` and up to `heads`. `complete` is false where the limit was reached or the stream no longer
   * holds the beginning: then counts are missing.
   */
  look(
    floor: Positions,
    heads: Positions,
  ): Promise<{ records: readonly TailRecord[]; complete: boolean }>
}

const READ_BYTES = 1_000_000

/** `maxRecords` bounds memory and the work of one look. `isEventType` tells event groups from the others. */
export function createLedgerTail(options: {
  stream: Pick<Stream, 'buckets' | 'read'>
  headerOf(data: Uint8Array): TailHeader
  isEventType(name: string): name is EventType
  maxRecords: number
}): LedgerTail {
  const { stream } = options
  const held: TailRecord[][] = Array.from({ length: stream.buckets }, () => [])
  let size = 0

  async function look(floor: Positions, heads: Positions) {
    let complete = true
    for (let bucket = 0; bucket < stream.buckets; bucket++) {
      forget(bucket, floor[bucket]!)
      if (!(await extend(bucket, floor[bucket]!, heads[bucket]!))) complete = false
    }
    const records = held.flatMap((bucketRecords, bucket) =>
      bucketRecords.filter((record) => record.sequence <= heads[bucket]!),
    )
    return { records, complete }
  }

  function forget(bucket: number, passed: number): void {
    const kept = held[bucket]!.filter((record) => record.sequence > passed)
    // A floor below what is held means that its beginning was forgotten already: read it again.
    const isWhole = kept.length === 0 || kept[0]!.sequence === passed + 1
    size -= held[bucket]!.length - (isWhole ? kept.length : 0)
    held[bucket] = isWhole ? kept : []
  }

  async function extend(bucket: number, floor: number, head: number): Promise<boolean> {
    const records = held[bucket]!
    let position = records.at(-1)?.sequence ?? floor
    if (position >= head) return true
    for await (const batch of stream.read('inspect', bucket, position, READ_BYTES)) {
      if (batch.first !== position + 1) return false
      for (const { sequence, data } of batch.records) {
        if (sequence > head) return true
        if (size >= options.maxRecords) return false
        records.push(summaryOf(bucket, sequence, options.headerOf(data), options.isEventType))
        size++
      }
      position = batch.last
    }
    return position >= head
  }

  return { look }
}

function summaryOf(
  bucket: number,
  sequence: number,
  header: TailHeader,
  isEventType: (name: string) => name is EventType,
): TailRecord {
  const accepted: [EventType, number][] = []
  for (const [name, lines] of header.groups) if (isEventType(name)) accepted.push([name, lines])
  return {
    bucket,
    sequence,
    minute: Math.floor(header.received_at / 60_000),
    source: header.source,
    accepted,
    duplicates: header.duplicates,
    rejected: header.rejected,
  }
}
