import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVENTS } from '../../src/schema/registry.ts'
import { type Composed, compose, postJson } from './compose.ts'

const VIEW = EVENTS.product_view.example
const TEXT = JSON.stringify(VIEW)
const JSON_TYPE = { 'content-type': 'application/json' }
const DEEP = 10_000

/** A body, its headers, and the answer that the documents promise. */
interface Attack {
  readonly name: string
  readonly body: string | Uint8Array
  readonly headers?: { [name: string]: string }
  readonly status: number
  readonly code: string
  /** With all_rejected: why. */
  readonly reason?: string
}

const ATTACKS: readonly Attack[] = [
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

describe('hostile input', () => {
  let shop: Composed
  beforeAll(async () => {
    shop = await compose()
  })
  afterAll(() => shop.close())

  it.each(ATTACKS)('$name → $status $code', async ({ body, headers, status, code, reason }) => {
    const response = await shop.bare('/v1/events', {
      method: 'POST',
      headers: { 'x-api-key': 'sk_dev', ...(headers ?? JSON_TYPE) },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    })
    const problem = await response.json()
    expect(problem).toMatchObject({ status, code, type: `/docs#error-${code}` })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(problem).toMatchObject({ request_id: response.headers.get('x-request-id') })
    if (reason) expect(problem).toMatchObject({ results: [{ verdict: 'rejected', reason }] })
  })

  it('lives on, its ledger balances, and the log holds no payload', async () => {
    const good = await shop.send({ ...VIEW, event_id: 'after the storm' })
    expect(good.status).toBe(202)
    const ledger = (await (await shop.request('/v1/ledger')).json()) as {
      balanced: boolean
      totals: { received: number; rejected: number; accepted: number }
    }
    const rejections = ATTACKS.filter(
      ({ reason, code, headers }) =>
        reason !== undefined ||
        (code === 'malformed_json' && headers?.['content-encoding'] === undefined),
    )
    expect(ledger).toMatchObject({
      balanced: true,
      totals: { received: rejections.length + 1, rejected: rejections.length, accepted: 1 },
    })
    expect(JSON.stringify(shop.logged)).not.toMatch(/prod_001|hello|product_view/)
    expect(shop.logged.filter((line) => line.level === 'error')).toEqual([])
  })

  it('a read key does not write, and a write key does not read', async () => {
    const { text } = await shop.deps.keys.create({
      name: 'reader',
      kind: 'server',
      scopes: ['read'],
      origins: [],
    })
    const write = await shop.bare('/v1/events', postJson(VIEW, { 'x-api-key': text }))
    expect(await write.json()).toMatchObject({ status: 403, code: 'scope_missing' })
    const read = await shop.bare('/v1/orders', { headers: { 'x-api-key': 'pk_dev' } })
    expect(await read.json()).toMatchObject({ status: 403, code: 'scope_missing' })
  })
})

describe('bounds', () => {
  it('answers 503 with Retry-After while too many bytes are being handled, and recovers', async () => {
    const shop = await compose({ settings: { inflight_max_bytes: 1_000_000 } })
    try {
      const events = Array.from({ length: 2000 }, (_, index) => ({
        ...VIEW,
        event_id: `b${index}`,
      }))
      const large = { ...VIEW, event_id: 'large', category: 'x'.repeat(190) }
      const init = postJson(
        [...events, ...events.map((event) => ({ ...large, ...event }))].slice(0, 2500),
      )
      const answers = await Promise.all([1, 2, 3, 4].map(() => shop.request('/v1/events', init)))
      const refusedOnes = answers.filter((answer) => answer.status === 503)
      expect(refusedOnes.length).toBeGreaterThan(0)
      for (const answer of refusedOnes) {
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(await answer.json()).toMatchObject({ code: 'overloaded', retryable: true })
      }
      expect((await shop.request('/v1/events', init)).status).toBe(202)
    } finally {
      await shop.close()
    }
  })

  it('limits the rate of each key by events, and says when to come back', async () => {
    let now = Date.parse('2025-01-15T10:30:00Z')
    const shop = await compose({
      settings: { rate_events_per_s: 10, rate_burst_events: 10 },
      now: () => now,
    })
    try {
      const batch = (prefix: string) =>
        postJson(
          Array.from({ length: 25 }, (_, index) => ({ ...VIEW, event_id: `${prefix}${index}` })),
        )
      const first = await shop.request('/v1/events', batch('a'))
      expect(first.status).toBe(202)
      expect(first.headers.get('ratelimit-policy')).toBe('"events";q=20;w=2')
      expect(first.headers.get('ratelimit')).toBe('"events";r=0;t=3')
      const second = await shop.request('/v1/events', batch('b'))
      expect(second.status).toBe(429)
      expect(second.headers.get('retry-after')).toBe('1')
      expect(second.headers.get('ratelimit')).toBe('"events";r=0;t=3')
      expect(await second.json()).toMatchObject({ code: 'rate_limited', retryable: true })
      expect((await shop.bare('/v1/events', batch('c'))).status).toBe(401)
      const other = postJson(VIEW, { 'x-api-key': 'pk_dev' })
      expect((await shop.bare('/v1/events', other)).status).toBe(202)
      now += 1000
      expect((await shop.request('/v1/events', batch('d'))).status).toBe(202)
    } finally {
      await shop.close()
    }
  })
})
