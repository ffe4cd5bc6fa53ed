import { gzipSync } from 'node:zlib'
import { EVENTS } from '../../src/schema/registry.ts'

export const VIEW = EVENTS.product_view.example
const TEXT = JSON.stringify(VIEW)
export const JSON_TYPE = { 'content-type': 'application/json' }
const DEEP = 10_000

/** A body for POST /v1/events, its headers, and the answer that the documents promise. */
export interface Attack {
  readonly name: string
  readonly body: string | Uint8Array
  readonly headers?: { [name: string]: string }
  readonly status: number
  readonly code: string
  /** With all_rejected: why. */
  readonly reason?: string
}

export const ATTACKS: readonly Attack[] = [
  { name: 'not JSON', body: 'hello', status: 400, code: 'malformed_json' },
  { name: 'nothing', body: '', status: 400, code: 'malformed_json' },
  { name: 'cut-off JSON', body: TEXT.slice(0, -5), status: 400, code: 'malformed_json' },
  { name: 'NaN', body: '{"event_type":NaN}', status: 400, code: 'malformed_json' },
  {
    name: 'a wrong type',
    body: TEXT,
    headers: { 'content-type': 'text/html' },
    status: 415,
    code: 'unsupported_type',
  },
  {
    name: 'a form',
    body: 'a=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported_type',
  },
  {
    name: 'latin1',
    body: TEXT,
    headers: { 'content-type': 'application/json; charset=iso-8859-1' },
    status: 415,
    code: 'unsupported_type',
  },
  {
    name: 'an unknown encoding',
    body: TEXT,
    headers: { ...JSON_TYPE, 'content-encoding': 'br' },
    status: 415,
    code: 'unsupported_encoding',
  },
  { name: '11 MB', body: new Uint8Array(11_000_000), status: 413, code: 'too_large' },
  {
    name: 'a gzip bomb',
    body: gzipSync(new Uint8Array(100_000_000)),
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    status: 413,
    code: 'too_large',
  },
  {
    name: 'a cut-off gzip',
    body: gzipSync(TEXT).subarray(0, -6),
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    status: 400,
    code: 'malformed_json',
  },
  {
    name: '2,501 events',
    body: JSON.stringify(Array.from({ length: 2501 }, () => VIEW)),
    status: 413,
    code: 'too_many_events',
  },
  {
    name: 'an unknown key',
    body: TEXT,
    headers: { ...JSON_TYPE, 'x-api-key': 'pk_guess' },
    status: 401,
    code: 'key_unknown',
  },
  {
    name: 'an endless key',
    body: TEXT,
    headers: { ...JSON_TYPE, 'x-api-key': 'k'.repeat(7000) },
    status: 401,
    code: 'key_unknown',
  },
  {
    name: 'no key',
    body: TEXT,
    headers: { ...JSON_TYPE, 'x-api-key': '' },
    status: 401,
    code: 'key_missing',
  },
  {
    name: 'a key of its prototype',
    body: TEXT,
    headers: { ...JSON_TYPE, 'x-api-key': '__proto__' },
    status: 401,
    code: 'key_unknown',
  },
  {
    name: '__proto__',
    body: `{"__proto__":{"admin":true},${TEXT.slice(1)}`,
    ...refused('invalid_field'),
  },
  {
    name: '__proto__ in a part',
    body: TEXT.replace('{', '{"consent":"granted","properties":{"__proto__":{"a":1}},'),
    ...refused('invalid_field'),
  },
  {
    name: 'a lone surrogate',
    body: TEXT.replace('prod_001', '\\ud800'),
    ...refused('invalid_field'),
  },
  {
    name: 'a 1 MB string',
    body: JSON.stringify({ ...VIEW, category: 'x'.repeat(1_000_000) }),
    ...refused('invalid_field'),
  },
  {
    name: 'a 1 MB string in an unknown field',
    body: JSON.stringify({ ...VIEW, note: 'x'.repeat(1_000_000) }),
    ...refused('too_large'),
  },
  {
    name: 'a number beyond all bounds',
    body: TEXT.replace('"product_id"', '"rank":1e999,"product_id"'),
    ...refused('invalid_field'),
  },
  {
    name: '10,000 nested arrays',
    body: `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
    ...refused('not_an_object'),
  },
  {
    name: 'an unknown field of 10,000 nested arrays',
    body: `{"deep":${'['.repeat(DEEP)}${']'.repeat(DEEP)},${TEXT.slice(1)}`,
    ...refused('invalid_field'),
  },
]

function refused(reason: string) {
  return { status: 422, code: 'all_rejected', reason }
}
