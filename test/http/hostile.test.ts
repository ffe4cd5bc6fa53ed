import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ATTACKS, JSON_TYPE, VIEW } from './attacks.ts'
import { type Composed, compose, postJson } from './compose.ts'

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
