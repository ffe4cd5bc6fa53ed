/**
 * node examples/send-events.mjs [URL]
 *
 * What a shop's server needs to send events: a key, an id per event, and patience. An event without an event_id gets one
 * from its order_id, so this may be sent as often as you like: the second time says "duplicate".
 */
const url = process.argv[2] ?? 'http://127.0.0.1:4600'
const key = process.env.SHOPLAKE_KEY ?? 'sk_dev'

const answer = await send([
  {
    event_type: 'order_created',
    timestamp: '2025-01-15T10:30:00Z',
    order_id: 'example-1',
    customer_id: 'cust_789',
    items: [{ product_id: 'prod_001', quantity: 2, price: 29.99 }],
    total_amount: 59.98,
  },
  {
    event_type: 'order_paid',
    timestamp: '2025-01-15T10:31:00Z',
    order_id: 'example-1',
    payment_id: 'pay_1',
    amount: 59.98,
  },
  { event_type: 'order_shipped', timestamp: 'yesterday', order_id: 'example-1' },
])
console.log(JSON.stringify(answer, null, 2))

/** A 2xx or 422 is final: a verdict for each event. After 429, 503 or a broken connection the same is sent again. */
async function send(events, deadline = Date.now() + 60_000) {
  for (;;) {
    const response = await fetch(new URL('/v1/events', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(events),
    }).catch((error) => error)
    const status = response.status ?? 503
    if (status === 202 || status === 422) return response.json()
    if (status !== 429 && status !== 503) throw new Error(`${status}: ${await response.text()}`)
    if (Date.now() > deadline) throw new Error(`${url} takes nothing: ${response}`)
    const seconds = Number(response.headers?.get('retry-after') ?? 1)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}
