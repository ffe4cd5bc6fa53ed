import type { Config } from '../config.ts'
import type { SourceKind } from '../ports.ts'
import { EVENT_ID_LIMIT } from '../schema/envelope.ts'
import { isErased } from '../schema/erased.ts'
import { EVENT_TYPES, type EventType, isEventType } from '../schema/registry.ts'
import { parseTimestamp } from '../schema/timestamp.ts'
import { createCanonicaliser, type EventMembers } from './canonical.ts'
import { type EventPlan, PLANS } from './canonical-plan.ts'
import { createEnricher } from './enrich.ts'
import type { FxRates } from './enrich-fx.ts'
import { createIdSource, isDerivedElsewhere, naturalId } from './event-id.ts'
import { findUnsafeField, type Refusal } from './unsafe-json.ts'
import { refuseInvalid, type ValidEvent } from './validate.ts'

/** What holds for all events of one request. */
export interface RequestFacts {
  readonly source: string
  readonly source_kind: SourceKind
  /** Milliseconds since 1970. */
  readonly received_at: number
  /** Used for events that have none of their own. */
  readonly page_url: string | undefined
  readonly user_agent: string | undefined
  /** Already cut to /24 or /48. */
  readonly network: string | undefined
  readonly replay_of: string | undefined
}

/** An event that is good; whether it is a duplicate is the window's to say. */
export interface Accepted {
  readonly type: EventType
  readonly event_id: string
  /** The value of its partition key. */
  readonly key: string
  /** The row: canonical JSON. */
  readonly line: string
  /** Whether it had fields that the schema does not know. */
  readonly drifted: boolean
}

export interface Refused {
  readonly type: EventType | 'unknown'
  readonly event_id: string | null
  readonly refusal: Refusal
}

export interface Judge {
  /** `plain` as in Decoded: no text of the value needs escaping. Never throws, whatever the value is. */
  judge(value: unknown, plain: boolean, request: PreparedRequest): Accepted | Refused
  prepare(facts: RequestFacts): PreparedRequest
}

export interface PreparedRequest {
  readonly facts: RequestFacts
  /** Members that all rows of the request have, with a comma before each. */
  readonly members: string
  readonly network: string
  readonly replay: string
}

/** How far a sender's clock may be ahead. */
const AHEAD_MS = 24 * 3_600_000

type Event = { readonly [field: string]: unknown }

/**
 * Puts one event through its stages: check, id, canonical form, enrichment, size. Throws RangeError when it is created with
 * an unknown time zone.
 *
 * With consent `denied` every field that names or follows a person is left out, also from the parts that the request or the
 * unknown fields would add; what was derived and names nobody (channel, device, local day) stays, as do order_id and money:
 * the shop's own books. A type that is about a person and nothing else (customer_updated, customer_identified) is refused.
 */
export function createJudge(options: {
  config: Config
  secret: Uint8Array
  rates: FxRates
}): Judge {
  const { config, secret } = options
  const canonicalise = createCanonicaliser(secret, config.event_max_bytes)
  const enricher = createEnricher(config, options.rates)
  const newId = createIdSource()

  const rowOf = (
    plan: EventPlan,
    event: ValidEvent,
    own: EventMembers,
    at: number,
    request: PreparedRequest,
  ) => {
    const isAnonymous = event.consent === 'denied'
    let row = `{${own.members}${request.members}`
    if (!isAnonymous) row += request.network
    row += enricher.membersOf(plan, event, at, request.facts) + request.replay
    return own.extra ? `${row},"extra":${JSON.stringify(own.extra)}}` : `${row}}`
  }

  const judge: Judge['judge'] = (value, plain, request) => {
    if (!isEvent(value)) return refused('unknown', null, NOT_AN_OBJECT)
    const claimedId = idIn(value)
    const type = value.event_type
    if (!isEventType(type)) return refused('unknown', claimedId, unknownType(type))
    const unsafe = plain ? undefined : findUnsafeField(value)
    const refusal = unsafe ?? refuseInvalid(type, value)
    if (refusal) return refused(type, claimedId, refusal)
    const plan = PLANS[type]
    const { facts } = request
    const at = parseTimestamp(value.timestamp)!
    if (at > facts.received_at + AHEAD_MS) return refused(type, claimedId, IN_FUTURE)
    const claim = refuseClaim(claimedId, value.customer_id, facts)
    if (claim) return refused(type, claimedId, claim)
    const anonymous = value.consent === 'denied'
    if (anonymous && plan.person !== undefined) return refused(type, claimedId, needsConsent(plan))
    const event_id =
      claimedId ?? naturalId(plan, value, facts.source, secret) ?? newId(facts.received_at)
    const { page_url, user_agent } = facts
    const own = canonicalise(plan, value, { event_id, plain, anonymous, page_url, user_agent })
    if ('reason' in own) return refused(type, claimedId, own)
    const line = rowOf(plan, value, own, at, request)
    if (isLonger(line, config.event_max_bytes)) {
      return refused(type, claimedId, tooLarge(config.event_max_bytes))
    }
    const key = partitionKey(plan, value) ?? event_id
    return { type, event_id, key, line, drifted: own.extra !== undefined }
  }

  return { judge, prepare }
}

function prepare(facts: RequestFacts): PreparedRequest {
  const receivedAt = new Date(facts.received_at).toISOString()
  return {
    facts,
    members: `,"received_at":"${receivedAt}","source":${JSON.stringify(facts.source)},"source_kind":"${facts.source_kind}"`,
    network: facts.network === undefined ? '' : `,"network":${JSON.stringify(facts.network)}`,
    replay: facts.replay_of === undefined ? '' : `,"replay_of":${JSON.stringify(facts.replay_of)}`,
  }
}

/** What a sender may not take for itself: ids that stand for another source's event, or for an erased customer. */
function refuseClaim(
  event_id: string | null,
  customer_id: unknown,
  { source, source_kind }: RequestFacts,
): Refusal | undefined {
  const isBrowser = source_kind === 'browser'
  if (isBrowser && event_id !== null && isDerivedElsewhere(event_id, source)) return CLAIMED_ID
  // An import may bring rows of another lake, with its erased customers.
  if (source_kind === 'import' || typeof customer_id !== 'string') return undefined
  return isErased(customer_id) ? CLAIMED_CUSTOMER : undefined
}

function isEvent(value: unknown): value is Event {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The event's own id, where it has one that could be valid: it stands in the answer also when the event is refused. */
function idIn(event: Event): string | null {
  const id = event.event_id
  return typeof id === 'string' && id !== '' && id.length <= EVENT_ID_LIMIT * 2 ? id : null
}

function partitionKey(plan: EventPlan, event: ValidEvent): string | undefined {
  for (const name of plan.definition.partition_key) {
    const value = event[name]
    if (value !== undefined && value !== null) return value as string
  }
  return undefined
}

function isLonger(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false
  return text.length > maxBytes || Buffer.byteLength(text) > maxBytes
}

const PATH_LIMIT = 200
const MESSAGE_LIMIT = 500

/** Field names come from the sender, so that a path can be as long as the body. */
function refused(type: EventType | 'unknown', event_id: string | null, refusal: Refusal): Refused {
  const { reason, path, message } = refusal
  const short = { reason, message: cut(message, MESSAGE_LIMIT) }
  return {
    type,
    event_id,
    refusal: path === undefined ? short : { ...short, path: cut(path, PATH_LIMIT) },
  }
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…`
}

const NOT_AN_OBJECT: Refusal = {
  reason: 'not_an_object',
  message: 'an event is a JSON object',
}

const IN_FUTURE: Refusal = {
  reason: 'timestamp_in_future',
  path: 'timestamp',
  message: 'timestamp: more than 24 hours ahead of our clock',
}

const CLAIMED_ID: Refusal = {
  reason: 'invalid_field',
  path: 'event_id',
  message: 'event_id: ids of this form are made for the events of another source',
}

const CLAIMED_CUSTOMER: Refusal = {
  reason: 'invalid_field',
  path: 'customer_id',
  message: 'customer_id: "erased:" stands before the ids of erased customers only',
}

function tooLarge(maxBytes: number): Refusal {
  return { reason: 'too_large', message: `the event has more than ${maxBytes} bytes` }
}

function needsConsent(plan: EventPlan): Refusal {
  const message = `consent: ${plan.type} says who somebody is (${plan.person}), which is not kept when consent is denied`
  return { reason: 'invalid_field', path: 'consent', message }
}

function unknownType(type: unknown): Refusal {
  return { reason: 'unknown_event_type', path: 'event_type', message: typeMessage(type) }
}

function typeMessage(type: unknown): string {
  if (type === undefined || type === null) return 'event_type: needed, but missing'
  if (typeof type !== 'string') return 'event_type: expected text'
  const plain = type.toLowerCase().replaceAll(/[^a-z]/g, '')
  const close = EVENT_TYPES.find((known) => known.replaceAll('_', '') === plain)
  return `event_type: "${cut(type, 60)}" is not known${close ? `; did you mean ${close}?` : ''}`
}
