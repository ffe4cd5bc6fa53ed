import { canonicalMoney } from '../schema/money.ts'
import { canonicalTimestamp } from '../schema/timestamp.ts'
import { type EventPlan, IGNORED, type Plan, type Slot } from './canonical-plan.ts'
import { quote } from './json-text.ts'
import { keyedHash, normalEmail, normalPhone } from './keyed-hash.ts'
import { findUnsafe, type Refusal } from './unsafe-json.ts'
import type { ValidEvent } from './validate.ts'

/** The part of a row that the event itself gives. */
export interface EventMembers {
  /** `"event_id":…` to the last own field: JSON members in stored order, absent ones left out. */
  readonly members: string
  /** What the schema does not know, by path; undefined where there is nothing. */
  readonly extra: { readonly [path: string]: unknown } | undefined
}

export interface CanonicalOptions {
  readonly event_id: string
  /** No string of the event needs escaping (see Decoded.plain). */
  readonly plain: boolean
  /** Leave out every field that names or follows a person. */
  readonly anonymous: boolean
  /** Used where the event has none. */
  readonly page_url: string | undefined
  readonly user_agent: string | undefined
}

export type Canonicaliser = (
  plan: EventPlan,
  event: ValidEvent,
  options: CanonicalOptions,
) => EventMembers | Refusal

/** State of one walk; one object is used again and again, since a walk never yields. */
interface Walk {
  plain: boolean
  anonymous: boolean
  extra: { [path: string]: unknown } | undefined
  /** Fields that the schema does not know, so far. */
  unknown: number
  refusal: Refusal | undefined
}

/**
 * Writes valid events in our own form: keys in stored order, timestamps in UTC with milliseconds, money as decimal text,
 * contacts as keyed hashes, unknown fields set apart. Returns a Refusal where a field that the schema leaves open holds what
 * no table can hold. The event must have passed `refuseInvalid`.
 */
export function createCanonicaliser(secret: Uint8Array, maxBytes: number): Canonicaliser {
  const scratch = new Map<Plan, string[]>()
  const maxUnknown = maxBytes / FIELD_BYTES
  const walk: Walk = {
    plain: false,
    anonymous: false,
    extra: undefined,
    unknown: 0,
    refusal: undefined,
  }

  function piecesFor(plan: Plan): string[] {
    const known = scratch.get(plan)
    if (known) return known
    const pieces = plan.createPieces()
    scratch.set(plan, pieces)
    return pieces
  }

  /** Fills `pieces` from the value's own keys; `path` ends with a dot unless empty. */
  function fill(
    plan: Plan,
    pieces: string[],
    value: ValidEvent,
    path: string,
    depth: number,
  ): void {
    for (const key in value) {
      if (walk.refusal) return
      const field = value[key]
      const index = plan.slotOf.get(key)
      if (index === undefined) keepUnknown(path + key, field, depth)
      else if (field !== null && index !== IGNORED) {
        const slot = plan.slots[index]!
        if (!(walk.anonymous && slot.identity))
          pieces[index] = textOf(slot, field, path + key, depth)
      }
    }
  }

  function keepUnknown(path: string, value: unknown, depth: number): void {
    walk.refusal ??= findUnsafe(value, path, depth)
    if (++walk.unknown > maxUnknown) walk.refusal ??= tooMany(maxBytes)
    if (value === undefined || walk.anonymous) return
    walk.extra ??= {}
    walk.extra[path] = value
  }

  function textOf(slot: Slot, value: unknown, path: string, depth: number): string {
    switch (slot.form) {
      case 'text':
        return walk.plain ? `"${value}"` : quote(value as string)
      case 'literal':
        return `${value}`
      case 'money':
        return `"${canonicalMoney(value as number | string)}"`
      case 'timestamp':
        return `"${canonicalTimestamp(value as string)}"`
      case 'upper':
        return `"${(value as string).toUpperCase()}"`
      case 'email':
        return `"${keyedHash(secret, normalEmail(value as string))}"`
      case 'phone':
        return `"${keyedHash(secret, normalPhone(value as string))}"`
      case 'json':
        return jsonText(value, path, depth)
      case 'struct':
        return structText(slot.parts!, value as ValidEvent, `${path}.`, depth + 1)
      case 'list':
        return listText(slot.parts!, value as ValidEvent[], path, depth + 2)
    }
  }

  function jsonText(value: unknown, path: string, depth: number): string {
    const refusal = findUnsafe(value, path, depth)
    if (!refusal) return JSON.stringify(value)
    walk.refusal ??= refusal
    return ''
  }

  function structText(plan: Plan, value: ValidEvent, path: string, depth: number): string {
    const pieces = piecesFor(plan)
    fill(plan, pieces, value, path, depth)
    return `{${joinPieces(plan, pieces)}}`
  }

  function listText(plan: Plan, values: ValidEvent[], path: string, depth: number): string {
    let text = '['
    for (let index = 0; index < values.length; index++) {
      if (index > 0) text += ','
      text += structText(plan, values[index]!, `${path}.${index}.`, depth)
    }
    return `${text}]`
  }

  return (plan, event, options) => {
    walk.plain = options.plain
    walk.anonymous = options.anonymous
    walk.extra = undefined
    walk.unknown = 0
    walk.refusal = undefined
    const pieces = piecesFor(plan)
    fill(plan, pieces, event, '', 0)
    pieces[0] = quote(options.event_id)
    if (!options.anonymous) fillIn(plan, pieces, options)
    const members = joinPieces(plan, pieces)
    return walk.refusal ?? { members, extra: walk.extra }
  }
}

/** No field takes fewer in JSON: an event with more unknown ones than fit is not built up first. */
const FIELD_BYTES = 5

function tooMany(maxBytes: number): Refusal {
  return { reason: 'too_large', message: `the event has more than ${maxBytes} bytes` }
}

function fillIn(plan: EventPlan, pieces: string[], options: CanonicalOptions): void {
  if (options.page_url !== undefined) {
    const slot = plan.slotOf.get('page_url')!
    if (pieces[slot] === '') pieces[slot] = quote(options.page_url)
  }
  if (options.user_agent !== undefined) {
    const slot = plan.slotOf.get('user_agent')!
    if (pieces[slot] === '') pieces[slot] = quote(options.user_agent)
  }
}

/** Members with commas between them; empties the pieces for the next walk. */
function joinPieces(plan: Plan, pieces: string[]): string {
  let text = ''
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!
    if (piece === '') continue
    text += text === '' ? plan.slots[index]!.label + piece : `,${plan.slots[index]!.label}${piece}`
    pieces[index] = ''
  }
  return text
}
