import { simulate } from '../../src/simulator/simulate.ts'
import type { Truth } from '../../src/simulator/truth.ts'
import { type TestServer, until } from '../e2e/server.ts'

const DAY_MS = 86_400_000
const KEYS = { browser: 'pk_dev', server: 'sk_dev' } as const

/** Six days of a small shop up to now, some of it sent twice, in store and lake; and what happened there. */
export async function playShop(server: TestServer): Promise<Truth> {
  const now = Date.now()
  const faults = { duplicate: 0.02 }
  const shop = simulate({ seed: 5, from: now - 6 * DAY_MS, to: now, sessions_per_day: 200, faults })
  const events = [...shop]
  for (const source of ['browser', 'server'] as const) {
    const own = events.filter((event) => event.source === source).map(({ event }) => event)
    await send(server, source, own)
  }
  await settleShop(server)
  return shop.truth()
}

/** The days of the shop that is long gone: four months that are over. */
export const PAST = { from: '2025-01-01', to: '2025-04-30' } as const

/** What customers of a shop bought and wrote in those days, without their visits; and what happened there. */
export async function playPast(server: TestServer): Promise<Truth> {
  const [from, to] = [Date.parse(PAST.from), Date.parse(PAST.to) + DAY_MS]
  const shop = simulate({ seed: 6, from, to, sessions_per_day: 120 })
  const told = new Set(['order_created', 'review_submitted'])
  const events = [...shop].flatMap(({ event }) =>
    told.has(String(event.event_type)) ? [event] : [],
  )
  await send(server, 'server', events)
  await settleShop(server)
  return shop.truth()
}

async function send(
  server: TestServer,
  source: keyof typeof KEYS,
  events: readonly object[],
): Promise<void> {
  for (let from = 0; from < events.length; from += 1000) {
    const lines = events.slice(from, from + 1000).map((event) => JSON.stringify(event))
    const headers = { 'content-type': 'application/x-ndjson', 'x-api-key': KEYS[source] }
    const answer = await server.post(lines.join('\n'), headers)
    if (answer.status !== 202) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`)
  }
}

/** Waits until what was sent is in the store, and seen by SQL. */
async function settleShop(server: TestServer): Promise<void> {
  await until(async () => {
    const { totals } = (await server.call('/v1/ledger')).body
    const [[rows]] = (await server.sql('select count(*) from events')) as [[unknown]]
    return totals.pending_store === 0 && Number(rows) === totals.accepted
  })
}

/** One order of a known customer, who is told of as well, with an id that tests know. */
export async function playOne(server: TestServer): Promise<void> {
  const order = JSON.parse(orderOf('web-order', 59.98))
  const customer = {
    event_type: 'customer_updated',
    timestamp: order.timestamp,
    customer_id: 'web-customer',
    name: 'Ada Example',
    country: 'DE',
  }
  const events = [{ ...order, customer_id: 'web-customer' }, customer]
  const answer = await server.post(JSON.stringify(events), { 'x-api-key': KEYS.server })
  if (answer.body.accepted !== 2) throw new Error(JSON.stringify(answer.body))
  await settleShop(server)
}

/** An order of this moment. */
export function orderOf(id: string, amount: number, name = 'A thing'): string {
  return JSON.stringify({
    event_type: 'order_created',
    timestamp: new Date().toISOString(),
    order_id: id,
    customer_id: 'somebody',
    items: [{ product_id: 'p-1', name, quantity: 1, price: amount }],
    total_amount: amount,
    currency: 'USD',
  })
}
