import fc from 'fast-check'
import { wireFieldsOf } from '../../src/derive/json-schema.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../../src/schema/registry.ts'
import type { Field, Fields, Scalar } from '../../src/schema/scalar.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** Valid and nearly valid events of all types, as a client could send them. */
export function anyEvent(): fc.Arbitrary<JsonObject> {
  return fc
    .constantFrom(...EVENT_TYPES)
    .chain((type) => fc.tuple(goodEvent(type), fc.array(mutation(), { maxLength: 2 })))
    .map(([event, mutations]) => mutations.reduce(applyMutation, event))
}

/** Events of one type that the definition takes. */
export function goodEvent(type: EventType): fc.Arbitrary<JsonObject> {
  const { at_least_one } = EVENTS[type]
  return goodObject(wireFieldsOf(EVENTS[type])).map((fields) => {
    const event: JsonObject = { event_type: type, ...fields }
    if (!at_least_one || at_least_one.some((name) => (event[name] ?? null) !== null)) return event
    return { ...event, [at_least_one[0]!]: 1 }
  })
}

function goodObject(fields: Fields): fc.Arbitrary<JsonObject> {
  const parts = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, goodField(field)]),
  )
  const requiredKeys = Object.keys(fields).filter((name) => fields[name]!.required)
  return fc.record(parts, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<JsonObject>
}

function goodField(field: Field): fc.Arbitrary<Json> {
  const value = goodValue(field.scalar)
  return field.required ? value : fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null))
}

function goodValue(scalar: Scalar): fc.Arbitrary<Json> {
  const { json_schema: schema, column, canonical } = scalar
  if (column.kind === 'list') {
    const minLength = schema.minItems as number
    return fc.array(goodObject(scalar.fields!), { minLength, maxLength: minLength + 2 })
  }
  if (column.kind === 'struct') return goodObject(scalar.fields!)
  if (canonical === 'money') return goodMoney()
  if (canonical === 'timestamp') return goodTimestamp()
  if (canonical === 'upper') return fc.stringMatching(/^[A-Za-z]{3}$/)
  if (canonical === 'json') return fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Json>
  if (schema.enum) return fc.constantFrom(...(schema.enum as string[]))
  if (column.kind === 'boolean') return fc.boolean()
  if (column.kind === 'int32') {
    return fc.integer({ min: schema.minimum as number, max: schema.maximum as number })
  }
  return goodText((schema.minLength as number | undefined) ?? 0, schema.maxLength as number)
}

function goodText(min: number, max: number): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ minLength: min, maxLength: Math.min(max, 20) }) },
    fc.string({ unit: 'binary', minLength: min, maxLength: Math.min(max, 20) }),
    fc.constantFrom('a'.repeat(min), 'a'.repeat(max), '😀'.repeat(max), '\u0000'.repeat(max)),
  )
}

function goodMoney(): fc.Arbitrary<number | string> {
  const units = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 })
  return fc.oneof(
    units.map((value) => value / 10_000),
    units.map((value) => value / 100),
    units.map((value) => (value / 10_000).toFixed(4)),
    fc.constantFrom(
      0,
      -0,
      59.980000000000004,
      0.1 + 0.2,
      99_999_999_999.9999,
      '99999999999999.9999',
    ),
  )
}

function goodTimestamp(): fc.Arbitrary<string> {
  const moment = fc.date({
    min: new Date('0001-01-02T00:00:00Z'),
    max: new Date('9999-12-30T00:00:00Z'),
    noInvalidDate: true,
  })
  return fc.oneof(
    moment.map((date) => date.toISOString()),
    fc
      .tuple(moment, fc.constantFrom('+07:00', '-11:30', '+23:59', 'z', 'Z'))
      .map(([date, offset]) => date.toISOString().replace('Z', offset).replace('T', 't')),
    fc.constantFrom('2024-02-29T23:59:59.123456789Z', '2025-01-15T10:30:00Z'),
  )
}

/** One change somewhere in the event: `pick` chooses the place among all of them. */
interface Mutation {
  readonly pick: number
  readonly action: 'replace' | 'remove' | 'add'
  readonly value: Json
}

function mutation(): fc.Arbitrary<Mutation> {
  return fc.record({
    pick: fc.nat(),
    action: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add'),
    value: fc.oneof(fc.constantFrom(...ODD_VALUES), fc.jsonValue() as fc.Arbitrary<Json>),
  }) as fc.Arbitrary<Mutation>
}

/** What real senders get wrong, and the edges of every scalar. */
const ODD_VALUES: readonly Json[] = [
  ...[null, true, false, '', ' ', [], {}, [null], [{}], [[]], 'null', 'granted', 'GRANTED'],
  ...[0, -0, 1, -1, 1.5, 5, 6, 1e3, 2147483647, 2147483648, -2147483648, -2147483649, 1e300],
  ...[29.99, 29.9999, 29.99999, 0.00001, 1e-12, 59.980000000000004, 59.98000001, 1e11, 1e11 - 0.5],
  ...[99_999_999_999.9999, -1e11, 1e14, 12_345.678_900_000_001],
  ...[
    '29.99',
    '29.9999',
    '29.99999',
    '1e3',
    '+1',
    '-0',
    '.5',
    '5.',
    '0x10',
    ' 1',
    '1 ',
    '1,5',
    '٣',
  ],
  ...[
    '99999999999999.9999',
    '100000000000000',
    '00000000000000.1',
    '-99999999999999',
    'NaN',
    '1\n',
  ],
  ...['USD', 'usd', 'US', 'USDX', 'U D', 'ÜSD', '𝐔SD', 'USD\n'],
  ...['2025-01-15T10:30:00Z', '2025-01-15T10:30:00', '2025-01-15', '2025-01-15 10:30:00Z'],
  ...[
    '2016-12-31T23:59:60Z',
    '2025-02-29T00:00:00Z',
    '2024-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
  ],
  ...[
    '2000-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-10T00:00:00Z',
    '2025-04-31T00:00:00Z',
  ],
  ...['2025-01-15T24:00:00Z', '2025-01-15T23:60:00Z', '2025-01-15T10:30Z', '2025-1-15T10:30:00Z'],
  ...['2025-01-15t10:30:00z', '2025-01-15T10:30:00+24:00', '2025-01-15T10:30:00+07:60'],
  ...['2025-01-15T10:30:00+0700', '2025-01-15T10:30:00-00:00', '2025-01-15T10:30:00.Z'],
  ...['2025-01-15T10:30:00.1234567890Z', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00+00:01'],
  ...[
    '9999-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59-00:01',
    '+012025-01-15T10:30:00Z',
    '1736937000',
  ],
  ...['0001-01-01T00:00:00Z', '2025-01-15T10:30:00Z\n', '２025-01-15T10:30:00Z'],
  ...edges(30, 100, 200, 300, 320, 500, 1000, 2000, 10_000),
]

/** Texts at a limit and one beyond, in one and in two UTF-16 units a character. */
function edges(...limits: number[]): string[] {
  return limits.flatMap((limit) =>
    ['a', '😀'].flatMap((unit) => [unit.repeat(limit), unit.repeat(limit + 1)]),
  )
}

function applyMutation(event: JsonObject, change: Mutation): JsonObject {
  const copy = structuredClone(event)
  const places = placesOf(copy)
  const { parent, key } = places[change.pick % places.length]!
  if (change.action === 'add') addTo(parent, change.value)
  else if (change.action === 'replace') setIn(parent, key, change.value)
  else removeFrom(parent, key)
  return copy
}

interface Place {
  readonly parent: JsonObject | Json[]
  readonly key: string
}

function placesOf(parent: JsonObject | Json[]): Place[] {
  return Object.entries(parent).flatMap(([key, value]) => {
    if (key === 'event_type') return []
    const here: Place = { parent, key }
    return value !== null && typeof value === 'object' ? [here, ...placesOf(value)] : [here]
  })
}

function setIn(parent: JsonObject | Json[], key: string, value: Json): void {
  if (Array.isArray(parent)) parent[Number(key)] = value
  else parent[key] = value
}

function addTo(parent: JsonObject | Json[], value: Json): void {
  if (Array.isArray(parent)) parent.push(value)
  else parent['a field of the future'] = value
}

function removeFrom(parent: JsonObject | Json[], key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
}
