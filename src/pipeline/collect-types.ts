import type { Config } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import type { SourceKind, StreamSink, Tombstone } from '../ports.ts'
import type { Rejection } from '../schema/rejection.ts'
import type { DedupWindow } from './dedup.ts'
import type { FxRates } from './enrich-fx.ts'
import type { Refusal } from './unsafe-json.ts'

/** One request as the HTTP door, an import or a replay hands it over. */
export interface CollectRequest {
  /** Already inflated. */
  readonly body: Uint8Array
  readonly format: 'json' | 'ndjson'
  readonly source: { readonly name: string; readonly kind: SourceKind }
  /** Milliseconds since 1970. */
  readonly received_at: number
  readonly request_id: string
  /** Request headers; used for events of browsers that do not say it themselves. */
  readonly user_agent?: string
  readonly page_url?: string
  /** The sender's address, already cut to /24 or /48. */
  readonly network?: string
  /** The dead letter that is sent again. */
  readonly replay_of?: string
  /** Where each event was read from, by index. */
  readonly origin?: readonly { readonly file: string; readonly line: number }[]
  /** Values that whoever read them has refused already, by index: an import's rows that no output takes. */
  readonly refused?: ReadonlyMap<number, Refusal>
}

export type ValuesRequest = Omit<CollectRequest, 'body' | 'format'>

/** What became of one event. `reason` and `message` stand with `rejected`, `path` where one field is to blame. */
export interface EventResult {
  readonly index: number
  readonly event_id: string | null
  readonly verdict: 'accepted' | 'duplicate' | 'rejected'
  readonly reason?: Rejection
  readonly path?: string
  readonly message?: string
}

export interface CollectAnswer {
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** All events, in order. */
  readonly results: readonly EventResult[]
}

export interface Door {
  /**
   * Takes a body. Resolves when all that it decided is durable. Rejects with malformed_json (booked as one refused event
   * before) or too_many_events (nothing booked), neither retryable; and with what Stream.append rejects with, retryable:
   * nothing was kept.
   */
  collect(request: CollectRequest): Promise<CollectAnswer>
  /** The same for events that are already parsed, with no bound on their number. */
  collectValues(values: readonly unknown[], request: ValuesRequest): Promise<CollectAnswer>
  /** What `collectValues` would answer now; keeps, counts and remembers nothing. */
  preview(values: readonly unknown[], request: ValuesRequest): CollectAnswer
  /** Sends a tombstone to every bucket. Resolves when it is durable; rejects as Stream.append does. */
  erase(tombstone: Tombstone): Promise<void>
}

export interface DoorOptions {
  readonly stream: Pick<StreamSink, 'buckets' | 'append'>
  readonly window: DedupWindow
  readonly config: Config
  /** Secret of the data directory: what contacts and identities are hashed with. */
  readonly secret: Uint8Array
  readonly rates: FxRates
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  now(): number
}
