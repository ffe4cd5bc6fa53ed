import { createAgenda } from './agenda.ts'
import { createCalendar } from './calendar.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { type FaultRates, withFaults } from './faults.ts'
import { createRandom, type Random } from './random.ts'
import { createSearches } from './searching.ts'
import { startCatalogue } from './shelves.ts'
import { openStock } from './stock.ts'
import { startTraffic } from './traffic.ts'
import { createTruthBook, type Truth, type TruthBook } from './truth.ts'
import type { SimulatedEvent, World } from './world.ts'

export interface SimulateOptions {
  /** A whole number. The same options give the same events, byte for byte. */
  readonly seed: number
  /** When the shop opens, milliseconds since 1970. */
  readonly from: number
  /** When to stop, exclusive; Infinity to go on for ever. Says nothing about the events before it. */
  readonly to: number
  /** Mean visits of people on a day of an average month, in the first year. Default 1,000. */
  readonly sessions_per_day?: number
  /** Default 200. */
  readonly products?: number
  /** IANA zone in which the shop's day and hours run. Default UTC. */
  readonly time_zone?: string
  /** ISO 4217. Default USD. */
  readonly currency?: string
  /** How much busier a year makes the shop; 0.3 is 30 %. Default 0.3. */
  readonly growth_per_year?: number
  /** What goes wrong on the way. Default nothing. */
  readonly faults?: FaultRates
}

/** A shop's events in order of sending, once. */
export interface Simulation extends Iterable<SimulatedEvent> {
  /** What has really happened up to the last event that was taken. Delayed events are in it as soon as they happened. */
  truth(): Truth
}

/** The shop before it opens: what it sells and how people look for it. */
export interface Shop {
  readonly seed: number
  readonly catalogue: Catalogue
  readonly search: World['search']
}

/** The catalogue of a seed; `simulate` builds the same one. */
export function createShop(options: { seed: number; products?: number }): Shop {
  const catalogue = createCatalogue(options.seed, options.products ?? 200)
  return { seed: options.seed, catalogue, search: createSearches(catalogue) }
}

/**
 * A synthetic shop from its opening on: lazily, in constant memory but for its customers.
 * Events of `browser` belong to a browser's key, those of `server` to the shop's own.
 */
export function simulate(options: SimulateOptions): Simulation {
  const truth = createTruthBook()
  const { faults } = options
  const happened = happenings(options, truth)
  const events = faults ? withFaults(happened, faults, options.seed, truth.faults) : happened
  return { [Symbol.iterator]: () => events, truth: () => truth.snapshot() }
}

function* happenings(options: SimulateOptions, truth: TruthBook): Generator<SimulatedEvent> {
  const world = createWorld(options, truth)
  startCatalogue(world)
  openStock(world)
  startTraffic(world, {
    growth_per_year: options.growth_per_year ?? 0.3,
    clock_skew: options.faults?.clock_skew ?? 0,
  })
  yield* world.outbox.splice(0)
  while (world.agenda.nextAt() < options.to) {
    world.now = world.agenda.nextAt()
    world.agenda.take()!()
    for (const event of world.outbox) yield event
    world.outbox.length = 0
  }
}

function createWorld(options: SimulateOptions, truth: TruthBook): World {
  const random: Random = createRandom(options.seed, 1)
  const { catalogue, search } = createShop(options)
  return {
    random,
    calendar: createCalendar(options.time_zone ?? 'UTC'),
    catalogue,
    stock: [],
    search,
    truth,
    agenda: createAgenda(),
    outbox: [],
    currency: options.currency ?? 'USD',
    sessions_per_day: options.sessions_per_day ?? 1000,
    seed: options.seed,
    tag: (options.seed >>> 0).toString(36),
    now: options.from,
    counter: 0,
  }
}
