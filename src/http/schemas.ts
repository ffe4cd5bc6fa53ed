import { EVENT_TYPES } from '../schema/registry.ts'
import type { JsonSchema } from '../schema/scalar.ts'
import { LETTER_STATUSES } from './letter-status.ts'

const text: JsonSchema = { type: 'string' }
const count: JsonSchema = { type: 'integer' }
const flag: JsonSchema = { type: 'boolean' }
const when: JsonSchema = { type: 'string', format: 'date-time' }
const money: JsonSchema = {
  type: ['number', 'string'],
  format: 'money',
  description: 'A number below 10^11, a decimal text from there up.',
}

/** An object; names that end with a question mark may be missing. Further members may come with a later version. */
function object(
  members: { readonly [name: string]: JsonSchema },
  description?: string,
): JsonSchema {
  const names = Object.keys(members)
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(
      Object.entries(members).map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
    required: names.filter((name) => !name.endsWith('?')),
  }
}

function list(items: JsonSchema, description?: string): JsonSchema {
  return { type: 'array', items, ...(description === undefined ? {} : { description }) }
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

function page(name: string): JsonSchema {
  return object({
    items: list(ref(name)),
    next_cursor: {
      type: ['string', 'null'],
      description: 'Give it as cursor for the next page; null behind the last.',
    },
  })
}

const ORDER = object(
  {
    order_id: text,
    status: {
      enum: [
        'created',
        'paid',
        'shipped',
        'delivered',
        'cancelled',
        'refunded',
        'partially_refunded',
      ],
    },
    'customer_id?': text,
    'session_id?': text,
    items: list(
      object({
        product_id: text,
        quantity: count,
        price: money,
        'discount?': money,
        'name?': text,
        'category?': text,
      }),
      'Empty until an order_created has come.',
    ),
    'total_amount?': money,
    currency: text,
    'shop_value?': { ...money, description: "total_amount in the shop's currency." },
    paid_amount: money,
    refunded_amount: money,
    'payment_method?': text,
    'country?': text,
    'created_at?': when,
    'paid_at?': when,
    'shipped_at?': when,
    'delivered_at?': when,
    'cancelled_at?': when,
    updated_at: when,
    shipments: list({ type: 'object' }),
    timeline: list(
      object({ event_type: text, event_id: text, occurred_at: when, source: text }),
      'The newest 100 events of the order, oldest first.',
    ),
  },
  'An order, merged from all of its events: server before import before webhook before browser, then the later one.',
)

const CUSTOMER = object({
  customer_id: text,
  'name?': text,
  'country?': text,
  'segment?': text,
  first_seen_at: when,
  last_seen_at: when,
  orders: { ...count, description: 'Orders that are not cancelled.' },
  cancelled_orders: count,
  order_value: money,
  refunded_value: money,
  spend: { ...money, description: 'order_value less refunded_value.' },
  average_order_value: { ...money, type: ['number', 'string', 'null'] },
  'first_order_at?': when,
  'last_order_at?': when,
  anonymous_ids: list(text, 'Browsers known to be theirs.'),
})

const PRODUCT = object({
  product_id: text,
  'name?': text,
  'category?': text,
  'brand?': text,
  'price?': money,
  'cost?': money,
  'currency?': text,
  'active?': flag,
  views: count,
  clicks: count,
  carts: count,
  cart_units: count,
  cart_removals: count,
  orders: count,
  units_sold: count,
  revenue: money,
  units_returned: count,
  rating_count: count,
  rating_mean: { type: ['number', 'null'] },
})

const SESSION = object({
  session_id: text,
  'customer_id?': text,
  'anonymous_id?': text,
  first_at: when,
  last_at: when,
  events: count,
  page_views: count,
  product_views: count,
  searches: count,
  'landing_page?': text,
  'channel?': text,
  'device?': text,
  cart: list(object({ product_id: text, quantity: count, 'price?': money, 'currency?': text })),
  cart_value: money,
  cart_units: count,
  order_ids: list(text),
  converted: flag,
})

const STOCK = object({
  product_id: text,
  location: text,
  level: count,
  level_known: { ...flag, description: 'False while only deltas were told.' },
  low_stock_at: count,
  low: flag,
  updated_at: when,
  last_movement: { type: 'object' },
})

const LIVE = object({
  at: when,
  visitors: { ...count, description: 'With an event in the last 5 minutes; without bots.' },
  open_carts: { ...count, description: 'Touched in the last 10 minutes.' },
  open_cart_value: money,
  currency: text,
  today: object(
    { date: { type: 'string', format: 'date' }, orders: count, sales: money },
    "Since midnight in the shop's time zone, without cancelled orders.",
  ),
  yesterday: object(
    { date: { type: 'string', format: 'date' }, orders: count, sales: money },
    'The day before, up to the same time of day.',
  ),
  hours: list(
    object({
      hour: { ...count, maximum: 23 },
      orders: count,
      sales: money,
      yesterday: object({ orders: count, sales: money }),
    }),
    "Both days by hour of the shop's clock, whole.",
  ),
  minutes: list(
    object({
      minute: text,
      page_views: count,
      product_views: count,
      product_clicks: count,
      searches: count,
      carts: count,
      checkouts: count,
      orders: count,
      sales: money,
    }),
    'The last 60 minutes, oldest first; minutes without events are left out.',
  ),
  latest_orders: list({ type: 'object' }, 'Ten orders, without their timelines.'),
})

const LEDGER_NUMBERS = {
  received: count,
  accepted: count,
  duplicate: count,
  rejected: count,
  in_lake: count,
  pending_lake: count,
  duplicate_late: count,
  not_encodable: count,
  expired: count,
  applied: count,
  pending_store: count,
}

const LEDGER = object({
  from: when,
  to: when,
  grain_minutes: count,
  balanced: flag,
  complete: { ...flag, description: 'False where more was on its way than is counted at once.' },
  scanned_records: count,
  totals: object(LEDGER_NUMBERS),
  imbalances: list(text, 'The first rows that do not balance, one sentence each.'),
  rows: list(
    object({
      source: text,
      event_type: { enum: [...EVENT_TYPES, 'unknown'] },
      minute: when,
      balanced: flag,
      ...LEDGER_NUMBERS,
    }),
  ),
})

const DEAD_LETTER = object({
  dead_letter_id: text,
  event_type: { type: ['string', 'null'] },
  reason: ref('Rejection'),
  path: { type: ['string', 'null'], description: 'The field, such as items.0.price.' },
  message: text,
  index: { ...count, description: 'Its place in the request.' },
  'raw?': {
    type: ['string', 'null'],
    description: 'What was sent, as text or base64; left out of lists, null once it was erased.',
  },
  raw_encoding: { enum: ['utf8', 'base64'] },
  raw_bytes: count,
  truncated: { ...flag, description: 'Cut off: it cannot be sent again.' },
  source: text,
  source_kind: text,
  received_at: when,
  request_id: text,
  'file?': text,
  'line?': count,
  'fingerprint?': {
    ...text,
    description:
      'Of an import: the same refusal of the same row is one dead letter, however often it is imported.',
  },
  status: { enum: [...LETTER_STATUSES] },
  'replayed_at?': when,
  'replayed_as?': {
    enum: ['accepted', 'duplicate'],
    description: 'Of replayed ones. duplicate: its event had come by another way already.',
  },
  'refused_again?': { ...count, description: 'How many replays of it were refused.' },
})

const RECENT_EVENT = object({
  verdict: { enum: ['accepted', 'duplicate', 'rejected'] },
  event_type: { enum: [...EVENT_TYPES, 'unknown'] },
  received_at: when,
  source: text,
  source_kind: text,
  request_id: text,
  bucket: count,
  sequence: count,
  'event?': { type: 'object', description: 'Of accepted events: the row, without written_at.' },
  'dead_letter?': { $ref: '#/components/schemas/DeadLetter' },
  'count?': { ...count, description: 'Of duplicates: how many the request had.' },
})

const REPORT = object({
  name: text,
  title: text,
  question: text,
  group: text,
  'note?': text,
  parameters: list(
    object({
      name: text,
      type: { enum: ['date', 'count', 'text', 'choice'] },
      description: text,
      'default?': text,
      'range?': list(count),
      'choices?': list(text),
    }),
  ),
  columns: list(object({ name: text, unit: text, label: text, 'metric?': text })),
  chart: object({ kind: text, y: list(text), 'x?': text, 'series?': text }),
  'rows?': { type: 'string', description: 'The report that lists what this one counts.' },
})

/** Shapes that several routes answer, under the names that their references use. */
export const API_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Order: ORDER,
  OrderPage: page('Order'),
  Customer: CUSTOMER,
  CustomerPage: page('Customer'),
  Product: PRODUCT,
  ProductPage: page('Product'),
  Session: SESSION,
  SessionPage: page('Session'),
  Stock: STOCK,
  StockPage: page('Stock'),
  Live: LIVE,
  Ledger: LEDGER,
  DeadLetter: DEAD_LETTER,
  RecentEvent: RECENT_EVENT,
  Report: REPORT,
}
