import type { ColumnField } from './schema/column.ts'
import type { EventType } from './schema/registry.ts'

/**
 * What crosses the boundary to an engine, as types and prose. Adapters stand in local/ and aws/ under mirrored names;
 * one contract suite per port (test/contract/) runs on all of them. A method that rejects with a retryable
 * ShoplakeError has changed nothing that a reader can see; its caller tries the same call again.
 */

/** What the stream holds: the events of one request that fall into one bucket, encoded by pipeline/record.ts. */
export interface StreamRecord {
  readonly bucket: number
  readonly data: Uint8Array
}

/** Neighbouring records of one bucket, handled at once. `first` and `last` are sequences, both inclusive. */
export interface Batch {
  readonly bucket: number
  readonly first: number
  readonly last: number
  readonly records: readonly { readonly sequence: number; readonly data: Uint8Array }[]
}

/** The two consumers. Each keeps its own checkpoint inside its own commit. */
export type Consumer = 'lake' | 'store'

/** Per bucket, the last sequence handled; 0 is before the first record. Index is the bucket. */
export type Positions = readonly number[]

/**
 * Where the door appends. Of a home whose consumers are handed their records (an event source mapping of AWS Lambda) this
 * is all of the stream there is; sequences are then the engine's own, as text that grows when compared as text.
 */
export interface StreamSink {
  readonly buckets: number
  /**
   * Called once per request with at most one record per bucket. Resolves when all of them are durable, with sequences
   * that grow within a bucket. Rejects with stream_unavailable, stream_full or disk_full: the caller answers 503. A
   * distributed stream may keep some of the records then; the same record may also come twice, under two sequences.
   */
  append(records: readonly StreamRecord[]): Promise<readonly { sequence: number | string }[]>
  close(): Promise<void>
}

/** The embedded stream: what a StreamSink promises and more, and the side that consumers read. */
export interface Stream extends StreamSink {
  readonly buckets: number

  /**
   * Called once per request with at most one record per bucket. Resolves when all of them are durable; they become
   * visible together or not at all. Sequences of a bucket grow by one from 1 and never restart.
   * Rejects with disk_full or stream_full (a bound is reached: the caller answers 503 and forgets the records),
   * or stream_unavailable (nothing was written as far as a reader can see; the caller answers 503).
   */
  append(records: readonly StreamRecord[]): Promise<{ sequence: number }[]>

  /**
   * Batches of one bucket after a sequence, oldest first, each of at most `maxBytes` (one record may exceed it alone).
   * Ends at the head that it saw; call again for more. Buffers are the caller's to keep.
   */
  read(
    consumer: Consumer | 'inspect',
    bucket: number,
    after: number,
    maxBytes: number,
  ): AsyncIterable<Batch>

  /** The last sequence of every bucket, from one snapshot. */
  heads(): Positions

  /** The oldest sequence still held per bucket; heads()+1 where a bucket is empty. */
  tails(): Positions

  close(): Promise<void>
}

/** Event rows as canonical JSON lines, without a line end, by type. Shape: derive/table.ts less `written_at`. */
export type RowsByType<S = number> = { readonly [T in EventType]?: readonly RowLine<S>[] }

/** One accepted event on its way to the lake. `S` is the stream's kind of sequence: a number, on AWS text. */
export interface RowLine<S = number> {
  /** UTF-8 JSON object. */
  readonly line: Uint8Array
  readonly bucket: number
  readonly sequence: S
  readonly source: string
  /** Milliseconds since 1970, from the record. */
  readonly received_at: number
  /** Ids received before this moment were outside the dedup window when this one was accepted. */
  readonly dedup_from: number
}

/** How many events of one source, type and minute went where. `minute` is minutes since 1970 of received_at. */
export interface LedgerDelta {
  readonly source: string
  readonly event_type: EventType | 'unknown'
  readonly minute: number
  readonly counts: Partial<LedgerCounts>
}

/** The columns of the ledger. received = accepted + duplicate + rejected is derived. */
export interface LedgerCounts {
  accepted: number
  duplicate: number
  rejected: number
  applied: number
  in_lake: number
  duplicate_late: number
  not_encodable: number
  expired: number
}

/** A stretch of one bucket: `first` to `last`, both inclusive. */
export interface Span<S = number> {
  readonly bucket: number
  readonly first: S
  readonly last: S
}

export interface Lake<S = number> {
  /**
   * Called in order, for one or more buckets at once (embedded: one tick over all of them; AWS: one batch). When it
   * resolves, each row is visible to SQL. It is durable when `checkpoint` has passed it: until then a crash forgets the
   * row and the caller reads it again. 'already' when every span is behind the checkpoint: nothing was done.
   * Rows that share (type, dt, event_id) with one already in the lake are dropped and booked as duplicate_late.
   * Rejects with lake_unavailable (try again) or encoder_refused (never as it is: the caller splits the rows until the
   * culprit is alone and gives it to `refuse`).
   */
  commit(spans: readonly Span<S>[], rows: RowsByType<S>): Promise<'applied' | 'already'>

  /**
   * Called after commit has rejected with encoder_refused, to find the culprit: the message with which the encoder refuses
   * the rows together, undefined where it takes them. Keeps nothing. Rejects with lake_unavailable.
   */
  probe(type: EventType, rows: readonly RowLine<S>[]): Promise<string | undefined>

  /**
   * Books one row that no encoder takes as not_encodable, keeps it as a dead letter, and passes it for ever. Durable, like
   * a row, when `checkpoint` has passed it; until then the caller may meet the row again after a start.
   */
  refuse(type: EventType, row: RowLine<S>, message: string): Promise<void>

  /** From this span on the customer's identity is dropped, and within 24 hours from every file written before. */
  erase(tombstone: Tombstone, at: Span<S>): Promise<void>

  /** Positions from which the caller must read after a start: the lowest over all tables. */
  checkpoint(): Positions
}

/** The part of a lake that writes rows, whatever keeps its books. */
export type LakeSink<S = number> = Pick<Lake<S>, 'commit' | 'probe'>

/** An erased customer, as the stream carries it to both consumers. */
export interface Tombstone {
  readonly customer_id: string
  readonly anonymous_ids: readonly string[]
  /** What stands in place of customer_id from now on: `erased:` and text that says nothing without the secret. */
  readonly erased_id: string
  /** Milliseconds since 1970. */
  readonly requested_at: number
}

/** A change of one document of the store: computed by pipeline/project.ts, merged by the adapter's caller. */
export interface StoreChange {
  readonly table: StoreTable
  readonly key: string
  /** The whole new document; null deletes it. */
  readonly document: StoreDocument | null
}

export type StoreTable =
  | 'orders'
  | 'order_index'
  | 'customers'
  | 'products'
  | 'stock'
  | 'sessions'
  | 'live_minutes'
  | 'dead_letters'
  | 'identities'
  | 'tombstones'
  | 'seen'

export type StoreDocument = { readonly [field: string]: unknown }

export type Awaitable<T> = T | Promise<T>

/** What readers of the current state need. The embedded store answers at once, a distributed one later. */
export interface StoreReader {
  /** The document, whole; its field `merge` is bookkeeping that readers leave out. Shapes: pipeline/documents.ts. */
  get(table: StoreTable, key: string): Awaitable<StoreDocument | undefined>

  /** Documents whose key lies in [from, to), in key order or reversed; at most `limit`. */
  list(
    table: StoreTable,
    range: { from?: string; to?: string; limit: number; reverse?: boolean },
  ): Awaitable<{ key: string; document: StoreDocument }[]>
}

/** Changes as a store writes them: their documents may be changed further, and this stays as it is. */
export type TakenChanges = { readonly length: number }

export interface Store extends StoreReader {
  /** Takes changes over for `apply`: the documents are the caller's again when it resolves. Nothing is written yet. */
  take(changes: readonly StoreChange[]): Promise<TakenChanges>

  /**
   * Called with what follows from all records up to `positions`, at most about 20,000 changes a call (a single record may need
   * more and is never split). What still waits in the caller's memory follows from records behind `redo`: it reads those again
   * after a crash. Changes, ledger, positions and redo become durable together. 'already' when neither the stored positions
   * nor the stored redo are behind what is given; where only the redo is, the ledger, which was counted with the positions, is left
   * as it is. Rejects with store_unavailable or disk_full: nothing was changed, the caller tries again.
   */
  apply(
    positions: Positions,
    changes: readonly StoreChange[] | TakenChanges,
    ledger: readonly LedgerDelta[],
    redo?: Positions,
  ): Promise<'applied' | 'already'>

  /** Changes that follow from no record: retention. Durable when it resolves; rejects as `apply` does. */
  change(changes: readonly StoreChange[]): Promise<void>

  checkpoint(): Positions

  /** What the last `apply` gave as `redo`, else the checkpoint: the stream keeps the records behind it. */
  redo(): Positions

  /** The document, whole; its field `merge` is bookkeeping that readers leave out. Shapes: pipeline/documents.ts. */
  get(table: StoreTable, key: string): StoreDocument | undefined

  /** Documents whose key lies in [from, to), in key order or reversed; at most `limit`. */
  list(
    table: StoreTable,
    range: { from?: string; to?: string; limit: number; reverse?: boolean },
  ): { key: string; document: StoreDocument }[]

  /**
   * Ledger rows of minutes in [from, to). Minutes older than 7 days are summed up by the hour, older than 90 days by the
   * day; such a row stands under the first minute of its hour or day.
   */
  ledger(from: number, to: number): LedgerDelta[]

  /** Checkpoint and ledger from one snapshot. */
  ledgerSnapshot(
    from: number,
    to: number,
  ): { readonly checkpoint: Positions; readonly ledger: LedgerDelta[] }

  /** Sums up old ledger rows, a bounded number a call; how many rows it took away. `now` in milliseconds. */
  rollLedger(now: number): Promise<number>

  /** After an erase: no byte of a deleted document is left on disk when it resolves. Reads go on meanwhile. Rejects with disk_full or store_unavailable: the store is as it was. */
  scrub(): Promise<void>

  /** Begins to make the projected tables anew, beside the present ones; `kept` are taken over. Readers see the old until `finish`. */
  rebuild(kept: readonly StoreTable[]): Promise<StoreRebuild>
}

/** A store being made anew. Ledger and checkpoint are those of the store; `apply` must not be called on it meanwhile. */
export interface StoreRebuild extends Pick<Store, 'change' | 'get' | 'list'> {
  /** Readers see the new tables from now on; the old ones are deleted. */
  finish(): Promise<void>
  /** Forgets what was made; the store stays as it was. */
  discard(): Promise<void>
}

/** What is going on right now, from the store updater's memory. Money in the shop's currency, decimal text. */
export interface LiveNow {
  /** ISO 8601, the moment it was computed. */
  readonly at: string
  /** Visits, else browsers, with an event in the last 5 minutes; without bots. */
  readonly visitors: number
  /** Carts that hold something and were touched in the last 10 minutes. */
  readonly open_carts: number
  readonly open_cart_value: string
  readonly currency: string
  /** Since midnight in the shop's time zone; orders that are not cancelled. */
  readonly today: { readonly date: string; readonly orders: number; readonly sales: string }
  /** The day before, up to the same time of day: what today is compared with. */
  readonly yesterday: { readonly date: string; readonly orders: number; readonly sales: string }
  /** Both days by hour of the shop's clock, 0 to 23; of yesterday also the hours that today has not reached. */
  readonly hours: readonly {
    readonly hour: number
    readonly orders: number
    readonly sales: string
    readonly yesterday: { readonly orders: number; readonly sales: string }
  }[]
  /** Documents of `live_minutes` of the last 60 minutes, oldest first; minutes without events are left out. */
  readonly minutes: readonly StoreDocument[]
}

/** A column of a result. `type` is the engine's name for it, in upper case. */
export interface ResultColumn {
  readonly name: string
  readonly type: string
}

/** DECIMAL and integers beyond 2^53 are decimal strings; timestamps are ISO 8601 in UTC; dates YYYY-MM-DD. */
export type ResultValue =
  | string
  | number
  | boolean
  | null
  | ResultValue[]
  | { [key: string]: ResultValue }

export interface Result {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly ResultValue[])[]
  /** Whether the row limit cut the result. */
  readonly truncated: boolean
  readonly elapsed_ms: number
  /** Undefined where the engine does not tell. */
  readonly scanned_bytes: number | undefined
}

export interface SqlLimits {
  readonly timeout_ms: number
  readonly max_rows: number
  /** Trusted text of our own (reports, console) skips the statement check, never the engine's lock. */
  readonly trusted?: boolean
}

export interface SqlEngine {
  /** Whether trusted text may name days of tables by `lake_days` (see reports/bounds.ts), which is the faster way. */
  readonly takes_days?: boolean

  /**
   * Called per query. Runs one SELECT; `params` fill $1, $2 … Rejects with sql_refused (not one plain SELECT),
   * sql_failed (the engine's message is the detail), sql_limit (time, rows or memory), sql_cancelled (the signal),
   * sql_busy (two run and the queue is full) or sql_unavailable (the engine is restarting).
   */
  run(
    sql: string,
    params: readonly ResultValue[],
    limits: SqlLimits,
    signal: AbortSignal,
  ): Promise<Result>

  /** Where queries have ids of the engine's own, which hold in every process that asks it. */
  readonly lasting?: LastingQueries
}

/** Queries that one process begins and another may wait for or stop. Codes as in SqlEngine.run. */
export interface LastingQueries {
  /** Begins a query and resolves with its id, which cannot be guessed. */
  begin(sql: string, params: readonly ResultValue[], limits: SqlLimits): Promise<string>
  /**
   * The result, once it is there. Aborting the signal stops the query. Rejects with not_found where no query of this home has the
   * id.
   */
  follow(id: string, limits: SqlLimits, signal: AbortSignal): Promise<Result>
}

/** What a key may do; admin may do everything. */
export type Scope = 'write' | 'read' | 'admin'

export type SourceKind = 'browser' | 'server' | 'webhook' | 'import'

/** An API key as the server knows it: never its text. */
export interface Key {
  /** Lower case, digits, - and _; becomes `source` of its events. */
  readonly name: string
  readonly kind: SourceKind
  readonly scopes: readonly Scope[]
  /** Allowed Origin values for browsers; '*' for any; empty for none. */
  readonly origins: readonly string[]
  /** Events a second, sustained, and the burst above it; undefined takes the setting. */
  readonly rate?: number
  readonly burst?: number
}

export interface Keys {
  /** The key with this text, or undefined. Constant time in the text. */
  find(text: string): Key | undefined
}

/** A key as lists show it. */
export interface KeyInfo extends Key {
  readonly created_at: string
  /** The first characters of its text, to tell keys apart. */
  readonly hint: string
}

/** Keys that can be managed; a change counts for every process within a second. */
export interface KeyBook extends Keys {
  list(): readonly KeyInfo[]
  /** The new key and its text, which is shown this once. Rejects with bad_request: the name is taken or a trait does not fit. */
  create(key: Key): Promise<{ text: string; key: KeyInfo }>
  /** Whether there was such a key. */
  revoke(name: string): Promise<boolean>
}

/** Where a table's columns stand for documents and completion. */
export interface TableInfo {
  readonly name: string
  readonly columns: readonly ColumnField[]
}
