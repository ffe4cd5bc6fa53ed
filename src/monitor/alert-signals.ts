import type { LedgerCounts, LedgerDelta } from '../ports.ts'
import type { Signal } from './alert-rules.ts'
import type { AlertInput } from './alerts.ts'
import type { HealthParts } from './health.ts'

const EVENTS_MINUTES = 15
const HOUR_MINUTES = 60
const FEWEST_FOR_SHARE = 100
/** Of the minutes compared with, one in so many may be a burst. */
const MINUTES_PER_BURST = 12

/** Minutes of the ledger that the signals need, back from the moment of evaluation. */
export const SIGNAL_MINUTES = 3 * HOUR_MINUTES

/**
 * What the alert rules look at, from the store's and the lake's ledger of the last SIGNAL_MINUTES and the parts' health.
 * The minute that still runs is left out, so that a figure never compares a part of a minute with a whole one.
 */
export function alertSignals(given: {
  readonly at: number
  readonly ledger: readonly LedgerDelta[]
  readonly parts: HealthParts
}): AlertInput['signals'] {
  const { parts } = given
  const now = Math.floor(given.at / 60_000)
  const between = (from: number, to: number) =>
    given.ledger.filter(({ minute }) => minute >= now - from && minute < now - to)
  const counted = (from: number, to: number, of: CountOf) =>
    between(from, to).reduce((sum, delta) => sum + of(delta), 0)
  const before = (minutes: number, of: CountOf) =>
    withoutBursts(between(2 * minutes, minutes), minutes, of)
  const events = counted(EVENTS_MINUTES, 0, countOf('accepted'))
  const rejected = counted(EVENTS_MINUTES, 0, countOf('rejected'))
  return {
    stream_writable: { value: parts.stream.ok ? 1 : 0 },
    disk_headroom_bytes: { value: parts.disk_free_bytes - parts.disk_reserve_bytes },
    store_lag_records: { value: parts.store_lag_records },
    lake_up: { value: parts.lake_up ? 1 : 0 },
    ...(parts.lake_lag_s === undefined ? {} : { lake_lag_s: { value: parts.lake_lag_s } }),
    events: {
      value: events,
      previous: before(EVENTS_MINUTES, countOf('accepted')),
      ...lastAt(given.ledger, countOf('accepted')),
    },
    orders: {
      value: counted(HOUR_MINUTES, 0, orders),
      previous: before(HOUR_MINUTES, orders),
      ...lastAt(given.ledger, orders),
    },
    ...(events + rejected < FEWEST_FOR_SHARE
      ? {}
      : { rejected_share: { value: rejected / (events + rejected) } }),
    not_encodable: { value: counted(HOUR_MINUTES, -1, countOf('not_encodable')) },
  }
}

type CountOf = (delta: LedgerDelta) => number

function countOf(name: keyof LedgerCounts): CountOf {
  return (delta) => delta.counts[name] ?? 0
}

function orders(delta: LedgerDelta): number {
  return delta.event_type === 'order_created' ? (delta.counts.accepted ?? 0) : 0
}

/** What a stretch of minutes counts without its busiest ones: an import ends within minutes, and is not trade that falls off then. */
function withoutBursts(ledger: readonly LedgerDelta[], minutes: number, of: CountOf): number {
  const perMinute = new Map<number, number>()
  for (const delta of ledger) {
    perMinute.set(delta.minute, (perMinute.get(delta.minute) ?? 0) + of(delta))
  }
  return [...perMinute.values()]
    .sort((a, b) => b - a)
    .slice(Math.floor(minutes / MINUTES_PER_BURST))
    .reduce((sum, count) => sum + count, 0)
}

/** End of the last minute that has any. */
function lastAt(
  ledger: readonly LedgerDelta[],
  of: (delta: LedgerDelta) => number,
): Pick<Signal, 'last_at'> {
  const last = ledger.reduce(
    (latest, delta) => (of(delta) > 0 ? Math.max(latest, delta.minute) : latest),
    -1,
  )
  return last < 0 ? {} : { last_at: (last + 1) * 60_000 }
}
