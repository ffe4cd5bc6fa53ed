import type { Config } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import type { AlertStates } from '../monitor/alerts.ts'
import type { HealthCheck } from '../monitor/health.ts'
import type { LedgerReport } from '../monitor/ledger.ts'
import type { Door } from '../pipeline/collect.ts'
import type {
  Awaitable,
  KeyBook,
  LiveNow,
  SqlEngine,
  StoreDocument,
  StoreReader,
} from '../ports.ts'
import type { Report } from '../reports/compile.ts'
import type { Model } from '../reports/model.ts'
import type { PipelineState } from './pipeline-types.ts'
import type { RecentPage, RecentWanted } from './recent-types.ts'

/** Everything that the HTTP app is given by main/. It opens and closes nothing of it. */
export interface AppDeps {
  /** `dev`: development keys, this machine only. */
  readonly mode: 'dev' | 'start'
  readonly config: Config
  readonly build: BuildInfo
  readonly keys: KeyBook
  readonly door: Door
  readonly store: StoreReader
  /** Resolves when the store has handled all that the stream holds now. Rejects with store_unavailable when that takes too long. */
  storeCaughtUp(): Promise<void>
  /** What stands in place of a customer who is erased; the same each time. Rejects with store_unavailable. */
  erasedId(customer_id: string): Promise<string>
  /** The end of the stream; absent where a home cannot look into it. */
  recent?(wanted: RecentWanted): Promise<RecentPage>
  /** Whether an answer may go on for as long as somebody listens. Default: yes. */
  readonly streams?: boolean
  /** From the store updater's memory. */
  live(): Awaitable<LiveNow>
  readonly sql: SqlEngine
  /** What `sql` speaks. Default: duckdb. */
  readonly dialect?: 'duckdb' | 'trino'
  readonly reports: readonly Report[]
  /** What reports read bounded by their days. */
  readonly models: readonly Model[]
  /** Balance of the ledger over minutes since 1970 of received_at in [from, to): createLedger of monitor/. */
  ledger(from: number, to: number): Promise<LedgerReport>
  readonly lake: LakeView
  health(): Promise<Health>
  /** How the pipeline runs, now and over the last hour; absent where a home is watched from outside. */
  pipeline?(): Promise<PipelineState>
  /** How the alert rules stand; absent where a home is watched from outside. */
  alerts?(): AlertStates
  readonly metrics: Metrics
  /** Prometheus exposition of `metrics`. */
  metricsText(): Promise<string>
  readonly log: Log
  /** Milliseconds since 1970. */
  now(): number
  /** Aborts when the server begins to stop: open streams end and new requests get shutting_down. */
  readonly shutdown: AbortSignal
  /** Built console; without it `/` answers a plain page. */
  readonly console_directory?: string
}

export interface BuildInfo {
  readonly version: string
  readonly commit?: string
}

/** How far the lake is with an erasure; undefined where it has not met it yet. */
type EraseState = 'pending' | 'done' | undefined

/** What the collect process knows of the lake without asking its process. */
export interface LakeView {
  /** Accepted events that no encoder took, as dead letters; newest last. */
  notEncodable(): Awaitable<readonly StoreDocument[]>
  /**
   * How far the erase of one person has come in the lake's files: undefined while the lake has not seen the request made at
   * `requested_at`, milliseconds since 1970, or a later one.
   */
  eraseState(erased_id: string, requested_at: number): EraseState | Promise<EraseState>
  /**
   * Latest moment, in milliseconds since 1970, up to which received events are visible to SQL; undefined while unknown. Absent
   * where a home never knows.
   */
  freshness?(): number | undefined
}

export interface Health {
  readonly ready: boolean
  readonly checks: readonly HealthCheck[]
}

/** The part of pino that the app needs. Never given a payload. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
