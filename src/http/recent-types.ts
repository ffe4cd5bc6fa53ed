import type { Positions, SourceKind, StoreDocument } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'

/** What the stream says of one event, or of the duplicates of one request. */
export interface RecentEvent {
  readonly verdict: 'accepted' | 'duplicate' | 'rejected'
  /** `unknown` where a refused event had none. */
  readonly event_type: EventType | 'unknown'
  /** ISO 8601. */
  readonly received_at: string
  readonly source: string
  readonly source_kind: SourceKind
  readonly request_id: string
  readonly bucket: number
  readonly sequence: number
  /** Of accepted events: the canonical row, without what names a person that was erased. */
  readonly event?: StoreDocument
  /** Of refused events: their dead letter without the raw bytes. */
  readonly dead_letter?: StoreDocument
  /** Of duplicates: how many; the stream keeps no more of them. */
  readonly count?: number
}

export interface RecentWanted {
  /** Only what came behind these positions; without them, what came last. */
  readonly after?: Positions
  /** Most events; the latest are kept. */
  readonly limit: number
  readonly event_type?: string
  readonly source?: string
  readonly verdict?: string
}

export interface RecentPage {
  /** The latest first. */
  readonly events: readonly RecentEvent[]
  /** Up to where the stream was looked at. */
  readonly heads: Positions
}
