import { describe, expect, it } from 'vitest'
import { isEventType } from '../schema/registry.ts'
import { DAY_MS } from './calendar.ts'
import type { FaultRates } from './faults.ts'
import { simulate } from './simulate.ts'
import type { SimulatedEvent } from './world.ts'

const FROM = Date.parse('2025-05-05T00:00:00Z')
const DAYS = 12

function run(faults?: FaultRates) {
  const simulation = simulate({
    seed: 8,
    from: FROM,
    to: FROM + DAYS * DAY_MS,
    sessions_per_day: 300,
    ...(faults ? { faults } : {}),
  })
  const events = [...simulation]
  return { events, truth: simulation.truth() }
}

const PLAIN = run()

/** What the events say, apart from when they were sent. */
function textsOf(events: readonly SimulatedEvent[]): string[] {
  return events.map(({ event: { sent_at: _, ...event } }) => JSON.stringify(event)).sort()
}

function expectShare(count: number, rate: number): void {
  const expected = PLAIN.events.length * rate
  expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected) + 1)
}

describe('faults', () => {
  it('are none unless asked for', () => {
    expect(textsOf(run({}).events)).toEqual(textsOf(PLAIN.events))
    const { invalid, ...counts } = PLAIN.truth.faults
    expect(invalid).toEqual({})
    expect(Object.values(counts).every((count) => count === 0)).toBe(true)
  })

  it('change nothing of what happened', () => {
    const { truth } = run({
      duplicate: 0.05,
      late: 0.05,
      out_of_order: 0.1,
      invalid: 0.05,
      unknown_field: 0.05,
    })
    expect({ ...truth, faults: undefined }).toEqual({ ...PLAIN.truth, faults: undefined })
  })

  it('send some events twice, byte for byte, soon after', () => {
    const { events, truth } = run({ duplicate: 0.02 })
    const firsts = new Map<string, number>()
    let again = 0
    for (const { at, event } of events) {
      const text = JSON.stringify(event)
      const first = firsts.get(text)
      if (first === undefined) firsts.set(text, at)
      else {
        again++
        expect(at - first).toBeLessThanOrEqual(600_000)
      }
    }
    expect(again).toBe(truth.faults.duplicate)
    expectShare(again, 0.02)
    expect([...firsts.keys()].sort()).toEqual(textsOf(PLAIN.events))
  })

  it('send some events late or after their followers, each once, and in order of arrival', () => {
    const { events, truth } = run({ late: 0.02, out_of_order: 0.03 })
    expect(textsOf(events)).toEqual(textsOf(PLAIN.events))
    const delays = events.map(({ at, event }) => at - Date.parse(event.timestamp as string))
    expect(delays.filter((delay) => delay >= 300_000).length).toBe(truth.faults.late)
    expect(delays.filter((delay) => delay > 0 && delay < 300_000).length).toBe(
      truth.faults.out_of_order,
    )
    const untrue = events.filter(({ at, event }) => {
      const isHeldUp = at > Date.parse(event.timestamp as string)
      return event.sent_at !== (isHeldUp ? new Date(at).toISOString() : undefined)
    })
    expect(untrue).toEqual([])
    expectShare(truth.faults.late, 0.02)
    expectShare(truth.faults.out_of_order, 0.03)
    expect(Math.max(...delays)).toBeLessThanOrEqual(3 * DAY_MS)
    for (const [index, { at }] of events.entries()) {
      if (index > 0) expect(at).toBeGreaterThanOrEqual(events[index - 1]!.at)
    }
  })

  it('add broken events of every kind, and count each kind', () => {
    const { events, truth } = run({ invalid: 0.02 })
    const plain = new Set(textsOf(PLAIN.events))
    const extra = events.filter(({ event }) => !plain.has(JSON.stringify(event)))
    const total = Object.values(truth.faults.invalid).reduce((sum, count) => sum + count, 0)
    expect(extra.length).toBe(total)
    expect(events.length).toBe(PLAIN.events.length + total)
    expectShare(total, 0.02)
    expect(extra.filter(({ event }) => Array.isArray(event)).length).toBe(
      truth.faults.invalid.not_an_object,
    )
    const unknown = extra.filter(
      ({ event }) => !Array.isArray(event) && !isEventType(event.event_type),
    )
    expect(unknown.length).toBe(truth.faults.invalid.unknown_event_type)
    expect(Object.keys(truth.faults.invalid).sort()).toEqual([
      ...['invalid_field', 'missing_field', 'not_an_object'],
      ...['timestamp_in_future', 'unknown_event_type'],
    ])
  })

  it('add fields that nobody knows', () => {
    const { events, truth } = run({ unknown_field: 0.02 })
    const plain = new Set(textsOf(PLAIN.events))
    const drifted = events.filter(({ event }) => !plain.has(JSON.stringify(event)))
    expect(events.length).toBe(PLAIN.events.length)
    expect(drifted.length).toBe(truth.faults.unknown_field)
    expectShare(drifted.length, 0.02)
  })

  it('set some clocks back: on whole sessions, in the browser only, and the truth follows', () => {
    const { events, truth } = run({ clock_skew: 0.1 })
    const skewed = new Map<unknown, number>()
    let count = 0
    for (const { at, source, event } of events) {
      const skew = Date.parse(event.timestamp as string) - at
      if (source === 'server') expect(skew).toBe(0)
      if (skew === 0) continue
      count++
      expect(skew).toBeLessThan(0)
      expect(skewed.get(event.session_id) ?? skew).toBe(skew)
      skewed.set(event.session_id, skew)
    }
    expect(count).toBe(truth.faults.clock_skew)
    expect(skewed.size / truth.totals.sessions).toBeGreaterThan(0.07)
    expect(skewed.size / truth.totals.sessions).toBeLessThan(0.13)
    expect(truth.totals).toEqual(PLAIN.truth.totals)
    expect(truth.purchase_funnel).toEqual(PLAIN.truth.purchase_funnel)
    const firstDays = new Map<string, number>()
    const seen = new Set<unknown>()
    for (const { event } of events) {
      if (event.session_id === undefined || seen.has(event.session_id)) continue
      seen.add(event.session_id)
      if (/bot/i.test(event.user_agent as string)) continue
      const day = (event.timestamp as string).slice(0, 10)
      firstDays.set(day, (firstDays.get(day) ?? 0) + 1)
    }
    const told = Object.entries(truth.days).map(([day, { sessions }]) => [day, sessions])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(firstDays))
  })
})
