import type { Config } from '../config.ts'
import type { PipelineState, ProcessState } from '../http/pipeline-types.ts'
import type { HealthParts } from '../monitor/health.ts'
import {
  type MetricLike,
  type PipelinePoint,
  type PipelineSample,
  pointBetween,
  sampleOf,
} from '../monitor/pipeline-point.ts'
import { createPoll } from '../poll.ts'
import type { MetricSnapshot } from './prometheus.ts'

const EVERY_MS = 10_000
/** An hour. */
const KEPT = 360
const PROCESSES = ['collect', 'store', 'lake'] as const

export interface PipelineHistory {
  now(): Promise<PipelineState>
  stop(): Promise<void>
}

interface HistoryOptions {
  readonly config: Config
  /** Metrics of every process that answers. */
  metrics(): Promise<readonly MetricSnapshot[]>
  parts(): HealthParts
  streamBytes(): number
  onError(error: unknown): void
}

/** Looks at the metrics every ten seconds and keeps an hour of it; about 100 KB. Begins with the process. */
export function watchPipeline(options: HistoryOptions): PipelineHistory {
  const history: PipelinePoint[] = []
  let last: PipelineSample | undefined
  let cpu = new Map<string, { at: number; seconds: number; share: number }>()

  // The library's type of a snapshot leaves its values out.
  const allMetrics = async () =>
    (await options.metrics()).flat() as unknown as readonly MetricLike[]

  async function look(): Promise<void> {
    const metrics = await allMetrics()
    const at = Date.now()
    const { store_lag_records, lake_lag_records } = options.parts()
    const sample = sampleOf(at, metrics, { store_lag_records, lake_lag_records })
    if (last) history.push(pointBetween(last, sample))
    if (history.length > KEPT) history.shift()
    last = sample
    cpu = cpuSince(cpu, metrics, at)
  }

  const poll = createPoll(EVERY_MS, look, options.onError)
  poll.look()

  return {
    async now() {
      const metrics = await allMetrics()
      const parts = options.parts()
      return {
        at: new Date().toISOString(),
        processes: PROCESSES.map((name) => processOf(name, metrics, cpu.get(name)?.share)),
        stream_bytes: options.streamBytes(),
        stream_max_bytes: options.config.stream_max_bytes,
        disk_free_bytes: parts.disk_free_bytes,
        disk_reserve_bytes: parts.disk_reserve_bytes,
        store_lag_records: parts.store_lag_records,
        lake_lag_records: parts.lake_lag_records,
        lake_lag_s: parts.lake_lag_s ?? null,
        lake_files: sumOf(metrics, 'shoplake_lake_files') ?? null,
        compactions: sumOf(metrics, 'shoplake_lake_compactions_total') ?? 0,
        dedup_ids: sumOf(metrics, 'shoplake_dedup_ids') ?? null,
        history,
      }
    },
    stop: poll.stop,
  }
}

/** The sum over a metric's values, of one process where it is named; undefined where nobody measured it. */
function sumOf(metrics: readonly MetricLike[], name: string, process?: string): number | undefined {
  const values = metrics
    .filter((metric) => metric.name === name)
    .flatMap(({ values }) => values)
    .filter(({ labels }) => process === undefined || labels.process === process)
  return values.length === 0 ? undefined : values.reduce((sum, { value }) => sum + value, 0)
}

function processOf(
  name: string,
  metrics: readonly MetricLike[],
  cpu_share: number | undefined,
): ProcessState {
  const memory_bytes = sumOf(metrics, 'process_resident_memory_bytes', name)
  const started = sumOf(metrics, 'process_start_time_seconds', name)
  return {
    name,
    restarts: sumOf(metrics, 'shoplake_process_restarts_total', name) ?? 0,
    ...(memory_bytes === undefined ? {} : { memory_bytes }),
    ...(started === undefined ? {} : { started_at: new Date(started * 1000).toISOString() }),
    ...(cpu_share === undefined || memory_bytes === undefined ? {} : { cpu_share }),
  }
}

function cpuSince(
  before: ReadonlyMap<string, { at: number; seconds: number }>,
  metrics: readonly MetricLike[],
  at: number,
) {
  const now = new Map<string, { at: number; seconds: number; share: number }>()
  for (const name of PROCESSES) {
    const seconds = sumOf(metrics, 'process_cpu_seconds_total', name)
    const last = before.get(name)
    if (seconds === undefined) continue
    const grown = last === undefined || seconds < last.seconds ? 0 : seconds - last.seconds
    const passed_s = last === undefined ? 1 : Math.max(0.001, (at - last.at) / 1000)
    now.set(name, { at, seconds, share: grown / passed_s })
  }
  return now
}
