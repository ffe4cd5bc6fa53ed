import { ERRORS, type ErrorCode, ShoplakeError } from '../errors.ts'
import type { Answer } from './call.ts'

/** A problem document. Source: RFC 9457; `code`, `request_id` and `retryable` are members of our own. */
export interface Problem {
  /** Where the error is described, relative to this server. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ErrorCode
  readonly request_id: string
  readonly retryable: boolean
}

/** Seconds after which to try again where the error does not say. */
const RETRY_AFTER_S = 5

/**
 * The problem answer of anything thrown. A ShoplakeError speaks for itself; everything else, and every error with
 * status 500, is told only to the log. 429 and 503 carry Retry-After, 401 WWW-Authenticate.
 */
export function problemAnswer(
  thrown: unknown,
  request_id: string,
  members: { readonly [name: string]: unknown } = {},
): Answer & { readonly code: ErrorCode } {
  const error = asShoplakeError(thrown)
  const { status, title, retryable } = ERRORS[error.code]
  const problem: Problem = {
    type: `/docs#error-${error.code}`,
    title,
    status,
    detail: status === 500 ? `The log has the reason under request ${request_id}.` : error.message,
    instance: `urn:uuid:${request_id}`,
    code: error.code,
    request_id,
    retryable,
  }
  return {
    status,
    code: error.code,
    headers: { 'content-type': 'application/problem+json', ...problemHeaders(error) },
    body: JSON.stringify({ ...problem, ...members }),
  }
}

function asShoplakeError(thrown: unknown): ShoplakeError {
  if (thrown instanceof ShoplakeError) return thrown
  return new ShoplakeError('internal', 'unexpected error', { cause: thrown })
}

function problemHeaders(error: ShoplakeError): { [name: string]: string } {
  if (error.status === 401) return { 'www-authenticate': 'Bearer realm="shoplake"' }
  if (error.code === 'unsupported_encoding') return { 'accept-encoding': 'gzip, identity' }
  if (error.status !== 429 && error.status !== 503) return {}
  return { 'retry-after': String(error.retryAfterS ?? RETRY_AFTER_S) }
}
