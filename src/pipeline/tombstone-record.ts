import type { Tombstone } from '../ports.ts'
import { encodeRecord } from './record.ts'

/** The record that tells one bucket's consumers to forget a customer. It holds no event and counts as none. */
export function tombstoneRecord(tombstone: Tombstone, dedup_from: number): Uint8Array {
  const fields = {
    request_id: tombstone.erased_id,
    received_at: tombstone.requested_at,
    source: 'shoplake',
    source_kind: 'server' as const,
    dedup_from,
    duplicates: {},
    rejected: {},
  }
  return encodeRecord(fields, [{ group: 'tombstone', line: JSON.stringify(tombstone) }])
}
