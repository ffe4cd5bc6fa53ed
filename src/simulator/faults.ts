import { createAgenda } from './agenda.ts'
import { DAY_MS } from './calendar.ts'
import { createRandom, type Random } from './random.ts'
import type { FaultTruth } from './truth.ts'
import type { SimulatedEvent, WireEvent } from './world.ts'

/** Share of the shop's events that meet with each fault, 0 to 1. */
export interface FaultRates {
  /** Sent again, byte for byte, within ten minutes. */
  readonly duplicate?: number
  /** Sent minutes to three days after it happened. */
  readonly late?: number
  /** Overtaken by events of the next two minutes. */
  readonly out_of_order?: number
  /** A broken event besides: one of the kinds of `BREAKERS`. */
  readonly invalid?: number
  /** With a field that no schema knows. */
  readonly unknown_field?: number
  /** Share of sessions whose browser's clock is behind. */
  readonly clock_skew?: number
}

const MINUTE_MS = 60_000
/** Shortest delay of a late event; one out of order is held up for less. */
export const LATE_MS = 5 * MINUTE_MS

/**
 * The events as they arrive when things go wrong on the way, in order of arrival. What happened in the shop stays the
 * same: no event is lost or changed beyond `sent_at` and an unknown field, broken ones come on top. Counts into `counts`.
 */
export function* withFaults(
  events: Iterable<SimulatedEvent>,
  rates: FaultRates,
  seed: number,
  counts: FaultTruth,
): Generator<SimulatedEvent> {
  const random = createRandom(seed, 202)
  const delayed = createAgenda<SimulatedEvent>()
  const send = (next: SimulatedEvent) => delayed.schedule(next.at, next)
  for (const original of events) {
    while (delayed.nextAt() < original.at) yield delayed.take()!
    for (const next of mishandle(original, rates, random, counts)) send(next)
  }
  while (delayed.size > 0) yield delayed.take()!
}

/** What one event becomes. */
function mishandle(
  original: SimulatedEvent,
  rates: FaultRates,
  random: Random,
  counts: FaultTruth,
): SimulatedEvent[] {
  const delay = delayOf(rates, random, counts)
  const held = delay > 0 ? withSentAt(original.event, delay) : original.event
  const event = random.chance(rates.unknown_field ?? 0)
    ? withUnknownField(held, random, counts)
    : held
  const sent = { ...original, event, at: original.at + delay }
  const all = [sent]
  if (random.chance(rates.duplicate ?? 0)) {
    counts.duplicate++
    all.push({ ...sent, at: sent.at + random.integer(1000, 10 * MINUTE_MS) })
  }
  if (random.chance(rates.invalid ?? 0)) all.push(broken(original, random, counts))
  return all
}

function delayOf(rates: FaultRates, random: Random, counts: FaultTruth): number {
  if (random.chance(rates.late ?? 0)) {
    counts.late++
    return Math.min(3 * DAY_MS, LATE_MS + Math.round(random.exponential(6 * 60 * MINUTE_MS)))
  }
  if (random.chance(rates.out_of_order ?? 0)) {
    counts.out_of_order++
    return random.integer(1000, 2 * MINUTE_MS)
  }
  return 0
}

/** A sender that was held up says when it sent, by the clock by which it said when it happened. */
function withSentAt(event: WireEvent, delay: number): WireEvent {
  const sent = Date.parse(event.timestamp as string) + delay
  return { ...event, sent_at: new Date(sent).toISOString() }
}

const UNKNOWN_FIELDS: readonly (readonly [string, unknown])[] = [
  ['experiment', 'checkout_b'],
  ['loyalty_points', 120],
  ['gift', { wrapped: true, card: 'Happy birthday' }],
  ['scroll_depth', 0.75],
  ['tags', ['vip', 'autumn']],
]

function withUnknownField(event: WireEvent, random: Random, counts: FaultTruth): WireEvent {
  counts.unknown_field++
  const [name, value] = random.pick(UNKNOWN_FIELDS)
  return { ...event, [name]: value }
}

type Breaker = (event: WireEvent) => WireEvent

/**
 * How to break an event so that the collector refuses it with each reason. Two are not among them:
 * `malformed_json` is no event, and of `too_large` a few would outweigh all others.
 */
const BREAKERS: readonly (readonly [string, Breaker])[] = [
  ['not_an_object', (event) => [event.event_type] as unknown as WireEvent],
  ['unknown_event_type', (event) => ({ ...event, event_type: `${event.event_type}s` })],
  ['unknown_event_type', ({ event_type: _, ...rest }) => rest],
  ['missing_field', ({ timestamp: _, ...rest }) => rest],
  ['missing_field', (event) => ({ ...event, timestamp: null })],
  ['invalid_field', (event) => ({ ...event, timestamp: '2025-02-30T12:00:00Z' })],
  ['invalid_field', (event) => ({ ...event, timestamp: 1736937000 })],
  ['invalid_field', (event) => ({ ...event, session_id: { id: 7 } })],
  ['invalid_field', (event) => ({ ...event, page_url: 'https://shop.example/\ud800' })],
  ['timestamp_in_future', (event) => ({ ...event, timestamp: '9000-01-01T00:00:00Z' })],
]

function broken(original: SimulatedEvent, random: Random, counts: FaultTruth): SimulatedEvent {
  const [reason, breakIt] = random.pick(BREAKERS)
  counts.invalid[reason] = (counts.invalid[reason] ?? 0) + 1
  const { event_id: _, ...event } = original.event
  return { ...original, event: breakIt(event) }
}
