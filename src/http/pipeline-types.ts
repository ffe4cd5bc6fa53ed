import type { PipelinePoint } from '../monitor/pipeline-point.ts'

/** One process of this home. */
export interface ProcessState {
  readonly name: string
  /** Missing while it does not answer. */
  readonly memory_bytes?: number
  /** Part of one core that it used of late, 0 to any number of cores. */
  readonly cpu_share?: number
  /** ISO 8601. */
  readonly started_at?: string
  /** Times that it was started again since the supervisor began. */
  readonly restarts: number
}

/** How the pipeline runs: now, and over the last hour. */
export interface PipelineState {
  /** ISO 8601. */
  readonly at: string
  readonly processes: readonly ProcessState[]
  readonly stream_bytes: number
  readonly stream_max_bytes: number
  readonly disk_free_bytes: number
  readonly disk_reserve_bytes: number
  readonly store_lag_records: number
  readonly lake_lag_records: number
  /** By how much SQL is behind; null when unknown. */
  readonly lake_lag_s: number | null
  /** Null where it was not measured yet, as with the next. */
  readonly lake_files: number | null
  readonly dedup_ids: number | null
  readonly compactions: number
  /** Oldest first, up to an hour. */
  readonly history: readonly PipelinePoint[]
}
