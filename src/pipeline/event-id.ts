import { hash, randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'
import { EVENT_ID_LIMIT } from '../schema/envelope.ts'
import { EVENTS, isEventType } from '../schema/registry.ts'
import { canonicalTimestamp } from '../schema/timestamp.ts'
import { keyedHash } from './keyed-hash.ts'
import type { ValidEvent } from './validate.ts'

const HASH_CHARACTERS = 32

/** An event type with the names of its fields that name or follow a person. */
export interface KeyedType {
  readonly type: string
  readonly natural_key: readonly string[] | undefined
  readonly identities: ReadonlySet<string>
}

/**
 * The id that a natural key gives: `<event_type>:<source>:<part>[:<part>…]`, undefined for a type without one.
 * An absent part is replaced by the event's timestamp; `%` and `:` within a part are written %25 and %3A; a part that
 * names a person is replaced by its keyed hash. A longer id than an event may have has the hash of its parts in their place.
 */
export function naturalId(
  { type, natural_key, identities }: KeyedType,
  event: ValidEvent,
  source: string,
  secret: Uint8Array,
): string | undefined {
  if (!natural_key) return undefined
  let parts = ''
  for (const name of natural_key) {
    parts += `:${keyPart(event, name, identities.has(name), secret)}`
  }
  const prefix = `${type}:${source}`
  if (prefix.length + parts.length <= EVENT_ID_LIMIT) return prefix + parts
  return `${prefix}:${hash('sha256', parts, 'hex').slice(0, HASH_CHARACTERS)}`
}

/**
 * Whether an id has the form of one that a natural key gives to another source. A browser's key is public: an id claimed
 * there first would make the other source's own event a duplicate, and lose it.
 */
export function isDerivedElsewhere(event_id: string, source: string): boolean {
  const [type = '', owner, key] = event_id.split(':', 3)
  if (key === undefined || owner === source || !isEventType(type)) return false
  return EVENTS[type].natural_key !== undefined
}

function keyPart(event: ValidEvent, name: string, isIdentity: boolean, secret: Uint8Array): string {
  const value = event[name]
  if (value === undefined || value === null) {
    return escapePart(canonicalTimestamp(event.timestamp as string))
  }
  const text = String(value)
  return isIdentity ? keyedHash(secret, text).slice(0, HASH_CHARACTERS) : escapePart(text)
}

function escapePart(text: string): string {
  if (text.indexOf('%') === -1 && text.indexOf(':') === -1) return text
  return text.replaceAll('%', '%25').replaceAll(':', '%3A')
}

const RANDOM_BYTES = 16
const POOL_BYTES = RANDOM_BYTES * 256

/** Assigns UUIDv7 ids, rising within a millisecond as in section 6.2 of RFC 9562; random bytes are drawn in bulk. */
export function createIdSource(): (now: number) => string {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  let last = Number.NEGATIVE_INFINITY
  let sequence = 0
  return (now) => {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const random = pool.subarray(used, used + RANDOM_BYTES)
    used += RANDOM_BYTES
    // 31 random bits to begin with leave room to count up for any millisecond.
    sequence = now === last ? sequence + 1 : firstSequence(random)
    last = now
    return v7({ msecs: now, seq: sequence, random })
  }
}

function firstSequence(random: Uint8Array): number {
  return ((random[6]! & 0x7f) << 24) | (random[7]! << 16) | (random[8]! << 8) | random[9]!
}

/** 128 bits of the SHA-256 of an event_id, as 16 latin1 characters: what the dedup window and the records hold. */
export function idHash(eventId: string): string {
  return hash('sha256', eventId, 'binary').slice(0, 16)
}
