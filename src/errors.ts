/** Every error that leaves the product: its HTTP status, title, and whether trying again may help. Documented in docs/reference/errors.md. */
export const ERRORS = {
  malformed_json: { status: 400, title: 'The body is not JSON', retryable: false },
  bad_request: { status: 400, title: 'The request is not understood', retryable: false },
  key_missing: { status: 401, title: 'An API key is needed', retryable: false },
  key_unknown: { status: 401, title: 'The API key is not known', retryable: false },
  scope_missing: { status: 403, title: 'The API key may not do this', retryable: false },
  host_refused: { status: 403, title: 'The Host header is not this machine', retryable: false },
  origin_refused: { status: 403, title: 'The key does not allow this origin', retryable: false },
  not_found: { status: 404, title: 'There is no such thing', retryable: false },
  method_not_allowed: { status: 405, title: 'The method does not fit the route', retryable: false },
  too_large: { status: 413, title: 'The body is too large', retryable: false },
  too_many_events: { status: 413, title: 'The request has too many events', retryable: false },
  unsupported_type: { status: 415, title: 'The content type is not taken', retryable: false },
  unsupported_encoding: {
    status: 415,
    title: 'The content encoding is not taken',
    retryable: false,
  },
  all_rejected: { status: 422, title: 'No event was accepted', retryable: false },
  sql_refused: { status: 422, title: 'The SQL is not allowed', retryable: false },
  sql_failed: { status: 422, title: 'The SQL failed', retryable: false },
  sql_limit: { status: 422, title: 'The SQL reached a limit', retryable: false },
  sql_cancelled: { status: 409, title: 'The query was cancelled', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  sql_busy: { status: 429, title: 'All SQL slots are taken', retryable: true },
  internal: { status: 500, title: 'Something went wrong here', retryable: true },
  not_offered: {
    status: 501,
    title: 'This home does not offer it',
    retryable: false,
  },
  disk_full: { status: 503, title: 'The disk reserve is reached', retryable: true },
  stream_full: { status: 503, title: 'The stream is full', retryable: true },
  overloaded: { status: 503, title: 'Too much is waiting', retryable: true },
  sql_unavailable: { status: 503, title: 'SQL is starting', retryable: true },
  shutting_down: { status: 503, title: 'The server is stopping', retryable: true },
  stream_unavailable: { status: 503, title: 'The stream cannot be written', retryable: true },
  store_unavailable: { status: 503, title: 'The store cannot be reached', retryable: true },
  lake_unavailable: { status: 503, title: 'The lake cannot be written', retryable: true },
  encoder_refused: { status: 500, title: 'A batch cannot be encoded', retryable: false },
  data_dir_in_use: {
    status: 500,
    title: 'Another server uses the data directory',
    retryable: false,
  },
  data_damaged: { status: 500, title: 'A file of the data directory is damaged', retryable: false },
  data_too_new: {
    status: 500,
    title: 'A later version wrote the data directory',
    retryable: false,
  },
  port_unusable: { status: 500, title: 'The port cannot be used', retryable: false },
  report_invalid: { status: 500, title: 'A report is not valid', retryable: false },
  mapping_invalid: { status: 500, title: 'A mapping is not valid', retryable: false },
  config_invalid: { status: 500, title: 'The settings are not valid', retryable: false },
} as const

export type ErrorCode = keyof typeof ERRORS

/** Broken infrastructure or a refused request: thrown. Bad data is a value (see schema/rejection.ts). */
export class ShoplakeError extends Error {
  readonly code: ErrorCode
  readonly retryAfterS: number | undefined

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; retryAfterS?: number } = {},
  ) {
    super(detail, { cause: options.cause })
    this.name = 'ShoplakeError'
    this.code = code
    this.retryAfterS = options.retryAfterS
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable
  }

  get status(): number {
    return ERRORS[this.code].status
  }
}
