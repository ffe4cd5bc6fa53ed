import type { createAthenaSql } from '../aws/athena-sql.ts'
import type { Config } from '../config.ts'
import { bookLateDuplicates, type LateCount } from '../consume/late-duplicates.ts'
import { createExpiry } from '../consume/share-expiry.ts'
import { MOST_DAYS_WRITTEN } from '../derive/athena.ts'
import {
  type CompactedDays,
  countLateSql,
  lateMinutesSql,
  noteLateSql,
} from '../derive/athena-duplicates.ts'
import type { SqlLimits } from '../ports.ts'
import { daysInTurn } from '../reports/table-days.ts'
import type { EventType } from '../schema/registry.ts'
import type { BucketStore } from '../share-ports.ts'

export interface DuplicatesOptions {
  readonly sql: ReturnType<typeof createAthenaSql>
  /** Runs a statement that changes a table. */
  change(statement: string): Promise<void>
  readonly store: BucketStore
  readonly config: Config
  readonly limits: SqlLimits
  /** Milliseconds since 1970. */
  now(): number
}

const MINUTE_MS = 60_000

/**
 * Finds what clients sent again among the rows that wait, whose types are compacted by now, and moves it in the ledger from in_lake to
 * duplicate_late. To be run before the objects are deleted; run again it comes to the same. Resolves to how many minutes it
 * touched.
 */
export async function moveLateDuplicates(
  options: DuplicatesOptions,
  compacted: readonly CompactedDays[],
): Promise<number> {
  if (compacted.length === 0) return 0
  const { sql, limits } = options
  const never = new AbortController().signal
  const { rows } = await sql.run(lateMinutesSql(compacted), [], limits, never)
  const minutes = rows.map(([minute]) => String(minute))
  const days = [...new Set(minutes.map((minute) => minute.slice(0, 10)))]
  for (const part of daysInTurn(days, MOST_DAYS_WRITTEN)) {
    await options.change(noteLateSql(compacted, { from: part[0]!, to: part.at(-1)! }))
    const theirs = minutes.filter((minute) => part.includes(minute.slice(0, 10)))
    await book(options, theirs)
  }
  return minutes.length
}

/** `minutes` as ISO 8601, in order, not empty. */
async function book(options: DuplicatesOptions, minutes: readonly string[]): Promise<void> {
  const { sql, store, config, limits, now } = options
  const expiresAt = createExpiry(config, now)
  await bookLateDuplicates(store, minutes.map(minuteOf), {
    expiresAt: (key) => expiresAt('lake_duplicates', key, {}),
    async count() {
      const never = new AbortController().signal
      const stretch = { from: minutes[0]!, to: minutes.at(-1)! }
      const { rows } = await sql.run(countLateSql(stretch), [], limits, never)
      return rows.map(
        ([event_type, source, minute, events]): LateCount => ({
          event_type: event_type as EventType,
          source: String(source),
          minute: minuteOf(String(minute)),
          events: Number(events),
        }),
      )
    },
  })
}

function minuteOf(iso: string): number {
  return Math.floor(Date.parse(iso) / MINUTE_MS)
}
