import * as z from 'zod'
import { ENVELOPE } from '../schema/envelope.ts'
import type { EventDefinition } from '../schema/event.ts'
import { EVENTS, type EventType } from '../schema/registry.ts'
import { type Fields, objectOf } from '../schema/scalar.ts'
import type { Refusal } from './unsafe-json.ts'

/** An event whose known fields are as its definition says; unknown fields may hold anything. */
export type ValidEvent = { readonly [field: string]: unknown }

interface Checks {
  readonly plain: z.ZodObject
  readonly compiled: z.ZodObject
  readonly lists: readonly ListCheck[]
}

/** A list of entries: looked at before every entry's faults are described. */
interface ListCheck {
  readonly name: string
  readonly most: number
  readonly entry: z.ZodObject
}

const checksFor = onceEach((type: EventType) => checksOf(EVENTS[type]))

/** Makes what belongs to a key when it is first asked for: 20 event types at once were a third of the cold start of a function. */
function onceEach<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>()
  return (key) => {
    let value = made.get(key)
    if (value === undefined) {
      value = make(key)
      made.set(key, value)
    }
    return value
  }
}

/** `strict` makes a schema that cannot be compiled fail here and not run slowly in silence. */
function checksOf(definition: EventDefinition): Checks {
  const fields = { ...ENVELOPE, ...definition.fields }
  const plain = objectOf(fields)
  return { plain, compiled: z.compile(plain, { strict: true }), lists: listsOf(fields) }
}

function listsOf(fields: Fields): ListCheck[] {
  return Object.entries(fields).flatMap(([name, { scalar }]) => {
    const most = scalar.json_schema.maxItems
    if (typeof most !== 'number' || !scalar.fields) return []
    return [{ name, most, entry: z.compile(objectOf(scalar.fields), { strict: true }) }]
  })
}

/** The compiled validator of a type: the hot path. Takes envelope and own fields; says nothing of `at_least_one`. */
export function validatorOf(type: EventType): z.ZodObject {
  return checksFor(type).compiled
}

/** The same schema, interpreted: gives the faults, and is what the compiled one is held against. */
export function plainValidatorOf(type: EventType): z.ZodObject {
  return checksFor(type).plain
}

/** Whether known fields are valid: undefined, or the first fault. Looks at no unknown field. */
export function refuseInvalid(
  type: EventType,
  event: { readonly [field: string]: unknown },
): Refusal | undefined {
  const checks = checksFor(type)
  if (checks.compiled.validate(event)) return refuseByRules(EVENTS[type], event)
  return longList(checks, event) ?? firstFault(checks, event)
}

function refuseByRules(definition: EventDefinition, event: ValidEvent): Refusal | undefined {
  const names = definition.at_least_one
  if (!names || names.some((name) => event[name] !== undefined && event[name] !== null)) {
    return undefined
  }
  return {
    reason: 'missing_field',
    path: names[0]!,
    message: `${names[0]}: at least one of ${names.join(', ')} is needed`,
  }
}

/** Without this a list of a million bad entries would be described entry by entry. */
function longList(checks: Checks, event: ValidEvent): Refusal | undefined {
  for (const { name, most } of checks.lists) {
    const list = event[name]
    if (Array.isArray(list) && list.length > most) {
      const message = `${name}: ${list.length} entries; at most ${most} are taken`
      return { reason: 'invalid_field', path: name, message }
    }
  }
  return undefined
}

/** Of a list only the first faulty entry is described: ten megabytes of others would take seconds. */
function firstFault({ plain, lists }: Checks, event: ValidEvent): Refusal {
  const shown: { [field: string]: unknown } = { ...event }
  const firsts = new Map<PropertyKey, number>()
  for (const { name, entry } of lists) {
    const list = event[name]
    if (!Array.isArray(list) || list.length < 2) continue
    const at = list.findIndex((value) => !entry.validate(value))
    firsts.set(name, Math.max(0, at))
    shown[name] = [list[Math.max(0, at)]]
  }
  const { path: found = [], message = 'not valid' } = plain.safeParse(shown).error?.issues[0] ?? {}
  const first = found.length > 1 ? firsts.get(found[0]!) : undefined
  const keys = first === undefined ? found : found.with(1, first)
  const path = keys.join('.')
  const value = keys.reduce<unknown>(valueAt, event)
  if (value === undefined || value === null) {
    return { reason: 'missing_field', path, message: `${path}: needed, but missing` }
  }
  return { reason: 'invalid_field', path, message: `${path}: ${message}` }
}

function valueAt(container: unknown, key: PropertyKey): unknown {
  if (typeof container !== 'object' || container === null) return undefined
  return (container as { [key: PropertyKey]: unknown })[key]
}
