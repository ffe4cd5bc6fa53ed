import { ShoplakeError } from '../errors.ts'
import type { Key } from '../ports.ts'
import { parseTimestamp } from '../schema/timestamp.ts'

/** One request as handlers see it, whatever server is in front. */
export interface Call {
  readonly method: string
  /** Of the URL, as it was sent. */
  readonly path: string
  readonly request_id: string
  /** By lower-case name. */
  header(name: string): string | undefined
  /** A decoded part of the path. */
  param(name: string): string
  query(): URLSearchParams
  /** The raw body, once. Leaving it unfinished leaves the rest to the server. */
  chunks(): AsyncIterable<Uint8Array>
  /** The raw body in one piece: for bodies whose stated length is small. */
  whole(): Promise<Uint8Array>
  /** Address of the connection's other end, undefined where there is none. */
  peer(): string | undefined
  /** Aborts when the client has gone. */
  signal(): AbortSignal
}

/** What goes back. Values are complete: nobody adds to them but the guard, with the headers of every answer. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
}

/** `key` has the route's scope; on routes without a scope it is NOBODY. */
export type Handler = (call: Call, key: Key) => Answer | Promise<Answer>

export const NOBODY: Key = { name: 'nobody', kind: 'server', scopes: [], origins: [] }

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: { readonly [name: string]: string } = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }
}

/** A whole number of the query within bounds, or `otherwise` when absent. Throws bad_request. */
export function numberParam(
  call: Call,
  name: string,
  bounds: { readonly otherwise: number; readonly min: number; readonly max: number },
): number {
  const text = call.query().get(name)
  if (text === null || text === '') return bounds.otherwise
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= bounds.min && value <= bounds.max) return value
  throw new ShoplakeError(
    'bad_request',
    `${name} is ${JSON.stringify(text.slice(0, 50))}; it must be a whole number from ${bounds.min} to ${bounds.max}`,
  )
}

/** A text of the query, or undefined when absent or empty. */
export function textParam(call: Call, name: string): string | undefined {
  return call.query().get(name) || undefined
}

/** One word of a closed list, or undefined when absent. Throws bad_request. */
export function wordParam<W extends string>(
  call: Call,
  name: string,
  words: readonly W[],
): W | undefined {
  const text = textParam(call, name)
  if (text === undefined || words.includes(text as W)) return text as W | undefined
  throw new ShoplakeError('bad_request', `${name} must be one of ${words.join(', ')}`)
}

/** Whether a flag of the query is on: `1`, `true`, or the bare name. */
export function flagParam(call: Call, name: string): boolean {
  const text = call.query().get(name)
  return text === '1' || text === 'true' || text === ''
}

/** Milliseconds since 1970 of an RFC 3339 timestamp or a YYYY-MM-DD day (its start, UTC). Throws bad_request. */
export function timeParam(call: Call, name: string): number | undefined {
  const text = textParam(call, name)
  if (text === undefined) return undefined
  // A space is what an unescaped plus sign of an offset has become.
  const time = parseTimestamp(
    /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.replace(' ', '+'),
  )
  if (time !== undefined) return time
  throw new ShoplakeError(
    'bad_request',
    `${name} must be a day such as 2025-01-15 or a timestamp such as 2025-01-15T10:30:00Z`,
  )
}
