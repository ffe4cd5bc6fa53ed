import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventSchemaOf, eventsSchema } from '../../src/derive/json-schema.ts'
import { plainValidatorOf, refuseInvalid, validatorOf } from '../../src/pipeline/validate.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../../src/schema/registry.ts'
import { anyEvent, goodEvent, type JsonObject } from './arbitrary.ts'

type Verdict = (event: JsonObject) => boolean

/** The judges of one event type: what the collector asks, what stands behind it, and a stranger. */
interface Judges {
  readonly collector: Verdict
  readonly compiled: Verdict
  readonly plain: Verdict
  readonly independent: Verdict
}

/** RFC 3339 by the calendar alone: the date that JavaScript reads back must be the one that was written. */
function isDateTime(text: string): boolean {
  const match =
    /^(\d\d\d\d-\d\d-\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(
      text,
    )
  if (!match || !isDate(match[1]!)) return false
  const utc = new Date(text.toUpperCase())
  return utc.getUTCFullYear() >= 1 && utc.getUTCFullYear() <= 9999
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}

/** Four decimals, or a float that prints as four decimals within 1e-9 of itself. */
function isMoneyNumber(value: number): boolean {
  return Math.abs(value - Number(value.toFixed(4))) <= Math.abs(value) * 1e-9
}

function ajv(): Ajv2020 {
  const instance = new Ajv2020({ allowUnionTypes: true, strictRequired: false })
  instance.addFormat('date-time', { type: 'string', validate: isDateTime })
  instance.addFormat('money', { type: 'number', validate: isMoneyNumber })
  return instance
}

/** Rules between fields, which no validator of single fields sees. */
function rulesOf(type: EventType): Verdict {
  const names = EVENTS[type].at_least_one
  return (event) => !names || names.some((name) => (event[name] ?? null) !== null)
}

function judgesOf(type: EventType): Judges {
  const compiled = validatorOf(type)
  const plain = plainValidatorOf(type)
  const keepsRules = rulesOf(type)
  const validate = ajv().compile(eventSchemaOf(EVENTS[type]))
  return {
    collector: (event) => refuseInvalid(type, event) === undefined,
    compiled: (event) => compiled.safeParse(event).success && keepsRules(event),
    plain: (event) => plain.safeParse(event).success && keepsRules(event),
    independent: (event) => validate(event) === true,
  }
}

const JUDGES = new Map(EVENT_TYPES.map((type) => [type, judgesOf(type)]))

function verdictsOf(event: JsonObject): { [judge: string]: boolean } {
  const judges = JUDGES.get(event.event_type as EventType)!
  return {
    collector: judges.collector(event),
    compiled: judges.compiled(event),
    plain: judges.plain(event),
    independent: judges.independent(event),
  }
}

function all(verdict: boolean) {
  return { collector: verdict, compiled: verdict, plain: verdict, independent: verdict }
}

describe('the compiled validator, the plain one and JSON Schema', () => {
  it('agree on the examples of all types', () => {
    for (const type of EVENT_TYPES) {
      expect(verdictsOf(EVENTS[type].example as JsonObject), type).toEqual(all(true))
    }
  })

  it.each(EVENT_TYPES)('take good events of %s', (type) => {
    fc.assert(
      fc.property(goodEvent(type), (event) => {
        expect(verdictsOf(event)).toEqual(all(true))
      }),
      { numRuns: 30 },
    )
  })

  it('agree on whatever a sender gets wrong', () => {
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(anyEvent(), (event) => {
        const verdicts = verdictsOf(event)
        expect(verdicts).toEqual(all(verdicts.compiled!))
        if (verdicts.compiled) seen.taken++
        else seen.refused++
      }),
      { numRuns: 1500 },
    )
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(150)
  })

  it('agree when a field is missing, at any depth', () => {
    for (const type of EVENT_TYPES) {
      const { example } = EVENTS[type]
      for (const [name, field] of Object.entries(EVENTS[type].fields)) {
        const { [name]: _, ...rest } = example
        const verdict = !field.required && !EVENTS[type].at_least_one?.includes(name)
        expect(verdictsOf(rest as JsonObject), `${type} without ${name}`).toEqual(
          all(verdict || !(name in example)),
        )
      }
    }
    const order = EVENTS.order_created.example as JsonObject
    expect(verdictsOf({ ...order, items: [{ product_id: 'p', quantity: 1 }] })).toEqual(all(false))
  })

  it('agree on rules between fields', () => {
    const base = { event_type: 'inventory_updated', timestamp: '2025-01-15T10:30:00Z' }
    const stock = { ...base, product_id: 'p' }
    expect(verdictsOf(stock)).toEqual(all(false))
    expect(verdictsOf({ ...stock, level: null, delta: null })).toEqual(all(false))
    expect(verdictsOf({ ...stock, level: 0, delta: null })).toEqual(all(true))
  })

  it('agree through the union, where the type decides', () => {
    const union = ajv().compile(eventsSchema())
    fc.assert(
      fc.property(anyEvent(), (event) => {
        expect(union(event)).toBe(verdictsOf(event).compiled)
      }),
      { numRuns: 100 },
    )
    expect(union({ ...EVENTS.search.example, event_type: 'serach' })).toBe(false)
  })
})
