import { useQuery } from '@tanstack/react-query'
import { useSession } from '../data/session.tsx'

/** What happened in about ten seconds. */
export interface Point {
  readonly at: string
  readonly seconds: number
  readonly requests: number
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly lake_rows: number
  readonly accept_p50_ms: number | null
  readonly accept_p95_ms: number | null
  readonly accept_p99_ms: number | null
  readonly append_p99_ms: number | null
  readonly sql_p95_ms: number | null
  readonly queries: number
  readonly store_lag_records: number
  readonly lake_lag_records: number
}

export interface ProcessState {
  readonly name: string
  readonly memory_bytes?: number
  readonly cpu_share?: number
  readonly started_at?: string
  readonly restarts: number
}

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly optional: boolean
  readonly detail: string
}

/** GET /v1/pipeline. */
export interface PipelineState {
  readonly at: string
  readonly processes: readonly ProcessState[]
  readonly stream_bytes: number
  readonly stream_max_bytes: number
  readonly disk_free_bytes: number
  readonly disk_reserve_bytes: number
  readonly store_lag_records: number
  readonly lake_lag_records: number
  readonly lake_lag_s: number | null
  readonly lake_files: number | null
  readonly dedup_ids: number | null
  readonly compactions: number
  readonly history: readonly Point[]
  readonly health: { readonly ready: boolean; readonly checks: readonly Check[] }
}

const REFETCH_MS = 5000

export function usePipeline() {
  const { api } = useSession()
  return useQuery({
    queryKey: ['pipeline'],
    queryFn: ({ signal }) => api.read<PipelineState>('/v1/pipeline', { signal }),
    refetchInterval: REFETCH_MS,
  })
}

const RECENT = 3

/** A count per second over the last half minute. */
export function rateOf(history: readonly Point[], count: (point: Point) => number): number {
  const recent = history.slice(-RECENT)
  const seconds = recent.reduce((sum, point) => sum + point.seconds, 0)
  return seconds === 0 ? 0 : recent.reduce((sum, point) => sum + count(point), 0) / seconds
}

/** One minute of the last hour; nothing is known of it where `isKnown` is false. */
export interface Minute {
  /** On the shop's clock. */
  readonly time: string
  readonly isKnown: boolean
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
  readonly storeLag: number | undefined
  readonly lakeLag: number | undefined
}

const MINUTES = 60
const MINUTE_MS = 60_000

/** The last hour by minute: counts per second, of percentiles and lags the highest of its ten-second steps. */
export function minutesOf({ history, at }: PipelineState, zone: string): Minute[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'short' })
  const last = Math.floor(Date.parse(at) / MINUTE_MS)
  const steps = new Map<number, Point[]>()
  for (const point of history) {
    const minute = Math.floor(Date.parse(point.at) / MINUTE_MS)
    steps.set(minute, [...(steps.get(minute) ?? []), point])
  }
  return Array.from({ length: MINUTES }, (_, place) => {
    const minute = last - MINUTES + 1 + place
    return minuteOf(steps.get(minute) ?? [], format.format(minute * MINUTE_MS))
  })
}

function minuteOf(points: readonly Point[], time: string): Minute {
  const seconds = points.reduce((sum, point) => sum + point.seconds, 0)
  const perSecond = (count: (point: Point) => number) =>
    seconds === 0 ? 0 : points.reduce((sum, point) => sum + count(point), 0) / seconds
  return {
    time,
    isKnown: points.length > 0,
    accepted: perSecond(({ accepted }) => accepted),
    duplicate: perSecond(({ duplicate }) => duplicate),
    rejected: perSecond(({ rejected }) => rejected),
    p50: highest(points.map((point) => point.accept_p50_ms)),
    p95: highest(points.map((point) => point.accept_p95_ms)),
    p99: highest(points.map((point) => point.accept_p99_ms)),
    storeLag: highest(points.map((point) => point.store_lag_records)),
    lakeLag: highest(points.map((point) => point.lake_lag_records)),
  }
}

function highest(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? undefined : Math.max(...known)
}
