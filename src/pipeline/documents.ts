import type { EventType } from '../schema/registry.ts'

/**
 * The documents of the store, as they rest and as the read API gives them. Money is decimal text, moments are ISO 8601 in
 * UTC with milliseconds. The field `merge` is the bookkeeping that makes a merge commutative: readers leave it out.
 */

/** `<rank><occurred_at><event_id>`: compared as text, the greater one wins. Rank: 3 server, 2 import, 1 webhook, 0 browser. */
export type Stamp = string

/** Furthest state that the order reached; `cancelled` stands above a refund, which shows in the amounts. */
export type OrderStatus =
  | 'created'
  | 'paid'
  | 'shipped'
  | 'delivered'
  | 'cancelled'
  | 'refunded'
  | 'partially_refunded'

export interface OrderLine {
  readonly product_id: string
  readonly quantity: number
  readonly price: string
  readonly discount?: string
  readonly name?: string
  readonly category?: string
  readonly variant?: string
}

export interface Address {
  readonly name?: string
  readonly street?: string
  readonly postal_code?: string
  readonly city?: string
  readonly region?: string
  readonly country?: string
}

export interface TimelineEntry {
  readonly event_type: EventType
  readonly event_id: string
  readonly occurred_at: string
  readonly source: string
}

export interface Shipment {
  /** Null where the shop does not number its parcels. */
  readonly shipment_id: string | null
  readonly shipped_at?: string
  readonly delivered_at?: string
  readonly carrier?: string
  readonly tracking_number?: string
}

/** Table `orders`, key order_id. */
export interface OrderDocument {
  order_id: string
  status: OrderStatus
  customer_id?: string
  anonymous_id?: string
  session_id?: string
  /** Empty until an order_created has come. */
  items: readonly OrderLine[]
  total_amount?: string
  currency: string
  discount_amount?: string
  shipping_amount?: string
  tax_amount?: string
  coupon?: string
  payment_method?: string
  shipping_address?: Address
  country?: string
  email_hash?: string
  phone_hash?: string
  /** total_amount in the shop's currency; absent without a rate. */
  shop_value?: string
  fx_rate?: number
  amount_mismatch?: boolean
  /** In `currency`; payments and refunds in another currency are left out of these sums. */
  paid_amount: string
  refunded_amount: string
  /** Refunds in the shop's currency. */
  refunded_value: string
  created_at?: string
  updated_at: string
  paid_at?: string
  shipped_at?: string
  delivered_at?: string
  cancelled_at?: string
  cancel_reason?: string
  refunded_at?: string
  shipments: Shipment[]
  /** The newest 100 events of the order, oldest first. */
  timeline: TimelineEntry[]
  merge: OrderMerge
}

export interface OrderMerge {
  /** Highest rank that has said anything about this order. */
  rank: number
  /** Which event each field came from; `order` stands for all that order_created prices. */
  stamps: { [field: string]: Stamp }
  created?: { rank: number; at: string }
  cancelled?: { stamp: Stamp; reason?: string }
  payments: { [key: string]: MoneyFact }
  refunds: { [key: string]: MoneyFact }
  shipments: { [shipment_id: string]: ShipmentFact }
}

export interface MoneyFact {
  stamp: Stamp
  amount: string
  currency: string
  shop_value?: string
  /** Whether the shop numbers it; one without a number counts only if no better source reports any. */
  named: boolean
  method?: string
  /** Units that came back, by product. */
  units?: { [product_id: string]: number }
}

export interface ShipmentFact {
  shipped?: { stamp: Stamp; carrier?: string; tracking_number?: string }
  delivered?: Stamp
}

/**
 * Table `order_index`: which orders there are by time and by customer. Keys: `time/<created_at>/<order_id>` and
 * `customer/<customer_id>/<created_at>/<order_id>`. An order of which no order_created has come does not stand here.
 */
export interface OrderIndexEntry {
  order_id: string
}

/** Table `customers`, key customer_id. */
export interface CustomerDocument {
  customer_id: string
  name?: string
  email_hash?: string
  phone_hash?: string
  country?: string
  city?: string
  segment?: string
  marketing_consent?: boolean
  first_seen_at: string
  last_seen_at: string
  /** Orders that are not cancelled. */
  orders: number
  cancelled_orders: number
  /** Sum of shop_value of orders that are not cancelled. */
  order_value: string
  /** Refunds of those orders, in the shop's currency. */
  refunded_value: string
  /** order_value less refunded_value. */
  spend: string
  /** order_value divided by orders, rounded half up to four decimals; null without orders. */
  average_order_value: string | null
  /** First and last order_created that named this customer. */
  first_order_at?: string
  last_order_at?: string
  /** Browsers known to be theirs, latest identified first, at most 50. */
  anonymous_ids: string[]
  merge: { stamps: { [field: string]: Stamp }; browsers: { anonymous_id: string; stamp: Stamp }[] }
}

/** Table `products`, key product_id. */
export interface ProductDocument {
  product_id: string
  name?: string
  category?: string
  brand?: string
  price?: string
  cost?: string
  currency?: string
  active?: boolean
  views: number
  clicks: number
  /** add_to_cart events and their units. */
  carts: number
  cart_units: number
  cart_removals: number
  /** Orders not cancelled that hold it, their units, and line totals in the shop's currency. */
  orders: number
  units_sold: number
  revenue: string
  /** Units named by the items of refunds. */
  units_returned: number
  rating_count: number
  rating_sum: number
  rating_mean: number | null
  merge: { stamps: { [field: string]: Stamp } }
}

/** Table `stock`, key `<product_id>/<location>`, `%` and `/` of the location escaped as `%25` and `%2F`. */
export interface StockDocument {
  product_id: string
  location: string
  /** The last absolute level and every delta after it; deltas alone, from 0, while no level was ever told. */
  level: number
  level_known: boolean
  low_stock_at: number
  low: boolean
  updated_at: string
  last_movement: {
    occurred_at: string
    level?: number
    delta?: number
    reason?: string
    order_id?: string
    source: string
  }
  merge: { base?: { stamp: Stamp; level: number }; newest?: Stamp; last: Stamp; low?: Stamp }
}

/**
 * Table `seen`: what was applied already. Stock: key `<hash of product and location>/<event_id>`; reviews: `review/<event_id>`;
 * refused rows of imports: `letter/<fingerprint>`.
 */
export interface SeenDocument {
  /** Days since 1970 of received_at. */
  day: number
  stamp?: Stamp
  delta?: number
  /** What the refused row became. */
  dead_letter_id?: string
}

export interface CartLine {
  product_id: string
  /** Added less removed less bought; never shown below 0. */
  quantity: number
  price?: string
  currency?: string
}

/** Table `sessions`, key session_id; a visit without one is kept per browser or customer and UTC day. */
export interface SessionDocument {
  session_id: string
  customer_id?: string
  anonymous_id?: string
  /** First and last event. */
  first_at: string
  last_at: string
  events: number
  page_views: number
  product_views: number
  product_clicks: number
  searches: number
  landing_page?: string
  referrer?: string
  channel?: string
  utm_source?: string
  utm_medium?: string
  utm_campaign?: string
  device?: string
  /** The 10 products viewed last, latest first. */
  products: { product_id: string; viewed_at: string }[]
  cart: CartLine[]
  /** Sum of quantity × price in the shop's currency; lines without price or rate count 0. */
  cart_value: string
  cart_at?: string
  /** Units in the cart. */
  cart_units: number
  checkout_at?: string
  order_ids: string[]
  converted: boolean
  merge: {
    /** event_id of the first event. */
    first: string
    /** By product_id; at most 200. */
    cart: CartFact[]
    /** Place in its bucket of the last website event that it has taken, from project-context.ts; absent when made anew. */
    at?: number
  }
}

export interface CartFact {
  product_id: string
  /** Added less removed, and bought. */
  net: number
  bought: number
  priced?: { stamp: Stamp; price: string; currency: string; rate?: number }
}

/** Table `live_minutes`, key and field `minute` as `2025-01-15T10:30`, UTC of occurred_at. Kept for 8 days. */
export interface LiveMinuteDocument {
  minute: string
  page_views: number
  product_views: number
  product_clicks: number
  searches: number
  carts: number
  checkouts: number
  /** Orders placed in this minute that are not cancelled, and their value in the shop's currency. */
  orders: number
  sales: string
}

/** Table `dead_letters`, key dead_letter_id. */
export interface DeadLetterDocument {
  dead_letter_id: string
  event_type: string | null
  reason: string
  path: string | null
  message: string
  index: number
  /** Empty where it was withheld or erased. */
  raw: string
  raw_encoding: 'utf8' | 'base64'
  raw_bytes: number
  truncated: boolean
  source: string
  source_kind: string
  received_at: string
  request_id: string
  file?: string
  line?: number
  status: 'open' | 'replayed'
  replayed_at?: string
  /** What the door said of the event that it became; `duplicate`: the event had come by another way already. */
  replayed_as?: 'accepted' | 'duplicate'
  /** Of an import: see pipeline/dead-letter.ts. */
  fingerprint?: string
  replay_of?: string
  /** How often a replay of it was refused again. */
  refused_again?: number
}

/** Table `identities`, key anonymous_id. */
export interface IdentityDocument {
  anonymous_id: string
  customer_id: string
  identified_at: string
  merge: { stamp: Stamp }
}

/** Table `tombstones`, key tombstoneKey(secret, kind, id) of pipeline/erase.ts. */
export interface TombstoneDocument {
  erased_id: string
  requested_at: string
  /** When the bytes of what was deleted were gone from disk. */
  scrubbed_at?: string
  /** Of a browser that became the erased person's afterwards, until its past has been looked through. */
  anonymous_id?: string
}

/** Which document stands in which table. */
export interface Documents {
  orders: OrderDocument
  order_index: OrderIndexEntry
  customers: CustomerDocument
  products: ProductDocument
  stock: StockDocument
  sessions: SessionDocument
  live_minutes: LiveMinuteDocument
  dead_letters: DeadLetterDocument
  identities: IdentityDocument
  tombstones: TombstoneDocument
  seen: SeenDocument
}
