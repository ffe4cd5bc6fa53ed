import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVENTS } from '../../src/schema/registry.ts'
import { type Composed, compose, postJson } from './compose.ts'

const ORDER = EVENTS.order_created.example
const VIEW = EVENTS.product_view.example
const REVIEW = EVENTS.review_submitted.example

describe('POST /v1/events', () => {
  let shop: Composed
  beforeAll(async () => {
    shop = await compose()
  })
  afterAll(() => shop.close())

  const post = (body: RequestInit['body'], headers: { [name: string]: string } = {}) =>
    shop.bare('/v1/events', {
      method: 'POST',
      headers: { 'x-api-key': 'pk_dev', ...headers },
      ...(body === undefined ? {} : { body }),
    })

  it('takes the three samples, and knows the order and the review the second time', async () => {
    const headers = { 'content-type': 'application/json' }
    const text = JSON.stringify([ORDER, VIEW, REVIEW])
    const first = await post(text, headers)
    expect(first.status).toBe(202)
    expect(await first.json()).toEqual({
      received: 3,
      accepted: 3,
      duplicates: 0,
      rejected: 0,
      results: [],
    })
    const again = await post(text, headers)
    expect(again.status).toBe(202)
    const answer = (await again.json()) as { results: { index: number; verdict: string }[] }
    expect(answer).toMatchObject({ received: 3, accepted: 1, duplicates: 2, rejected: 0 })
    expect(answer.results.map(({ index, verdict }) => [index, verdict])).toEqual([
      [0, 'duplicate'],
      [2, 'duplicate'],
    ])
    await shop.updater.settled()
    const order = await shop.request('/v1/orders/ord_123456')
    expect(await order.json()).toMatchObject({ order_id: 'ord_123456', total_amount: 59.98 })
  })

  it.each([
    ['one', (events: object[]) => JSON.stringify(events[0]), 'application/json', 1],
    ['an array', (events: object[]) => JSON.stringify(events), 'application/json', 2],
    [
      'an object of events',
      (events: object[]) => JSON.stringify({ events }),
      'application/json',
      2,
    ],
    ['NDJSON', lines, 'application/x-ndjson', 2],
    ['text that is JSON', (events: object[]) => JSON.stringify(events, null, 2), 'text/plain', 2],
    ['text that is NDJSON', lines, 'text/plain;charset=UTF-8', 2],
  ])('takes %s', async (name, encode, type, count) => {
    const events = [0, 1].map((index) => ({ ...VIEW, event_id: `${name}-${index}` }))
    const response = await post(encode(events), { 'content-type': type })
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ received: count, accepted: count })
  })

  it('takes gzip, and a body without content type', async () => {
    const body = gzipSync(JSON.stringify({ ...VIEW, event_id: 'gz' }))
    const gzipped = await post(body, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    expect(await gzipped.json()).toMatchObject({ accepted: 1 })
    const untyped = await post(Buffer.from(JSON.stringify({ ...VIEW, event_id: 'untyped' })))
    expect(await untyped.json()).toMatchObject({ accepted: 1 })
  })

  it('keeps the good ones beside a broken one, which says what is wrong', async () => {
    const broken = { ...ORDER, order_id: 'ord_broken', total_amount: 'much' }
    const events = [{ ...VIEW, event_id: 'a' }, broken, { ...VIEW, event_id: 'b' }]
    const response = await shop.request('/v1/events', postJson(events))
    expect(response.status).toBe(202)
    const answer = (await response.json()) as { results: object[] }
    expect(answer).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
    expect(answer.results).toEqual([
      {
        index: 1,
        event_id: null,
        verdict: 'rejected',
        reason: 'invalid_field',
        path: 'total_amount',
        message: expect.stringContaining('expected'),
      },
    ])
    await shop.updater.settled()
    const letters = await shop.request('/v1/dead-letters?reason=invalid_field')
    const { items } = (await letters.json()) as { items: { path: string; source: string }[] }
    expect(items[0]).toMatchObject({ path: 'total_amount', source: 'sk_dev', status: 'open' })
  })

  it('lists every event with verbose', async () => {
    const response = await shop.request(
      '/v1/events?verbose=1',
      postJson([{ ...VIEW, event_id: 'verbose' }, 7]),
    )
    const { results } = (await response.json()) as { results: object[] }
    expect(results).toMatchObject([
      { index: 0, event_id: 'verbose', verdict: 'accepted' },
      { index: 1, verdict: 'rejected', reason: 'not_an_object' },
    ])
  })

  it('answers 422 with the verdicts when nothing was accepted, 202 when all were known', async () => {
    const events = [{ event_type: 'nonsense' }, { ...VIEW, timestamp: 'yesterday' }]
    const refused = await shop.request('/v1/events', postJson(events))
    expect(refused.status).toBe(422)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({
      code: 'all_rejected',
      received: 2,
      rejected: 2,
      results: [{ reason: 'unknown_event_type' }, { reason: 'invalid_field', path: 'timestamp' }],
    })
    const known = await shop.request('/v1/events', postJson({ ...VIEW, event_id: 'verbose' }))
    expect(known.status).toBe(202)
  })

  it('every answer has a request id that no client can choose', async () => {
    const request = postJson({ ...VIEW, event_id: 'ids' }, { 'x-request-id': 'mine' })
    const ids = await Promise.all(
      [1, 2].map(async () =>
        (await shop.request('/v1/events', request)).headers.get('x-request-id'),
      ),
    )
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain('mine')
  })

  it('tells the truncated network of a browser, and nothing of a server', async () => {
    const address = { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'Mozilla/5.0 Firefox/130.0' }
    const proxied = await compose({ settings: { trusted_proxies: 1 } })
    try {
      for (const key of ['pk_dev', 'sk_dev']) {
        const event = { ...VIEW, event_id: `net-${key}`, session_id: `net-${key}` }
        const init = postJson(event, { 'x-api-key': key, ...address })
        expect((await proxied.bare('/v1/events', init)).status).toBe(202)
      }
      const rows = await streamText(proxied)
      expect(rows.find((row) => row.includes('net-pk_dev'))).toContain('203.0.113.0/24')
      expect(rows.find((row) => row.includes('net-sk_dev'))).not.toContain('203.0.113')
      expect(rows.join()).not.toContain('203.0.113.7')
    } finally {
      await proxied.close()
    }
  })
})

function lines(events: object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

/** Everything that the stream holds, a text per record. */
async function streamText({ stream }: Composed): Promise<string[]> {
  const texts: string[] = []
  for (let bucket = 0; bucket < stream.buckets; bucket++) {
    for await (const batch of stream.read('inspect', bucket, 0, 1e6)) {
      texts.push(...batch.records.map((record) => Buffer.from(record.data).toString('latin1')))
    }
  }
  return texts
}
