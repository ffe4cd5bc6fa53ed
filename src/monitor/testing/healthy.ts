import type { HealthParts } from '../health.ts'

/** A server without a complaint, for tests to change one part of. */
export const HEALTHY: HealthParts = {
  stream: { ok: true },
  disk_free_bytes: 50_000_000_000,
  disk_reserve_bytes: 500_000_000,
  store_lag_records: 3,
  store_idle_s: 0,
  lake_up: true,
  lake_lag_records: 40,
  lake_lag_s: 1,
}
