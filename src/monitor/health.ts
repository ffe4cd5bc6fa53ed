/** What the server knows of its parts at one moment. Lags are of what is durable and not yet handled. */
export interface HealthParts {
  readonly stream: { readonly ok: true } | { readonly ok: false; readonly detail: string }
  readonly disk_free_bytes: number
  readonly disk_reserve_bytes: number
  readonly store_lag_records: number
  /** Seconds since the store updater last committed while it had something to do; 0 when it has not. */
  readonly store_idle_s: number
  readonly lake_up: boolean
  readonly lake_lag_records: number
  /** Seconds from receipt to SQL of what is visible last; undefined while unknown. */
  readonly lake_lag_s: number | undefined
}

export interface HealthCheck {
  readonly name: string
  readonly ok: boolean
  /** A failing check that does not stop the server from taking events. */
  readonly optional: boolean
  readonly detail: string
}

interface HealthRule {
  readonly name: string
  readonly optional: boolean
  ok(parts: HealthParts): boolean
  detail(parts: HealthParts): string
}

const STORE_STUCK_S = 30
const LAKE_BEHIND_S = 120

/** Every check of /readyz. Only what stops events from being taken makes the server not ready. */
const HEALTH_RULES: readonly HealthRule[] = [
  {
    name: 'stream',
    optional: false,
    ok: ({ stream }) => stream.ok,
    detail: ({ stream }) => (stream.ok ? 'takes records' : stream.detail),
  },
  {
    name: 'disk',
    optional: false,
    ok: (parts) => parts.disk_free_bytes > parts.disk_reserve_bytes,
    detail: (parts) =>
      `${gigabytes(parts.disk_free_bytes)} free, ${gigabytes(parts.disk_reserve_bytes)} kept in reserve`,
  },
  {
    name: 'store',
    optional: true,
    ok: (parts) => parts.store_idle_s < STORE_STUCK_S,
    detail: (parts) =>
      `${parts.store_lag_records} records behind, last commit ${Math.round(parts.store_idle_s)} s ago`,
  },
  {
    name: 'lake',
    optional: true,
    ok: (parts) => parts.lake_up && (parts.lake_lag_s ?? 0) < LAKE_BEHIND_S,
    detail: (parts) =>
      parts.lake_up
        ? `${parts.lake_lag_records} records not in files, SQL ${Math.round(parts.lake_lag_s ?? 0)} s behind`
        : 'the lake process starts or is down: events are taken, SQL waits',
  },
]

/** Readiness with one line per part. `ready` is false only while events would be refused. */
export function healthOf(parts: HealthParts): { ready: boolean; checks: HealthCheck[] } {
  const checks = HEALTH_RULES.map((rule) => ({
    name: rule.name,
    ok: rule.ok(parts),
    optional: rule.optional,
    detail: rule.detail(parts),
  }))
  return { ready: checks.every((check) => check.ok || check.optional), checks }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
