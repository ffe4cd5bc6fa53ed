/** A number of small steps that looks random and is the same each time. */
function createDice(seed: number): (sides: number) => number {
  let state = seed >>> 0
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

type WireEvent = { readonly [field: string]: unknown }

/**
 * Wire events of a shop with few orders, customers, products and visits, so that nearly every event meets others: also late,
 * contradictory, and some that are refused. `minute` 0 is `from`, in milliseconds since 1970.
 */
export function busyShop(options: { seed: number; events: number; from: number }): WireEvent[] {
  const roll = createDice(options.seed)
  const pick = <T>(values: readonly T[]): T => values[roll(values.length)]!
  return Array.from({ length: options.events }, (_, index) => {
    const timestamp = new Date(options.from + roll(3000) * 60_000 + index).toISOString()
    const event = pick(KINDS)(roll)
    return { event_id: `e${options.seed}-${index}`, timestamp, ...person(roll), ...event }
  })
}

function person(roll: (sides: number) => number): WireEvent {
  return {
    ...(roll(3) > 0 && { customer_id: `c${roll(4)}` }),
    ...(roll(2) > 0 && { session_id: `s${roll(6)}` }),
    ...(roll(3) === 0 && { anonymous_id: `a${roll(3)}` }),
  }
}

type Kind = (roll: (sides: number) => number) => WireEvent

const order: Kind = (roll) => ({ order_id: `o${roll(12)}` })
const product: Kind = (roll) => ({ product_id: `p${roll(5)}` })
const line: Kind = (roll) => ({
  ...product(roll),
  quantity: 1 + roll(3),
  price: `${1 + roll(50)}.${roll(90) + 10}`,
  name: `Name ${roll(4)}`,
})

const KINDS: readonly Kind[] = [
  (roll) => ({
    event_type: 'order_created',
    ...order(roll),
    items: [line(roll), line(roll)].slice(roll(2)),
    total_amount: 10 + roll(200),
    shipping_address: { city: 'Hue', country: roll(2) ? 'VN' : 'DE' },
  }),
  (roll) => ({
    event_type: 'order_paid',
    ...order(roll),
    amount: 10 + roll(90),
    payment_id: `y${roll(9)}`,
  }),
  (roll) => ({ event_type: 'order_cancelled', ...order(roll) }),
  (roll) => ({
    event_type: 'order_refunded',
    ...order(roll),
    amount: 1 + roll(9),
    refund_id: `r${roll(9)}`,
    items: [line(roll)],
  }),
  (roll) => ({ event_type: 'order_shipped', ...order(roll), shipment_id: `h${roll(3)}` }),
  (roll) => ({ event_type: 'order_delivered', ...order(roll) }),
  (roll) => ({ event_type: 'page_view', page_url: `/p/${roll(3)}?utm_source=u${roll(3)}` }),
  (roll) => ({ event_type: 'product_view', ...product(roll), category: `Cat ${roll(3)}` }),
  (roll) => ({ event_type: 'product_click', ...product(roll) }),
  (roll) => ({ event_type: 'search', query: `q${roll(3)}` }),
  (roll) => ({ event_type: 'add_to_cart', ...line(roll) }),
  (roll) => ({ event_type: 'remove_from_cart', ...product(roll), quantity: 1 }),
  () => ({ event_type: 'checkout_started' }),
  (roll) => ({
    event_type: 'review_submitted',
    ...product(roll),
    review_id: `v${roll(99)}`,
    rating: 1 + roll(5),
  }),
  (roll) => ({ event_type: 'inventory_updated', ...product(roll), delta: roll(9) - 4 }),
  (roll) => ({ event_type: 'inventory_updated', ...product(roll), level: roll(40) }),
  (roll) => ({
    event_type: 'product_updated',
    ...product(roll),
    name: `N${roll(5)}`,
    price: 1 + roll(9),
  }),
  (roll) => ({
    event_type: 'customer_identified',
    customer_id: `c${roll(4)}`,
    anonymous_id: `a${roll(3)}`,
  }),
  (roll) => ({
    event_type: 'customer_updated',
    customer_id: `c${roll(4)}`,
    city: `City ${roll(9)}`,
  }),
  (roll) => ({
    event_type: roll(4) ? 'custom_event' : 'nonsense',
    name: 'n',
    properties: { a: 1 },
  }),
]
