import http from 'node:http'

/** A body whose ids are patched in place before each send: unique events at the cost of a few bytes written. */
export interface Body {
  readonly bytes: Buffer
  /** Where a number of its own goes: ids of events, orders, reviews. */
  readonly slots: readonly number[]
  /** Per line of a visit, where the visit's number goes; and where its customer's, in a third of them. */
  readonly visits: readonly (readonly number[])[]
  readonly customers: readonly (number | undefined)[]
}

/** What has been sent so far. */
export interface Counter {
  next: number
  visitEvents: number
  readonly openVisits: number
}

const DIGITS = 12
const SLOT = '#'.padEnd(DIGITS, '0')
const VISIT = '@'.padEnd(DIGITS, '0')
const CUSTOMER = '~'.padEnd(DIGITS, '0')
const VISIT_EVENTS = 6
const CUSTOMERS = 20_000

/** `openVisits` visits of six events each take turns: at 60,000 events/s and 100,000 of them a visit lasts ten seconds. */
export function createCounter(openVisits = 100_000): Counter {
  return { next: 1, visitEvents: 0, openVisits }
}

/**
 * NDJSON bodies of `events` lines each: 3 % orders, 2 % stock, 1 % reviews, the rest page and product views, carts and searches of
 * visits with six events, of which a third name their customer.
 */
export function makeBodies(count: number, events: number): Body[] {
  return Array.from({ length: count }, (_, body) => {
    const lines = Array.from({ length: events }, (_, index) => line(body * events + index))
    return bodyOf(lines)
  })
}

/** A body of one line. */
export function bodyOf(lines: readonly string[]): Body {
  const visits: number[][] = []
  const customers: (number | undefined)[] = []
  const slots: number[] = []
  let start = 0
  for (const text of lines) {
    slots.push(...placesOf(text, '#', start))
    const places = placesOf(text, '@', start)
    if (places.length > 0) {
      visits.push(places)
      customers.push(placesOf(text, '~', start)[0])
    }
    start += text.length + 1
  }
  return { bytes: Buffer.from(`${lines.join('\n')}\n`), slots, visits, customers }
}

function placesOf(text: string, mark: string, start: number): number[] {
  const places: number[] = []
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1))
    places.push(start + at)
  return places
}

export function line(index: number): string {
  const timestamp = new Date(Date.now() - (index % 3600) * 1000).toISOString()
  const product = `prod_${String((index * 7919) % 500).padStart(4, '0')}`
  const customer = `c${String((index * 104_729) % CUSTOMERS).padStart(DIGITS, '0')}`
  const common = { event_id: `b-${SLOT}-${index % 97}`, timestamp }
  const kind = index % 100
  if (kind < 3) {
    const items = [{ product_id: product, quantity: 1 + (index % 3), price: 19.99 }]
    const total_amount = Math.round(1999 * (1 + (index % 3))) / 100
    return JSON.stringify({
      ...common,
      event_type: 'order_created',
      order_id: `o${SLOT}`,
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
      review_id: `r${SLOT}`,
      customer_id: customer,
      product_id: product,
      rating: 1 + (index % 5),
      review_text: 'Works as described, would buy again.',
    })
  const visit = {
    ...common,
    session_id: `s${VISIT}`,
    anonymous_id: `a${VISIT}`,
    ...(index % 3 === 0 && { customer_id: `c${CUSTOMER}` }),
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

/** Writes fresh numbers into a body. */
export function freshen(body: Body, counter: Counter): Buffer {
  const { bytes } = body
  for (const slot of body.slots) bytes.write(digits(counter.next++), slot, 'latin1')
  const { openVisits } = counter
  for (const [index, places] of body.visits.entries()) {
    const event = counter.visitEvents++
    const round = Math.floor(event / (openVisits * VISIT_EVENTS))
    const visit = scattered(round * openVisits + (event % openVisits))
    for (const place of places) bytes.write(digits(visit), place, 'latin1')
    const customer = body.customers[index]
    if (customer !== undefined) bytes.write(digits(visit % CUSTOMERS), customer, 'latin1')
  }
  return bytes
}

/** Numbers in no order, as ids are: neighbours in time are none in the store. One to one below 10^7. */
function scattered(value: number): number {
  return (value * 387_420_489) % 1_000_000_007
}

function digits(value: number): string {
  return String(value).padStart(DIGITS, '0')
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
