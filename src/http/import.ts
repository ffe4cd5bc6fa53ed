import { ShoplakeError } from '../errors.ts'
import { REJECTIONS, type Rejection } from '../schema/rejection.ts'
import { type Inflight, readBody } from './body.ts'
import { type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'

interface Row {
  readonly value: unknown
  readonly file: string
  readonly line: number
  readonly refusal: { reason: Rejection; message: string; path?: string } | undefined
}

const SOURCE = /^[a-z][a-z0-9_-]{0,63}$/

/** POST /v1/import: events as `shoplake import` read them from a file, each with where it stood; refused rows become dead letters. With `dry_run` it is only said what would become of them. */
export function postImport(deps: AppDeps, inflight: Inflight): Handler {
  return async (call) => {
    const share = inflight.open()
    try {
      const body = parse(await readBody(call, deps.config.request_max_bytes, share))
      const { source, rows, dry_run } = batchOf(body)
      if (rows.length > deps.config.request_max_events) {
        const most = deps.config.request_max_events
        throw new ShoplakeError('too_many_events', `a request may hold ${most} rows`)
      }
      const request = {
        source: { name: source, kind: 'import' },
        received_at: deps.now(),
        request_id: call.request_id,
        origin: rows.map(({ file, line }) => ({ file, line })),
        refused: new Map(rows.flatMap((row, index) => (row.refusal ? [[index, row.refusal]] : []))),
      } as const
      const values = rows.map((row) => row.value)
      const answer = dry_run
        ? deps.door.preview(values, request)
        : await deps.door.collectValues(values, request)
      const results = answer.results.filter((result) => result.verdict === 'rejected')
      return jsonAnswer(dry_run ? 200 : 202, { ...answer, results })
    } finally {
      share.close()
    }
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ShoplakeError('malformed_json', 'the body is not JSON in UTF-8', { cause })
  }
}

function batchOf(body: unknown): { source: string; rows: Row[]; dry_run: boolean } {
  const { source, rows, dry_run = false } = recordOf(body, 'the body')
  if (typeof source !== 'string' || !SOURCE.test(source)) {
    throw new ShoplakeError('bad_request', 'source must be a name in lower case, digits, - and _')
  }
  if (!Array.isArray(rows)) throw new ShoplakeError('bad_request', 'rows must be a list')
  if (typeof dry_run !== 'boolean')
    throw new ShoplakeError('bad_request', 'dry_run must be true or false')
  return { source, rows: rows.map(rowOf), dry_run }
}

function rowOf(row: unknown, index: number): Row {
  const { value, file, line, refusal } = recordOf(row, `rows.${index}`)
  if (typeof file !== 'string' || file.length > 500 || !Number.isSafeInteger(line)) {
    throw new ShoplakeError('bad_request', `rows.${index} must say its file and line`)
  }
  const known = refusal === undefined ? undefined : refusalOf(refusal, index)
  return { value, file, line: Number(line), refusal: known }
}

function refusalOf(given: unknown, index: number): NonNullable<Row['refusal']> {
  const { reason, message, path } = recordOf(given, `rows.${index}.refusal`)
  if (typeof reason !== 'string' || !Object.hasOwn(REJECTIONS, reason)) {
    throw new ShoplakeError('bad_request', `rows.${index}.refusal has no known reason`)
  }
  return {
    reason: reason as Rejection,
    message: String(message ?? '').slice(0, 1000),
    ...(typeof path === 'string' ? { path: path.slice(0, 200) } : {}),
  }
}

function recordOf(value: unknown, name: string): { readonly [field: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new ShoplakeError('bad_request', `${name} must be an object`)
}
