import type { Config } from '../config.ts'
import type { Documents } from '../pipeline/documents.ts'
import { minuteOfKey } from '../pipeline/ledger-shares.ts'
import { DAY_MS, LIVE_DAYS, SEEN_DAYS, SESSION_DAYS } from '../pipeline/project-context.ts'
import type { StoreDocument, StoreTable } from '../ports.ts'
import type { BucketTable } from '../share-ports.ts'

/** How long a deleted share keeps its guard: longer than the stream keeps records. */
const DELETED_DAYS = 30
/** How long the ledger is kept, minute by minute. */
const LEDGER_DAYS = 400

/**
 * Moments, in milliseconds since 1970, from which shares may be deleted by themselves; undefined for what is kept. The same times
 * as the sweep of the embedded store keeps, as the store deletes by itself here.
 */
export function createExpiry(
  config: Pick<Config, 'dead_letter_days'>,
  now: () => number,
): (table: BucketTable, key: string, document: StoreDocument | null) => number | undefined {
  return (table, key, document) => {
    if (document === null) return now() + DELETED_DAYS * DAY_MS
    const after = (moment: string, days: number) => Date.parse(moment) + days * DAY_MS
    const as = <T extends StoreTable>() => document as unknown as Documents[T]
    switch (table) {
      case 'sessions': {
        const { last_at, cart_at } = as<'sessions'>()
        // A visit that only an order has named has no event of its own.
        return last_at || cart_at ? after(last_at || cart_at!, SESSION_DAYS) : undefined
      }
      case 'live_minutes':
        return after(`${key}:00Z`, LIVE_DAYS)
      case 'dead_letters':
      case 'lake_refused':
        return after(as<'dead_letters'>().received_at, config.dead_letter_days)
      case 'seen':
        return (as<'seen'>().day + SEEN_DAYS) * DAY_MS
      case 'live':
        return now() + DAY_MS
      case 'ledger':
      case 'lake_ledger':
      case 'lake_duplicates':
        return minuteOfKey(key) * 60_000 + LEDGER_DAYS * DAY_MS
      default:
        return undefined
    }
  }
}
