import { createHash } from 'node:crypto'
import type { StreamRecord, Tombstone } from '../ports.ts'
import { encodeRecord } from './record.ts'

/**
 * The records that tell the consumers of every bucket to forget a customer. They hold no event and count as none. Those of further
 * browsers of the same person are other requests, and so are those of another moment.
 */
export function tombstoneRecords(
  tombstone: Tombstone,
  dedup_from: number,
  buckets: number,
): StreamRecord[] {
  const data = tombstoneRecord(tombstone, dedup_from)
  return Array.from({ length: buckets }, (_, bucket) => ({ bucket, data }))
}

/** 16 hex digits that tell the browsers of one tombstone from those of another. */
export function browsersHash(anonymous_ids: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(anonymous_ids)).digest('hex').slice(0, 16)
}

function tombstoneRecord(tombstone: Tombstone, dedup_from: number): Uint8Array {
  const { erased_id, requested_at, anonymous_ids } = tombstone
  const fields = {
    request_id: `${erased_id}/${requested_at}/${browsersHash(anonymous_ids)}`,
    received_at: requested_at,
    source: 'shoplake',
    source_kind: 'server' as const,
    dedup_from,
    duplicates: {},
    rejected: {},
  }
  return encodeRecord(fields, [{ group: 'tombstone', line: JSON.stringify(tombstone) }])
}
