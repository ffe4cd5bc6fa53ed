import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ERRORS, type ErrorCode } from '../../src/errors.ts'
import { removeServer, startServer, type TestServer, until } from './server.ts'

const VIEW = {
  event_type: 'product_view',
  timestamp: '2025-01-15T10:25:00Z',
  session_id: 'sess_hostile',
  product_id: 'prod_001',
  page_url: '/products/laptop',
}
const TEXT = JSON.stringify(VIEW)
const DEEP = 10_000
/** A stop writes what is hot to Parquet first, beside whatever else the machine does. */
const HOOK_MS = 180_000

interface Attack {
  readonly name: string
  readonly body: string | Uint8Array
  readonly headers?: { readonly [name: string]: string }
  readonly code: ErrorCode
  /** Of one event that is refused by itself: why. */
  readonly reason?: string
  /** What the ledger is to count as received and rejected: bodies that were read. */
  readonly counted?: number
}

const ATTACKS: readonly Attack[] = [
  { name: 'not JSON', body: 'hello', code: 'malformed_json', counted: 1 },
  { name: 'nothing', body: '', code: 'malformed_json', counted: 1 },
  { name: 'bytes of no text', body: bytes(64, 255), code: 'malformed_json', counted: 1 },
  { name: 'NaN', body: TEXT.replace('"prod_001"', 'NaN'), code: 'malformed_json', counted: 1 },
  {
    name: 'a wrong content type',
    body: TEXT,
    headers: { 'content-type': 'text/html' },
    code: 'unsupported_type',
  },
  {
    name: 'an encoding that nobody asked for',
    body: TEXT,
    headers: { 'content-encoding': 'br' },
    code: 'unsupported_encoding',
  },
  { name: '11 MB', body: bytes(11_000_000, 32), code: 'too_large' },
  {
    name: 'a gzip bomb',
    body: gzipSync(bytes(200_000_000, 32)),
    headers: { 'content-encoding': 'gzip' },
    code: 'too_large',
  },
  {
    name: 'an unknown key',
    body: TEXT,
    headers: { 'x-api-key': 'pk_guess' },
    code: 'key_unknown',
  },
  { name: 'no key', body: TEXT, headers: { 'x-api-key': '' }, code: 'key_missing' },
  { name: 'a wrong type of a field', ...refused({ ...VIEW, product_id: { id: 1 } }) },
  { name: 'an event that is a number', body: '[7]', ...because('not_an_object') },
  {
    name: '__proto__',
    body: `{"__proto__":{"admin":true},${TEXT.slice(1)}`,
    ...because('invalid_field'),
  },
  {
    name: 'a lone surrogate',
    body: TEXT.replace('prod_001', '\\ud800'),
    ...because('invalid_field'),
  },
  { name: 'a 1 MB string', ...refused({ ...VIEW, page_url: 'x'.repeat(1_000_000) }) },
  {
    name: 'a 1 MB string that no schema knows',
    ...refused({ ...VIEW, note: 'x'.repeat(1_000_000) }, 'too_large'),
  },
  {
    name: '10,000 nested arrays',
    body: `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
    ...because('not_an_object'),
  },
  {
    name: '10,000 nested arrays in a field',
    body: `{"deep":${'['.repeat(DEEP)}${']'.repeat(DEEP)},${TEXT.slice(1)}`,
    ...because('invalid_field'),
  },
]

function bytes(count: number, value: number): Uint8Array {
  return new Uint8Array(count).fill(value)
}

function because(reason: string) {
  return { code: 'all_rejected', reason, counted: 1 } as const
}

function refused(event: object, reason = 'invalid_field') {
  return { body: JSON.stringify(event), ...because(reason) }
}

let server: TestServer
let pids: (number | undefined)[]

beforeAll(async () => {
  server = await startServer()
  pids = [server.pidOf('collect'), server.pidOf('lake')]
}, HOOK_MS)

afterAll(() => removeServer(server), HOOK_MS)

test.each(ATTACKS)('$name: $code', async ({ body, headers = {}, code, reason }) => {
  const answer = await server.post(body, { ...headers })
  const { status, title, retryable } = ERRORS[code]
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.body).toMatchObject({
    type: `/docs#error-${code}`,
    title,
    status,
    code,
    retryable,
    request_id: answer.headers.get('x-request-id'),
  })
  expect(answer.body.detail.length).toBeGreaterThan(5)
  // An answer never holds what was sent at its full length.
  expect(JSON.stringify(answer.body).length).toBeLessThan(5000)
  if (reason !== undefined) {
    expect(answer.body).toMatchObject({
      received: 1,
      rejected: 1,
      results: [{ index: 0, verdict: 'rejected', reason }],
    })
  }
})

test('a key that may only read does not write, and one that may only write does not read', async () => {
  const made = await server.call('/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'reader', kind: 'server', scopes: ['read'], origins: [] }),
  })
  expect(made.status).toBe(201)
  const write = await server.post(TEXT, { 'x-api-key': made.body.text })
  expect([write.status, write.body.code]).toEqual([403, 'scope_missing'])
  const read = await server.call('/v1/ledger', { headers: { 'x-api-key': 'pk_dev' } })
  expect([read.status, read.body.code]).toEqual([403, 'scope_missing'])
})

test('a foreign Host header is refused', async () => {
  const { port } = new URL(server.url)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: 'shop.example', 'x-api-key': 'sk_dev' }
    const call = request({ port, host: '127.0.0.1', path: '/v1/ledger', headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    call.once('error', reject).end()
  })
  expect(status).toBe(ERRORS.host_refused.status)
})

test('broken events between good ones: the good ones are in, the others are dead letters with a reason', async () => {
  const good = (id: string) => JSON.stringify({ ...VIEW, event_id: id })
  const broken = ATTACKS.filter(({ reason }) => reason !== undefined && reason !== 'too_large')
  const events = broken.flatMap(({ body }, index) => [
    good(`mixed-${index}`),
    String(body).replace(/^\[7\]$/, '7'),
  ])
  const answer = await server.post(`[${events.join(',')},${good('mixed-last')}]`)
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({
    received: 2 * broken.length + 1,
    accepted: broken.length + 1,
    rejected: broken.length,
  })
  expect(
    answer.body.results.map((one: { index: number; reason: string }) => [one.index, one.reason]),
  ).toEqual(broken.map(({ reason }, index) => [2 * index + 1, reason]))
  await until(async () => {
    const rows = await server.sql("select count(*) from product_view where event_id like 'mixed-%'")
    return Number(rows[0]![0]) === broken.length + 1
  })
})

test('after all of it both processes live on, the ledger balances, and each refusal is a dead letter', async () => {
  const mixed = ATTACKS.filter(
    ({ reason }) => reason !== undefined && reason !== 'too_large',
  ).length
  const alone = ATTACKS.reduce((sum, { counted = 0 }) => sum + counted, 0)
  let ledger = { balanced: false, imbalances: ['not asked yet'], totals: { pending_store: 1 } }
  await until(async () => {
    ledger = (await server.call('/v1/ledger?from=1970-01-01')).body
    return ledger.totals.pending_store === 0
  })
  expect(ledger.imbalances).toEqual([])
  expect(ledger.balanced).toBe(true)
  expect(ledger.totals).toMatchObject({
    received: alone + 2 * mixed + 1,
    rejected: alone + mixed,
    accepted: mixed + 1,
    applied: mixed + 1,
  })
  const letters = (await server.call('/v1/dead-letters?limit=500')).body.items
  expect(letters).toHaveLength(alone + mixed)
  for (const letter of letters) {
    expect(letter.reason).toMatch(/^[a-z_]+$/)
    expect(letter.message.length).toBeGreaterThan(5)
  }
  expect([server.pidOf('collect'), server.pidOf('lake')]).toEqual(pids)
  expect((await server.post(JSON.stringify({ ...VIEW, event_id: 'after' }))).status).toBe(202)
})
