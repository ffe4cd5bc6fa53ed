import { EVENTS, type EventFields, type EventType } from '../schema/registry.ts'
import type { Agenda } from './agenda.ts'
import type { Calendar } from './calendar.ts'
import type { Catalogue } from './catalogue.ts'
import type { Random } from './random.ts'
import type { Search } from './searching.ts'
import { addTo, type TruthBook } from './truth.ts'

/** Which kind of key the shop would send it with. */
export type SimulatedSource = 'browser' | 'server'

/** An event as it goes over the wire: JSON and nothing else. */
export type WireEvent = { [field: string]: unknown }

/** One event on its way. `at` is when it is sent, in milliseconds since 1970. */
export interface SimulatedEvent {
  readonly at: number
  readonly source: SimulatedSource
  readonly event: WireEvent
}

/** Everything that the parts of the shop share: its clock, its dice, its shelves and its books. */
export interface World {
  readonly random: Random
  readonly calendar: Calendar
  readonly catalogue: Catalogue
  /** Pieces on hand, by product index. */
  readonly stock: number[]
  readonly search: (random: Random) => Search
  readonly truth: TruthBook
  readonly agenda: Agenda<() => void>
  /** Sent and not yet handed out. */
  readonly outbox: SimulatedEvent[]
  readonly currency: string
  readonly sessions_per_day: number
  readonly seed: number
  /** Stands in every id, so that two shops do not share one. */
  readonly tag: string
  /** Milliseconds since 1970. */
  now: number
  counter: number
}

/** Who an event is about. Undefined parts are left out. */
export interface Sender {
  readonly session_id?: string | undefined
  readonly customer_id?: string | undefined
  readonly anonymous_id?: string | undefined
  readonly page_url?: string | undefined
  readonly referrer?: string | undefined
  readonly user_agent?: string | undefined
  /** How far the sender's clock is ahead of the truth, in milliseconds. */
  readonly skew_ms?: number
}

/** Puts one event into the outbox. An event type without a natural key gets an event_id. */
export function send<T extends EventType>(
  world: World,
  source: SimulatedSource,
  type: T,
  sender: Sender,
  fields: EventFields<T>,
): void {
  const event: WireEvent = { event_type: type }
  if (!EVENTS[type].natural_key) event.event_id = nextId(world, 'e')
  event.timestamp = new Date(world.now + (sender.skew_ms ?? 0)).toISOString()
  if (sender.session_id !== undefined) event.session_id = sender.session_id
  if (sender.customer_id !== undefined) event.customer_id = sender.customer_id
  if (sender.anonymous_id !== undefined) event.anonymous_id = sender.anonymous_id
  if (sender.page_url !== undefined) event.page_url = sender.page_url
  if (sender.referrer !== undefined) event.referrer = sender.referrer
  if (sender.user_agent !== undefined) event.user_agent = sender.user_agent
  for (const name in fields) event[name] = fields[name]
  addTo(world.truth.events, type, 1)
  if (sender.skew_ms) world.truth.faults.clock_skew++
  world.outbox.push({ at: world.now, source, event })
}

/** An id that this shop has not used, such as `ord_16_2f`. */
export function nextId(world: World, prefix: string): string {
  world.counter++
  return `${prefix}_${world.tag}_${world.counter.toString(36)}`
}

/** Runs `action` after `delay_ms`, at the earliest one millisecond from now. */
export function later(world: World, delay_ms: number, action: () => void): void {
  world.agenda.schedule(world.now + Math.max(1, Math.round(delay_ms)), action)
}

/** Ten-thousandths as the wire's JSON number. */
export function amount(units: number): number {
  return units / 10_000
}

/** The books of the local day of this moment. */
export function today(world: World, skew_ms = 0) {
  return world.truth.day(world.calendar.dateOf(world.now + skew_ms))
}
