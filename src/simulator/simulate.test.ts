import { createHash } from 'node:crypto'
import { isbot } from 'isbot'
import { describe, expect, it } from 'vitest'
import { validatorOf } from '../pipeline/validate.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { DAY_MS } from './calendar.ts'
import { type SimulateOptions, simulate } from './simulate.ts'
import type { SimulatedEvent } from './world.ts'

const FROM = Date.parse('2025-09-01T00:00:00Z')

function options(days: number, others: Partial<SimulateOptions> = {}): SimulateOptions {
  return { seed: 16, from: FROM, to: FROM + days * DAY_MS, sessions_per_day: 150, ...others }
}

function hashOf(events: Iterable<SimulatedEvent>): string {
  const hash = createHash('sha256')
  for (const next of events)
    hash.update(`${next.at} ${next.source} ${JSON.stringify(next.event)}\n`)
  return hash.digest('hex')
}

const FAULTS = { duplicate: 0.01, late: 0.02, out_of_order: 0.03, invalid: 0.01, clock_skew: 0.05 }

describe('simulate', () => {
  it('gives the same bytes for the same options, and others for another seed', () => {
    const once = hashOf(simulate(options(20, { faults: FAULTS })))
    expect(hashOf(simulate(options(20, { faults: FAULTS })))).toBe(once)
    expect(hashOf(simulate(options(20, { faults: FAULTS, seed: 17 })))).not.toBe(once)
  })

  it('goes on after `to` as if it had never been there', () => {
    const short = [...simulate(options(5))]
    const long = simulate(options(Number.POSITIVE_INFINITY))[Symbol.iterator]()
    for (const expected of short) expect(long.next().value).toEqual(expected)
    expect(long.next().value.at).toBeGreaterThanOrEqual(FROM + 5 * DAY_MS)
  })

  it('sends every event type, valid, in order of time, with the key it belongs to', () => {
    const seen = new Map<string, Set<string>>()
    let last = 0
    for (const { at, source, event } of simulate(options(60))) {
      expect(at).toBeGreaterThanOrEqual(last)
      last = at
      const type = event.event_type as EventType
      const result = validatorOf(type).safeParse(event)
      if (!result.success) expect.fail(`${JSON.stringify(event)}: ${result.error.message}`)
      seen.set(type, (seen.get(type) ?? new Set()).add(source))
    }
    expect([...seen.keys()].sort()).toEqual([...EVENT_TYPES].sort())
    for (const sources of seen.values()) expect(sources.size).toBe(1)
    expect([...seen.get('order_created')!, ...seen.get('inventory_updated')!]).toEqual([
      'server',
      'server',
    ])
    expect(seen.get('page_view')).toEqual(new Set(['browser']))
  })

  it('gives every event an id of its own, or a natural key', () => {
    const ids = new Set<unknown>()
    for (const { event } of simulate(options(30))) {
      const id =
        event.event_id ??
        [
          event.event_type,
          event.order_id ?? event.review_id ?? event.anonymous_id ?? event.product_id,
          event.payment_id ?? event.shipment_id ?? event.refund_id ?? event.customer_id,
        ].join()
      expect(ids.has(id), JSON.stringify(event)).toBe(false)
      ids.add(id)
    }
  })

  it('has people whom no list of bots knows, and bots that it does', () => {
    const bots = new Set<unknown>()
    let sessions = 0
    const simulation = simulate(options(20))
    for (const { event } of simulation) {
      if (event.user_agent === undefined) continue
      if (isbot(event.user_agent as string)) bots.add(event.session_id)
      else sessions++
    }
    expect(bots.size).toBe(simulation.truth().bot_sessions)
    expect(sessions).toBeGreaterThan(1000)
  })
})
