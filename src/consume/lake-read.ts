import { decodeRecord, isEventGroup } from '../pipeline/record.ts'
import type { Batch, RowLine, Span, Stream, Tombstone } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'

/** What one look at the stream has brought: at most about `maxBytes` of records, from all buckets. */
export interface LakeTick {
  readonly spans: readonly Span[]
  readonly rows: { [T in EventType]?: RowLine[] }
  readonly tombstones: readonly { readonly tombstone: Tombstone; readonly at: Span }[]
  readonly bytes: number
}

/**
 * Reads on from the positions. Buckets take turns with an equal share of the bytes, so that none of them waits for
 * another's backlog. Lines are views into the records. Rejects as Stream.read does.
 */
export async function readTick(
  stream: Stream,
  positions: readonly number[],
  maxBytes: number,
): Promise<LakeTick> {
  const tick = { spans: [] as Span[], rows: {}, tombstones: [], bytes: 0 }
  const reached = [...positions]
  const heads = stream.heads()
  const share = Math.max(65_536, Math.ceil(maxBytes / stream.buckets))
  let found = true
  while (found && tick.bytes < maxBytes) {
    found = false
    for (let bucket = 0; bucket < stream.buckets && tick.bytes < maxBytes; bucket++) {
      if (heads[bucket]! <= reached[bucket]!) continue
      const batch = await firstBatch(stream, bucket, reached[bucket]!, share)
      if (!batch) continue
      found = true
      reached[bucket] = batch.last
      takeBatch(tick, batch)
    }
  }
  reached.forEach((last, bucket) => {
    const first = positions[bucket]! + 1
    if (last >= first) tick.spans.push({ bucket, first, last })
  })
  return tick
}

async function firstBatch(
  stream: Stream,
  bucket: number,
  after: number,
  maxBytes: number,
): Promise<Batch | undefined> {
  for await (const batch of stream.read('lake', bucket, after, maxBytes)) return batch
  return undefined
}

function takeBatch(
  tick: {
    rows: { [T in EventType]?: RowLine[] }
    tombstones: { tombstone: Tombstone; at: Span }[]
    bytes: number
  },
  batch: Batch,
): void {
  const { bucket } = batch
  for (const { sequence, data } of batch.records) {
    tick.bytes += data.length
    const { header, groups } = decodeRecord(data)
    const { source, received_at, dedup_from } = header
    for (const { name, lines } of groups) {
      if (isEventGroup(name)) {
        tick.rows[name] ??= []
        const rows = tick.rows[name]
        for (const line of lines) {
          rows.push({ line, bucket, sequence, source, received_at, dedup_from })
        }
      } else if (name === 'tombstone') {
        const at = { bucket, first: sequence, last: sequence }
        for (const line of lines) {
          tick.tombstones.push({ tombstone: JSON.parse(Buffer.from(line).toString('utf8')), at })
        }
      }
    }
  }
}
