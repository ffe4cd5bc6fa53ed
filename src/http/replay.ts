import { ShoplakeError } from '../errors.ts'
import type { CollectAnswer } from '../pipeline/collect.ts'
import type { SourceKind, StoreDocument } from '../ports.ts'
import { EVENTS, isEventType } from '../schema/registry.ts'
import { type Inflight, readJsonObject } from './body.ts'
import { type Call, type Handler, jsonAnswer } from './call.ts'
import {
  type DeadLetterFilter,
  filterOfBody,
  findLetter,
  matches,
  scanOf,
} from './dead-letter-filter.ts'
import type { AppDeps } from './deps.ts'
import { mergePatch } from './merge-patch.ts'
import { entriesOf } from './page.ts'

/** Replays in flight at once: enough to share a durable write, few enough to leave room for others. */
const TOGETHER = 64
const MOST = 10_000

interface Order {
  readonly letters: readonly StoreDocument[]
  readonly more: boolean
  readonly patch: { readonly [name: string]: unknown } | undefined
  readonly dry_run: boolean
}

/** What became of one dead letter. */
interface Outcome {
  readonly dead_letter_id: string
  readonly verdict: 'accepted' | 'duplicate' | 'rejected' | 'not_replayable'
  readonly reason?: string
  readonly path?: string
  readonly message?: string
}

/**
 * POST /v1/dead-letters/replay. Each letter is collected again as an event of its first source, with `replay_of`; the
 * store updater then closes it. An event without id and natural key gets one from its letter, so that a second replay is
 * a duplicate. Without `dry_run: false` nothing is written.
 */
export function replayHandler(deps: AppDeps, inflight: Inflight): Handler {
  return async (call) => {
    const order = await orderOf(deps, await readJsonObject(call, inflight))
    const outcomes: Outcome[] = []
    for (let start = 0; start < order.letters.length; start += TOGETHER) {
      const group = order.letters.slice(start, start + TOGETHER)
      const done = group.map((letter, index) => replay(deps, call, order, letter, start + index))
      outcomes.push(...(await Promise.all(done)))
    }
    return jsonAnswer(200, {
      dry_run: order.dry_run,
      selected: outcomes.length,
      accepted: count(outcomes, 'accepted'),
      duplicates: count(outcomes, 'duplicate'),
      rejected: count(outcomes, 'rejected'),
      not_replayable: count(outcomes, 'not_replayable'),
      more: order.more,
      results: outcomes.filter((outcome) => outcome.verdict !== 'accepted'),
    })
  }
}

const FIELDS = ['ids', 'filter', 'patch', 'dry_run', 'limit']

async function orderOf(deps: AppDeps, body: { readonly [name: string]: unknown }): Promise<Order> {
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) throw refuse(`there is no "${unknown.slice(0, 50)}" here`)
  const { ids, filter, patch, dry_run = true, limit = 1000 } = body
  if (typeof dry_run !== 'boolean') throw refuse('dry_run must be true or false')
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > MOST) {
    throw refuse(`limit must be a whole number from 1 to ${MOST}`)
  }
  if (patch !== undefined && !isObject(patch)) throw refuse('patch must be an object')
  if ((ids === undefined) === (filter === undefined)) throw refuse('give either ids or a filter')
  const selected =
    ids === undefined
      ? await lettersOf(deps, { status: 'open', ...filterOfBody(filter) }, Number(limit))
      : { letters: await lettersById(deps, ids), more: false }
  return { ...selected, patch: patch as Order['patch'], dry_run }
}

async function lettersOf(
  deps: AppDeps,
  filter: DeadLetterFilter,
  limit: number,
): Promise<{ letters: StoreDocument[]; more: boolean }> {
  const letters: StoreDocument[] = []
  for await (const { document } of entriesOf(deps.store, scanOf(filter))) {
    if (!matches(document, filter)) continue
    if (letters.length === limit) return { letters, more: true }
    letters.push(document)
  }
  return { letters, more: false }
}

async function lettersById(deps: AppDeps, ids: unknown): Promise<StoreDocument[]> {
  if (!Array.isArray(ids) || ids.length > MOST || !ids.every((id) => typeof id === 'string')) {
    throw refuse(`ids must be a list of at most ${MOST} texts`)
  }
  const letters: StoreDocument[] = []
  for (const id of new Set(ids as string[])) {
    const letter = await findLetter(deps, id)
    if (!letter) {
      const named = JSON.stringify(id.slice(0, 100))
      throw new ShoplakeError('not_found', `there is no dead letter ${named}`)
    }
    letters.push(letter)
  }
  return letters
}

async function replay(
  deps: AppDeps,
  call: Call,
  order: Order,
  letter: StoreDocument,
  index: number,
): Promise<Outcome> {
  const dead_letter_id = String(letter.dead_letter_id)
  const event = eventOf(letter)
  if ('reason' in event) {
    return { dead_letter_id, verdict: 'not_replayable', message: event.reason }
  }
  const values = [
    withId(order.patch ? mergePatch(event.value, order.patch) : event.value, dead_letter_id),
  ]
  const { file, line } = letter
  const request = {
    source: { name: String(letter.source), kind: letter.source_kind as SourceKind },
    received_at: deps.now(),
    // A letter's key is its request and index: each of these is a request of its own.
    request_id: `${call.request_id}-${index}`,
    replay_of: dead_letter_id,
    ...(typeof file === 'string' && typeof line === 'number' ? { origin: [{ file, line }] } : {}),
  }
  const answer = order.dry_run
    ? deps.door.preview(values, request)
    : await deps.door.collectValues(values, request)
  return { dead_letter_id, ...outcomeOf(answer) }
}

function outcomeOf({ results }: CollectAnswer): Omit<Outcome, 'dead_letter_id'> {
  const { verdict, reason, path, message } = results[0]!
  return {
    verdict,
    ...(reason === undefined ? {} : { reason }),
    ...(path === undefined ? {} : { path }),
    ...(message === undefined ? {} : { message }),
  }
}

/** The event that a letter holds, or why it cannot be sent again. */
function eventOf(letter: StoreDocument): { value: unknown } | { reason: string } {
  if (letter.status !== 'open') return { reason: 'it was replayed already' }
  if (letter.reason === 'not_encodable')
    return { reason: 'it was accepted; no writer could encode it' }
  // Sent as it is it would fail for another reason, which would stand in place of the mapping's.
  if (letter.source_kind === 'import' && (letter.event_type ?? null) === null)
    return { reason: 'it is a row of a file: mend the mapping and import the file again' }
  if (letter.truncated === true) {
    return {
      reason: letter.raw === '' ? 'its raw bytes are not kept' : 'its raw bytes were cut off',
    }
  }
  if (letter.raw_encoding !== 'utf8') return { reason: 'it is not text' }
  try {
    return { value: JSON.parse(String(letter.raw)) }
  } catch (error) {
    if (error instanceof SyntaxError) return { reason: 'it is not JSON' }
    throw error
  }
}

/** Without an id of its own, or one that follows from its fields, a second replay would be a second event. */
function withId(value: unknown, dead_letter_id: string): unknown {
  if (!isObject(value) || (value.event_id ?? undefined) !== undefined) return value
  if (isEventType(value.event_type) && EVENTS[value.event_type].natural_key) return value
  return { ...value, event_id: `replay:${dead_letter_id}` }
}

function count(outcomes: readonly Outcome[], verdict: Outcome['verdict']): number {
  return outcomes.filter((outcome) => outcome.verdict === verdict).length
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(detail: string): ShoplakeError {
  return new ShoplakeError('bad_request', detail)
}
