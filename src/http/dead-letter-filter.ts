import { ShoplakeError } from '../errors.ts'
import type { StoreDocument } from '../ports.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import { REJECTIONS } from '../schema/rejection.ts'
import { parseTimestamp } from '../schema/timestamp.ts'
import { type Call, textParam, timeParam, wordParam } from './call.ts'
import type { AppDeps } from './deps.ts'
import { LETTER_STATUSES } from './letter-status.ts'
import { isKey, type Scan } from './page.ts'

/** Which dead letters are meant; an absent part means all. `from` and `to` in milliseconds of received_at. */
export interface DeadLetterFilter {
  readonly reason?: string
  readonly event_type?: string
  readonly source?: string
  readonly status?: string
  /** The field as `kindPath` writes it: `items.*.price` is that of any item. */
  readonly path?: string
  readonly from?: number
  readonly to?: number
}

/** The filter of a query. Throws bad_request. */
export function filterOf(call: Call): DeadLetterFilter {
  const words = {
    reason: wordParam(call, 'reason', Object.keys(REJECTIONS)),
    event_type: wordParam(call, 'event_type', [...EVENT_TYPES, 'unknown']),
    source: textParam(call, 'source'),
    status: wordParam(call, 'status', LETTER_STATUSES),
    path: textParam(call, 'path'),
    from: timeParam(call, 'from'),
    to: timeParam(call, 'to'),
  }
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined))
}

/** A filter as a replay's body gives it. Throws bad_request. */
export function filterOfBody(value: unknown): DeadLetterFilter {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShoplakeError('bad_request', 'filter must be an object')
  }
  const filter: { [name: string]: string | number } = {}
  for (const [name, text] of Object.entries(value)) {
    if (!FILTER_NAMES.includes(name) || typeof text !== 'string') {
      throw new ShoplakeError('bad_request', `filter has ${FILTER_NAMES.join(', ')}, each a text`)
    }
    filter[name] = name === 'from' || name === 'to' ? momentOf(name, text) : text
  }
  return filter
}

const FILTER_NAMES = ['reason', 'event_type', 'source', 'status', 'path', 'from', 'to']

function momentOf(name: string, text: string): number {
  const moment = parseTimestamp(text.length === 10 ? `${text}T00:00:00Z` : text)
  if (moment !== undefined) return moment
  throw new ShoplakeError('bad_request', `${name} must be a day or a timestamp with offset`)
}

/** Keys begin with received_at, so time narrows what is read. */
export function scanOf(filter: DeadLetterFilter): Scan {
  return {
    table: 'dead_letters',
    ...(filter.from === undefined ? {} : { from: new Date(filter.from).toISOString() }),
    ...(filter.to === undefined ? {} : { to: new Date(filter.to).toISOString() }),
  }
}

export function matches(letter: StoreDocument, filter: DeadLetterFilter): boolean {
  const at = Date.parse(String(letter.received_at))
  if (at < (filter.from ?? at) || (filter.to !== undefined && at >= filter.to)) return false
  if (filter.reason !== undefined && letter.reason !== filter.reason) return false
  if (filter.source !== undefined && letter.source !== filter.source) return false
  if (filter.status !== undefined && letter.status !== filter.status) return false
  if (filter.path !== undefined && kindPath(letter.path) !== filter.path) return false
  return filter.event_type === undefined || (letter.event_type ?? 'unknown') === filter.event_type
}

/** The path of a letter's field without which item of a list it was, which makes no kind of its own; null where it has none. */
export function kindPath(path: unknown): string | null {
  return typeof path === 'string' ? path.replaceAll(/\.\d+(?=\.|$)/g, '.*') : null
}

export async function findLetter(deps: AppDeps, id: string): Promise<StoreDocument | undefined> {
  return (
    (isKey(id) ? await deps.store.get('dead_letters', id) : undefined) ??
    (await deps.lake.notEncodable()).find((letter) => letter.dead_letter_id === id)
  )
}
