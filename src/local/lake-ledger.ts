import type { LedgerCounts, LedgerDelta } from '../ports.ts'
import { DAY_MINUTES, HOUR_DAYS, MINUTE_DAYS } from './ledger-age.ts'

/** Collects counts under (source, type, minute). Only what a lake books: events, never verdicts of the door. */
export interface LedgerTally {
  add(delta: LedgerDelta): void
  deltas(): LedgerDelta[]
}

export function createTally(): LedgerTally {
  const entries = new Map<string, { delta: LedgerDelta; counts: Partial<LedgerCounts> }>()
  return {
    add(delta) {
      const key = `${delta.minute} ${delta.event_type} ${delta.source}`
      const known = entries.get(key)
      if (known) addCounts(known.counts, delta.counts)
      else entries.set(key, { delta, counts: { ...delta.counts } })
    },
    deltas: () => [...entries.values()].map(({ delta, counts }) => ({ ...delta, counts })),
  }
}

/** Adds `more` into `counts`; names that come out as 0 go. */
export function addCounts(counts: Partial<LedgerCounts>, more: Partial<LedgerCounts>): void {
  for (const name of Object.keys(more) as (keyof LedgerCounts)[]) {
    const sum = (counts[name] ?? 0) + more[name]!
    if (sum === 0) delete counts[name]
    else counts[name] = sum
  }
}

/** The minute under which a ledger row is kept at this age: itself, its hour's first, or its day's first. */
export function keptMinute(minute: number, nowMinute: number): number {
  const today = nowMinute - (nowMinute % DAY_MINUTES)
  if (minute < today - HOUR_DAYS * DAY_MINUTES) return minute - (minute % DAY_MINUTES)
  if (minute < today - MINUTE_DAYS * DAY_MINUTES) return minute - (minute % 60)
  return minute
}
