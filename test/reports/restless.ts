import { createRandom } from '../../src/simulator/random.ts'
import type { Event } from './lake.ts'

const FIRST = Date.parse('2025-01-05T00:00:00Z')
const MINUTE_MS = 60_000

/** Few visitors who do much, at all hours: sessions over midnight, for days, come back; the same for carts and orders. */
export function restlessShop(days = 16): Event[] {
  const random = createRandom(11, 1)
  const events: Event[] = []
  const one = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!
  const at = (minutes: number) => new Date(FIRST + minutes * MINUTE_MS).toISOString()
  const types = [
    ...['page_view', 'product_view', 'product_view', 'product_click', 'search', 'add_to_cart'],
    ...['add_to_cart', 'remove_from_cart', 'checkout_started'],
  ] as const
  const someone = () => ({
    ...(random.next() < 0.6 ? { session_id: `s${Math.floor(random.next() * 40)}` } : {}),
    ...(random.next() < 0.9 ? { anonymous_id: `a${Math.floor(random.next() * 12)}` } : {}),
    ...(random.next() < 0.4 ? { customer_id: `c${Math.floor(random.next() * 8)}` } : {}),
  })
  for (let visit = 0; visit < days * 16; visit++) {
    const who = someone()
    const step = one([0, 1, 5, 29, 31, 700])
    let minutes = Math.floor(random.next() * days * 1440)
    for (let act = Math.floor(random.next() * 9); act >= 0; act--) {
      const type = one(types) as Event['event_type']
      events.push({ event_type: type, occurred_at: at(minutes), ...who, ...detailsOf(type, one) })
      minutes += step
    }
  }
  // Without a gap of half an hour for three days.
  for (let minutes = 3000; minutes < 3000 + 3 * 1440; minutes += 25) {
    events.push({ event_type: 'page_view', occurred_at: at(minutes), anonymous_id: 'a99' })
  }
  // A numbered cart a day, filled by one session and touched again by another on the day after.
  for (let day = 0; day < days; day++) {
    for (const [session_id, minutes] of [
      [`sk${day}`, day * 1440 + 1400],
      [`sk${day + 1}`, day * 1440 + 1500],
    ] as const) {
      const cart = { session_id, cart_id: `day-${day}`, product_id: 'A', quantity: 1 }
      const priced = { ...cart, price: '4.5000', currency: 'USD' }
      events.push({ event_type: 'add_to_cart', occurred_at: at(minutes), ...priced })
    }
  }
  for (let number = 0; number < days * 8; number++) {
    const minutes = Math.floor(random.next() * days * 1440)
    events.push(...orderEvents(`o${number}`, minutes, at, someone(), one))
  }
  for (let number = 0; number < 20; number++) {
    const minutes = Math.floor(random.next() * days * 1440)
    events.push({
      event_type: 'customer_identified',
      occurred_at: at(minutes),
      customer_id: one(['c1', 'c2', 'c3']),
      anonymous_id: one(['a1', 'a2', 'a3']),
    })
    events.push({
      event_type: 'review_submitted',
      occurred_at: at(minutes),
      ...{ review_id: `r${number % 12}`, product_id: one(['A', 'B']), rating: one([1, 3, 5]) },
    })
    events.push({
      event_type: 'inventory_updated',
      occurred_at: at(minutes),
      ...{ product_id: one(['A', 'B']), delta: one([-2, 5]), reason: 'count' },
    })
  }
  return events
}

function detailsOf(type: string, one: <T>(values: readonly T[]) => T): object {
  if (type === 'search')
    return { search_term: one(['lamp', ' Lamp', 'desk']), results: one([0, 3]) }
  if (type === 'page_view') {
    return one([
      {},
      { extra: { theme: 'dark' } },
      { utm_campaign: 'spring', utm_source: 'news', utm_medium: 'email' },
    ])
  }
  const product = { product_id: one(['A', 'B', 'C']) }
  if (!type.endsWith('_cart')) return { ...product, ...one([{}, { channel: 'email' }]) }
  const cart = one([{}, { cart_id: 'k1' }, { cart_id: 'k2' }])
  return { ...product, ...cart, quantity: one([1, 2]), price: '4.5000', currency: 'USD' }
}

/** An order as its sources tell it within two days, and what becomes of it in the weeks after. */
function orderEvents(
  order_id: string,
  minutes: number,
  at: (minutes: number) => string,
  who: object,
  one: <T>(values: readonly T[]) => T,
): Event[] {
  const items = ['A', 'B', 'C']
    .slice(one([0, 1]), one([2, 3]))
    .map((product_id) => ({ product_id, quantity: one([1, 3]), price: '10.0000' }))
  const placed = { order_id, items, currency: 'USD', ...who }
  const events: Event[] = [
    { event_type: 'order_created', occurred_at: at(minutes), total_amount: '10.0000', ...placed },
  ]
  if (one([true, false])) {
    events.push({
      event_type: 'order_created',
      occurred_at: at(minutes + one([-900, -3, 2, 1500])),
      ...{ total_amount: '30.0000', ...placed, source_kind: one(['browser', 'webhook']) },
    })
  }
  const later: readonly [Event['event_type'], object][] = [
    ['order_paid', { amount: '10.0000', payment_id: one(['p1', 'p2']) }],
    ['order_paid', { amount: '10.0000' }],
    ['order_shipped', {}],
    ['order_delivered', {}],
    ['order_cancelled', {}],
    ['order_refunded', { amount: '5.0000', refund_id: 'r1', reason: 'broken' }],
    ['order_refunded', { amount: '2.0000', source_kind: 'webhook' }],
  ]
  for (const [event_type, details] of later) {
    if (one([true, false, false])) continue
    const after = one([-30, 10, 3000, 11_000])
    events.push({
      event_type,
      occurred_at: at(minutes + after),
      order_id,
      currency: 'USD',
      ...details,
    })
  }
  return events
}
