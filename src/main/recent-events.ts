import type { RecentEvent, RecentPage, RecentWanted } from '../http/recent-types.ts'
import { dropIdentity, type Erasure } from '../pipeline/erase.ts'
import { decodeRecord, type GroupName, type RecordHeader } from '../pipeline/record.ts'
import type { Positions, StoreDocument, Stream } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'

/** Records per bucket that are looked into, from few to more until enough is found: with a filter what fits may lie deeper. */
const DEPTHS = [8, 64, 512] as const
const READ_BYTES = 256 * 1024

/** A place in the stream, and what a record there says of itself. */
interface Place {
  readonly bucket: number
  readonly sequence: number
  readonly header: RecordHeader
}

/**
 * Looks at the end of the stream: what came last, or behind given positions, as far as it is not too much. Holds no more
 * than it answers. Rejects with what Stream.read rejects with.
 */
export function createRecentEvents(options: {
  readonly stream: Pick<Stream, 'read' | 'heads' | 'tails' | 'buckets'>
  readonly erasure: Erasure
}): (wanted: RecentWanted) => Promise<RecentPage> {
  const { stream, erasure } = options

  async function look(wanted: RecentWanted, heads: Positions, depth: number) {
    const found: RecentEvent[] = []
    const tails = stream.tails()
    for (let bucket = 0; bucket < stream.buckets; bucket++) {
      const deepest = Math.max((tails[bucket] ?? 1) - 1, (heads[bucket] ?? 0) - depth)
      const from = Math.max(deepest, wanted.after?.[bucket] ?? 0)
      for await (const batch of stream.read('inspect', bucket, from, READ_BYTES)) {
        for (const { sequence, data } of batch.records) {
          found.push(...eventsOf(data, bucket, sequence, wanted, erasure))
        }
      }
    }
    return found
  }

  return async (wanted) => {
    erasure.changed()
    const heads = stream.heads()
    let found: RecentEvent[] = []
    for (const depth of wanted.after ? DEPTHS.slice(1, 2) : DEPTHS) {
      found = await look(wanted, heads, depth)
      if (found.length >= wanted.limit) break
    }
    found.sort((a, b) => compare(b.received_at, a.received_at) || b.sequence - a.sequence)
    return { events: found.slice(0, wanted.limit), heads }
  }
}

function eventsOf(
  data: Uint8Array,
  bucket: number,
  sequence: number,
  wanted: RecentWanted,
  erasure: Erasure,
): RecentEvent[] {
  const { header, groups } = decodeRecord(data)
  if (wanted.source !== undefined && header.source !== wanted.source) return []
  const place = { bucket, sequence, header }
  const events = groups.flatMap(({ name, lines }) =>
    // Of one request all came at the same moment: more of it than is wanted need not be read.
    lines.slice(-wanted.limit).flatMap((line) => eventOf(place, name, line, erasure) ?? []),
  )
  return [...events, ...duplicatesOf(place)].filter((event) => isWanted(event, wanted))
}

function eventOf(
  place: Place,
  name: GroupName,
  line: Uint8Array,
  erasure: Erasure,
): RecentEvent | undefined {
  if (name === 'tombstone') return undefined
  const value = JSON.parse(Buffer.from(line).toString()) as StoreDocument
  if (name !== 'dead_letter') {
    const erased = erasure.erasedAs(value)
    const event = erased === undefined ? value : dropIdentity(name, value, erased)
    return { verdict: 'accepted', event_type: name, ...said(place), event }
  }
  const { raw: _raw, ...dead_letter } = value
  const event_type = (dead_letter.event_type ?? 'unknown') as EventType | 'unknown'
  return { verdict: 'rejected', event_type, ...said(place), dead_letter }
}

function duplicatesOf(place: Place): RecentEvent[] {
  return Object.entries(place.header.duplicates).map(([type, count]) => ({
    verdict: 'duplicate',
    event_type: type as EventType | 'unknown',
    ...said(place),
    count,
  }))
}

function said({ bucket, sequence, header }: Place) {
  return {
    received_at: new Date(header.received_at).toISOString(),
    source: header.source,
    source_kind: header.source_kind,
    request_id: header.request_id,
    bucket,
    sequence,
  }
}

function isWanted(event: RecentEvent, { event_type, verdict }: RecentWanted): boolean {
  if (event_type !== undefined && event.event_type !== event_type) return false
  return verdict === undefined || event.verdict === verdict
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
