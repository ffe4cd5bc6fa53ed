import type { LedgerCounts, LedgerDelta } from '../ports.ts'
import type { Share } from '../share-ports.ts'

/** Digits of a minute since 1970 in keys: as text they sort as the numbers do. */
const MINUTE_DIGITS = 10

/** Key of a minute's counts in the tables `ledger` and `lake_ledger`. `minute` is minutes since 1970. */
export function minuteKey(minute: number): string {
  const bounded = Math.max(0, Math.min(minute, 10 ** MINUTE_DIGITS - 1))
  return String(bounded).padStart(MINUTE_DIGITS, '0')
}

export function minuteOfKey(key: string): number {
  return Number(key)
}

/** What one bucket counted in one minute: by source, then by event type. */
export interface MinuteShare {
  counts: { [source: string]: { [event_type: string]: Partial<LedgerCounts> } }
}

export function emptyMinute(): MinuteShare {
  return { counts: {} }
}

/** Adds counts to a minute's share, in place. */
export function bookInto(share: MinuteShare, { source, event_type, counts }: LedgerDelta): void {
  share.counts[source] ??= {}
  const types = share.counts[source]
  types[event_type] ??= {}
  addCounts(types[event_type], counts)
}

/** Ledger rows of the shares of all buckets, and of both consumers, put together. */
export function ledgerOf(shares: readonly Share[]): LedgerDelta[] {
  const sums = new Map<string, LedgerDelta & { counts: Partial<LedgerCounts> }>()
  for (const { key, document } of shares) {
    const { counts: sources } = (document ?? emptyMinute()) as unknown as MinuteShare
    for (const [source, types] of Object.entries(sources)) {
      for (const [event_type, counts] of Object.entries(types)) {
        const name = JSON.stringify([key, source, event_type])
        const held = sums.get(name) ?? {
          source,
          event_type: event_type as LedgerDelta['event_type'],
          minute: minuteOfKey(key),
          counts: {},
        }
        addCounts(held.counts, counts)
        sums.set(name, held)
      }
    }
  }
  return [...sums.values()]
}

function addCounts(target: Partial<LedgerCounts>, counts: Partial<LedgerCounts>): void {
  for (const [name, count] of Object.entries(counts) as [keyof LedgerCounts, number][]) {
    target[name] = (target[name] ?? 0) + count
  }
}
