import type { StoreDocument, StoreReader, StoreTable } from './ports.ts'

/** Tables of a bucket store: those of the store, and what both consumers keep beside them. */
export type BucketTable =
  | StoreTable
  | 'ledger'
  | 'checkpoint'
  | 'live'
  | 'lake_ledger'
  | 'lake_duplicates'
  | 'lake_refused'
  | 'lake_tombstones'
  | 'lake_erasures'
  | 'lake_checkpoint'

/**
 * A bucket's own share of a document. Other buckets may hold shares of the same document; readers put them together
 * (pipeline/merge-shares.ts). Only the bucket's own records change it.
 */
export interface Share {
  readonly table: BucketTable
  readonly key: string
  /** Null where it was deleted: the guard outlives the document. */
  readonly document: StoreDocument | null
  /** The last record of the bucket that changed it, as text that grows when compared as text. */
  readonly sequence: string
}

export interface ShareWrite extends Share {
  /** The sequence that stood there when the share was loaded; undefined where there was none. */
  readonly after: string | undefined
  /** Whether what stood there was removed first: nothing of it is in the document. */
  readonly renewed?: boolean
  /** Milliseconds since 1970 from which it may be deleted by itself. */
  readonly expires_at?: number
}

/**
 * The distributed store, as its updater sees it: no transaction over documents, but one writer per bucket and a guard on each
 * share, so that a batch that was half written and comes again, cut anew, changes each share once. All methods reject
 * with store_unavailable: the caller takes the whole batch again.
 */
export interface BucketStore {
  readonly buckets: number

  /** Whether there is room for a key and a document; `save` never succeeds with what has none. */
  fits(share: Pick<Share, 'key' | 'document'>): boolean

  /** The shares that there are, as they stand now; deleted ones too. */
  load(bucket: number, keys: readonly Pick<Share, 'table' | 'key'>[]): Promise<readonly Share[]>

  /** All shares of a bucket whose key begins with `prefix`, as they stand now, in key order; at most `limit`. */
  scan(
    bucket: number,
    table: BucketTable,
    prefix: string,
    limit?: number,
  ): Promise<readonly Share[]>

  /**
   * Writes shares, each only if its guard still stands where it was loaded, in no order among themselves. 'moved' when
   * one did not: another run of the same bucket was faster, some shares may be written, and the caller loads anew.
   */
  save(bucket: number, writes: readonly ShareWrite[]): Promise<'saved' | 'moved'>
}

/** The distributed store, as readers see it. */
export interface BucketReader extends StoreReader {
  /** All shares whose key lies in [from, to), of all buckets. */
  shares(table: BucketTable, range: { from?: string; to?: string }): Promise<readonly Share[]>
}
