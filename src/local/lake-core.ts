import type { DuckDBConnection } from '@duckdb/node-api'
import type { Config } from '../config.ts'
import type { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Positions } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type { LakeFile } from './lake-files.ts'
import type { KeptModel } from './lake-kept.ts'
import type { Leases } from './lake-leases.ts'
import type { LedgerTally } from './lake-ledger.ts'
import type { LakeMeta } from './lake-meta.ts'
import type { RefusedRow } from './lake-refused.ts'
import type { LakeState } from './lake-state.ts'
import type { ViewSource } from './lake-views.ts'

export type LakeConfig = Pick<
  Config,
  'lake_flush_rows' | 'lake_flush_s' | 'lake_direct_rows' | 'lake_compact_files' | 'lake_days'
>

/** Moments of a change at which a crash must do no harm; tests stop there. */
export type LakeStep = 'encoded' | 'published' | 'switching' | 'recorded' | 'visible'

/** What the parts of the lake writer share: where things are, and the state that one change at a time moves on. */
export interface LakeCore {
  /** To the DuckDB that answers queries: hot tables and views. For changes, within `lock`. */
  readonly connection: DuckDBConnection
  /** To the DuckDB of the writer alone: lines to Parquet, within `lock`. */
  readonly encoder: DuckDBConnection
  /** The same for work beside changes: merging, erase, retention; one at a time. */
  readonly background: DuckDBConnection
  readonly lakeDirectory: string
  readonly tempDirectory: string
  /** Directory of refused rows. */
  readonly refusedDirectory: string
  readonly meta: LakeMeta
  readonly config: LakeConfig
  readonly metrics: Metrics
  readonly now: () => number
  /** The moment that ages are counted from where something is deleted or summed up for its age. */
  readonly ageNow: () => number
  readonly step: (step: LakeStep) => void | Promise<void>
  readonly lock: <T>(work: () => Promise<T>) => Promise<T>
  readonly leases: Leases
  readonly views: ViewSource
  /** Key of the current columns of each type in the list of schemas. */
  readonly schemaKeys: ReadonlyMap<EventType, string>
  readonly tombstoneKey: Buffer
  readonly types: ReadonlyMap<EventType, TypeState>
  /** Models whose rows are kept by day, each after those that it reads. */
  readonly models: readonly KeptModel[]
  /** When rows of `model day` were last made, milliseconds since 1970. */
  readonly made: Map<string, number>
  /** How long it took to make a model's rows so far, ms. */
  readonly took: Map<string, number>
  /** Counts changes; `internal.lake_version` holds it for whoever reads within a transaction. */
  version: number
  state: LakeState
  /** The states of the latest versions. */
  readonly versions: Map<number, LakeState>
  /** How many tombstones there are. */
  tombstones: number
  /** Per bucket, the last sequence whose rows are in Parquet or in hot tables. */
  positions: number[]
  /** Numbers files being written. */
  counter: number
  /** Whether `lake.sql` is behind the file list. */
  sqlStale: boolean
  /** Set when the lake is to close: upkeep ends after what it is at, however much there is left. */
  closing: boolean
  /** Set when memory and disk disagree: only a new process, which reads the disk, helps. */
  broken: ShoplakeError | undefined
}

export interface TypeState {
  files: ReadonlyMap<string, LakeFile>
  /** Per bucket, the last sequence whose rows of this type are in Parquet. */
  checkpoint: Positions
  hot: HotRows
  /** What is to be booked when the hot rows reach Parquet. */
  tally: LedgerTally
  refused: RefusedRow[]
}

export interface HotRows {
  readonly rows: number
  readonly bytes: number
  /** Milliseconds since 1970 of the first insert. */
  readonly since: number
  readonly min_received_at: number
  /** UTC days of occurred_at, YYYY-MM-DD. */
  readonly days: ReadonlySet<string>
}

export const NO_HOT_ROWS: HotRows = {
  rows: 0,
  bytes: 0,
  since: 0,
  min_received_at: Number.POSITIVE_INFINITY,
  days: new Set(),
}

export function stateOf(core: LakeCore, type: EventType): TypeState {
  return core.types.get(type)!
}

export function allFiles(core: LakeCore): LakeFile[] {
  return [...core.types.values()].flatMap((state) => [...state.files.values()])
}
