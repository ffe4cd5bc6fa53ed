import http from 'node:http'

/** Bodies whose ids are patched in place before each send: unique events at the cost of a few bytes written. */
export interface Body {
  readonly bytes: Buffer
  readonly slots: readonly number[]
}

const DIGITS = 12

/**
 * NDJSON bodies of `events` lines each: 3 % orders, 2 % stock, 1 % reviews, the rest page and product views, carts and searches of
 * visits with about six events. Every event_id, order_id and session_id carries a counter slot.
 */
export function makeBodies(count: number, events: number): Body[] {
  return Array.from({ length: count }, (_, body) => {
    const lines = Array.from({ length: events }, (_, index) => line(body * events + index))
    const text = `${lines.join('\n')}\n`
    const slots: number[] = []
    for (let at = text.indexOf('#'); at !== -1; at = text.indexOf('#', at + DIGITS)) slots.push(at)
    return { bytes: Buffer.from(text), slots }
  })
}

function line(index: number): string {
  const slot = '#'.padEnd(DIGITS, '0')
  const timestamp = new Date(Date.now() - (index % 3600) * 1000).toISOString()
  const session = `s${slot}`
  const product = `prod_${String((index * 7919) % 500).padStart(4, '0')}`
  const customer = `cust_${(index * 104_729) % 20_000}`
  const common = { event_id: `b-${slot}-${index % 97}`, timestamp }
  const kind = index % 100
  if (kind < 3) {
    const items = [{ product_id: product, quantity: 1 + (index % 3), price: 19.99 }]
    const total_amount = Math.round(1999 * (1 + (index % 3))) / 100
    return JSON.stringify({
      ...common,
      event_type: 'order_created',
      order_id: `o${slot}`,
      customer_id: customer,
      items,
      total_amount,
      payment_method: 'card',
      shipping_address: { city: 'Hanoi', country: 'Vietnam' },
    })
  }
  if (kind < 5)
    return JSON.stringify({
      ...common,
      event_type: 'inventory_updated',
      product_id: product,
      delta: -1,
      reason: 'sale',
    })
  if (kind < 6)
    return JSON.stringify({
      ...common,
      event_type: 'review_submitted',
      review_id: `r${slot}`,
      customer_id: customer,
      product_id: product,
      rating: 1 + (index % 5),
      review_text: 'Works as described, would buy again.',
    })
  const visit = {
    ...common,
    session_id: session,
    anonymous_id: `a${(index >> 3) % 50_000}`,
    page_url: `https://shop.example/p/${product}?utm_source=news`,
    referrer: 'https://www.google.com/',
    user_agent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  }
  if (kind < 45)
    return JSON.stringify({ ...visit, event_type: 'page_view', title: 'A page of the shop' })
  if (kind < 85)
    return JSON.stringify({
      ...visit,
      event_type: 'product_view',
      product_id: product,
      category: 'Electronics',
    })
  if (kind < 93)
    return JSON.stringify({
      ...visit,
      event_type: 'add_to_cart',
      product_id: product,
      quantity: 1,
      price: 19.99,
    })
  return JSON.stringify({ ...visit, event_type: 'search', search_term: 'laptop', results: 12 })
}

/** Writes fresh counters into a body. A visit's id changes every six sends of the counter. */
export function freshen(body: Body, counter: { next: number }): Buffer {
  for (const slot of body.slots) {
    body.bytes.write(String(counter.next++).padStart(DIGITS, '0'), slot, 'latin1')
  }
  return body.bytes
}

export interface Target {
  readonly url: URL
  readonly key: string
  readonly agent: http.Agent
}

/** Posts bytes; the status and the milliseconds until the whole answer is there. */
export function post(
  target: Target,
  bytes: Buffer,
  type: string,
): Promise<{ status: number; elapsed_ms: number }> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: target.url.hostname,
        port: target.url.port,
        path: '/v1/events',
        method: 'POST',
        agent: target.agent,
        headers: { 'content-type': type, 'content-length': bytes.length, 'x-api-key': target.key },
      },
      (response) => {
        response.resume()
        response.on('end', () =>
          resolve({ status: response.statusCode!, elapsed_ms: performance.now() - started }),
        )
      },
    )
    request.on('error', reject)
    request.end(bytes)
  })
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
