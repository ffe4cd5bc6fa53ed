import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeServer, startServer, type TestServer, until } from './server.ts'

/** The three events that every page of documentation shows, byte for byte. */
const CURL = { 'content-type': 'application/x-ndjson', 'user-agent': 'curl/8.5.0' }
const SAMPLES = [
  '{"event_type":"order_created","timestamp":"2025-01-15T10:30:00Z","order_id":"ord_123456","customer_id":"cust_789","items":[{"product_id":"prod_001","quantity":2,"price":29.99}],"total_amount":59.98,"payment_method":"credit_card","shipping_address":{"city":"Ho Chi Minh City","country":"Vietnam"}}',
  '{"event_type":"product_view","timestamp":"2025-01-15T10:25:00Z","session_id":"sess_abc123","customer_id":"cust_789","product_id":"prod_001","category":"Electronics","page_url":"/products/laptop-gaming","referrer":"google.com"}',
  '{"event_type":"review_submitted","timestamp":"2025-01-15T11:00:00Z","review_id":"rev_456","customer_id":"cust_789","product_id":"prod_001","rating":5,"review_text":"Excellent laptop!","verified_purchase":true}',
]

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})

afterAll(() => removeServer(server))

test('the three samples are accepted, and the order and the review are duplicates when sent again', async () => {
  const first = await server.post(SAMPLES.join('\n'), CURL)
  expect(first.status).toBe(202)
  expect(first.body).toMatchObject({ received: 3, accepted: 3, duplicates: 0, rejected: 0 })

  const again = await server.post(SAMPLES.join('\n'), CURL)
  expect(again.status).toBe(202)
  expect(again.body).toMatchObject({ received: 3, accepted: 1, duplicates: 2, rejected: 0 })

  await until(async () => (await server.call('/v1/orders/ord_123456')).status === 200)
  const order = await server.call('/v1/orders/ord_123456')
  expect(order.body).toMatchObject({
    order_id: 'ord_123456',
    total_amount: 59.98,
    customer_id: 'cust_789',
  })

  await until(
    async () => Number((await server.sql('select count(*) from order_created'))[0]![0]) === 1,
  )
  expect(await server.sql('select sum(total_amount) from order_created')).toEqual([['59.9800']])
  expect(await server.sql('select order_id, status from orders')).toEqual([
    ['ord_123456', 'created'],
  ])
})

test('a broken event between good ones is refused alone, with reason, path and message, and is a dead letter', async () => {
  const broken = JSON.parse(SAMPLES[2]!)
  broken.rating = 11
  const good = { ...JSON.parse(SAMPLES[2]!), review_id: 'rev_1' }
  const other = { ...JSON.parse(SAMPLES[2]!), review_id: 'rev_2' }
  const answer = await server.post(JSON.stringify([good, broken, other]))
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
  expect(answer.body.results).toEqual([
    expect.objectContaining({
      index: 1,
      verdict: 'rejected',
      reason: 'invalid_field',
      path: 'rating',
      message: expect.any(String),
    }),
  ])
  await until(async () => (await server.call('/v1/dead-letters')).body.items.length === 1)
  const letter = (await server.call('/v1/dead-letters')).body.items[0]
  expect(letter).toMatchObject({
    event_type: 'review_submitted',
    reason: 'invalid_field',
    path: 'rating',
    source: 'pk_dev',
  })
  await until(async () => (await server.call('/v1/ledger')).body.totals.pending_store === 0)
  expect((await server.call('/v1/ledger')).body).toMatchObject({ balanced: true })
})

test('SQL never ends: accepting goes on, further queries get 429, and cancelling frees the slot', async () => {
  const endless = JSON.stringify({
    sql: 'select count(*) from range(1000000000000000) t(i) where hash(i) = 7',
  })
  const ask = () =>
    server.call('/v1/sql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
    })
  const running = (await Promise.all(Array.from({ length: 8 }, ask))).filter(
    (answer) => answer.status === 202,
  )
  expect(running).toHaveLength(8)
  expect((await ask()).status).toBe(429)
  const posted = await server.post(
    JSON.stringify({
      event_type: 'page_view',
      timestamp: new Date().toISOString(),
      session_id: 's',
    }),
  )
  expect(posted.status).toBe(202)
  for (const { body } of running) {
    expect(
      (await server.call(`/v1/sql/${body.query_id}`, { method: 'DELETE' })).status,
    ).toBeLessThan(300)
  }
  await until(
    async () =>
      (
        await server.call('/v1/sql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ sql: 'select 1' }),
        })
      ).status === 200,
  )
})
