// Generated from src/schema by `npm run generate`. Do not edit.

/** What every event may carry beside its own fields. */
export interface Envelope {
  /** Makes a re-sent event the same event. Derived from the natural key, else assigned, when missing. */
  event_id?: string | null
  /** When it happened, by the sender. `occurred_at` in tables. */
  timestamp: string
  /** When the sender sent it, by the same clock as `timestamp`. */
  sent_at?: string | null
  /** The visit. */
  session_id?: string | null
  /** The shop's own customer number. */
  customer_id?: string | null
  /** The browser, before it is known who uses it. */
  anonymous_id?: string | null
  /** The page it happened on, absolute or relative. */
  page_url?: string | null
  /** Where the visitor came from: a URL or a bare host. */
  referrer?: string | null
  /** The visitor's browser; the request header when missing. */
  user_agent?: string | null
  /** Whether the visitor agreed to be measured. With `denied` no identity is kept. */
  consent?: 'granted' | 'denied' | 'unknown' | null
}

/** A customer placed an order. */
export interface OrderCreated extends Envelope {
  event_type: 'order_created'
  /** The order. */
  order_id: string
  /** What was ordered. */
  items: {
    /** The product, as the shop numbers it. */
    product_id: string
    /** How many. */
    quantity: number
    /** Price of one, before discounts. */
    price: number | string
    /** Taken off the whole line. */
    discount?: number | string | null
    /** What the product was called. */
    name?: string | null
    /** Its category. */
    category?: string | null
    /** Size, colour or the like. */
    variant?: string | null
  }[]
  /** What the customer is to pay. */
  total_amount: number | string
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
  /** Taken off the whole order, beside line discounts. */
  discount_amount?: number | string | null
  /** Charged for shipping. */
  shipping_amount?: number | string | null
  /** Tax within or on top of the total, as the shop counts it. */
  tax_amount?: number | string | null
  /** Coupon code. */
  coupon?: string | null
  /** How it is paid, such as credit_card. */
  payment_method?: string | null
  /** Where it goes. */
  shipping_address?: {
    /** Who receives it. */
    name?: string | null
    /** Street and number. */
    street?: string | null
    /** Postal code. */
    postal_code?: string | null
    /** City. */
    city?: string | null
    /** State or province. */
    region?: string | null
    /** Country, as a name or ISO 3166 code. */
    country?: string | null
  } | null
  /** The customer's e-mail address; only its keyed hash is kept. */
  email?: string | null
  /** The customer's phone number; only its keyed hash is kept. */
  phone?: string | null
}

/** The money for an order arrived. */
export interface OrderPaid extends Envelope {
  event_type: 'order_paid'
  /** The order. */
  order_id: string
  /** What was paid. */
  amount: number | string
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
  /** The payment; an order may be paid in parts. */
  payment_id?: string | null
  /** How it was paid. */
  payment_method?: string | null
}

/** An order, or a part of it, left the shop. */
export interface OrderShipped extends Envelope {
  event_type: 'order_shipped'
  /** The order. */
  order_id: string
  /** The parcel; an order may ship in parts. */
  shipment_id?: string | null
  /** Who carries it. */
  carrier?: string | null
  /** The carrier's number. */
  tracking_number?: string | null
}

/** An order, or a part of it, reached the customer. */
export interface OrderDelivered extends Envelope {
  event_type: 'order_delivered'
  /** The order. */
  order_id: string
  /** The parcel. */
  shipment_id?: string | null
}

/** An order was called off before it was delivered. */
export interface OrderCancelled extends Envelope {
  event_type: 'order_cancelled'
  /** The order. */
  order_id: string
  /** Why. */
  reason?: string | null
}

/** Money for an order went back, in whole or in part. */
export interface OrderRefunded extends Envelope {
  event_type: 'order_refunded'
  /** The order. */
  order_id: string
  /** What was paid back; positive. */
  amount: number | string
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
  /** The refund; an order may be refunded in parts. */
  refund_id?: string | null
  /** Why. */
  reason?: string | null
  /** What came back. */
  items?: {
    /** The product, as the shop numbers it. */
    product_id: string
    /** How many. */
    quantity: number
    /** Price of one, before discounts. */
    price: number | string
    /** Taken off the whole line. */
    discount?: number | string | null
    /** What the product was called. */
    name?: string | null
    /** Its category. */
    category?: string | null
    /** Size, colour or the like. */
    variant?: string | null
  }[] | null
}

/** A page was shown. */
export interface PageView extends Envelope {
  event_type: 'page_view'
  /** Title of the page. */
  title?: string | null
}

/** A product page was shown. */
export interface ProductView extends Envelope {
  event_type: 'product_view'
  /** The product. */
  product_id: string
  /** Its category. */
  category?: string | null
  /** What it is called. */
  name?: string | null
  /** The price shown. */
  price?: number | string | null
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
}

/** A product was clicked in a list, a search result or a recommendation. */
export interface ProductClick extends Envelope {
  event_type: 'product_click'
  /** The product. */
  product_id: string
  /** Which list it stood in, such as search or home. */
  list?: string | null
  /** Its place in the list, from 1. */
  position?: number | null
  /** The search that showed it. */
  search_term?: string | null
}

/** A visitor searched the shop. */
export interface Search extends Envelope {
  event_type: 'search'
  /** What was searched for. */
  search_term: string
  /** How many results were shown; 0 is the interesting one. */
  results?: number | null
}

/** A product was put into the cart. */
export interface AddToCart extends Envelope {
  event_type: 'add_to_cart'
  /** The product. */
  product_id: string
  /** How many. */
  quantity: number
  /** Price of one. */
  price?: number | string | null
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
  /** Its category. */
  category?: string | null
  /** The cart, where a cart outlives a visit. */
  cart_id?: string | null
}

/** A product was taken out of the cart. */
export interface RemoveFromCart extends Envelope {
  event_type: 'remove_from_cart'
  /** The product. */
  product_id: string
  /** How many. */
  quantity: number
  /** Price of one. */
  price?: number | string | null
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
  /** Its category. */
  category?: string | null
  /** The cart, where a cart outlives a visit. */
  cart_id?: string | null
}

/** A visitor began to check out. */
export interface CheckoutStarted extends Envelope {
  event_type: 'checkout_started'
  /** The cart. */
  cart_id?: string | null
  /** What is in it. */
  items?: {
    /** The product, as the shop numbers it. */
    product_id: string
    /** How many. */
    quantity: number
    /** Price of one, before discounts. */
    price: number | string
    /** Taken off the whole line. */
    discount?: number | string | null
    /** What the product was called. */
    name?: string | null
    /** Its category. */
    category?: string | null
    /** Size, colour or the like. */
    variant?: string | null
  }[] | null
  /** What it comes to. */
  total_amount?: number | string | null
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
}

/** A customer reviewed a product. */
export interface ReviewSubmitted extends Envelope {
  event_type: 'review_submitted'
  /** The review. */
  review_id: string
  /** The product. */
  product_id: string
  /** Stars, 1 to 5. */
  rating: number
  /** What was written. */
  review_text?: string | null
  /** Its headline. */
  title?: string | null
  /** Whether the shop knows that the reviewer bought it. */
  verified_purchase?: boolean | null
}

/** The stock of a product changed: a new level, or a change to it. */
export interface InventoryUpdated extends Envelope {
  event_type: 'inventory_updated'
  /** The product. */
  product_id: string
  /** How many there are now. Wins over delta. */
  level?: number | null
  /** How many came (positive) or went (negative). */
  delta?: number | null
  /** Warehouse or shop; "default" when missing. */
  location?: string | null
  /** Such as sale, restock, return, write_off, count. */
  reason?: string | null
  /** Level at which the product counts as low. */
  low_stock_at?: number | null
  /** The order that moved it. */
  order_id?: string | null
}

/** A product came into the catalogue. */
export interface ProductCreated extends Envelope {
  event_type: 'product_created'
  /** The product. */
  product_id: string
  /** What it is called. */
  name: string
  /** Its category. */
  category?: string | null
  /** Its brand. */
  brand?: string | null
  /** Its price. */
  price?: number | string | null
  /** What the shop pays for it. */
  cost?: number | string | null
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
}

/** A product in the catalogue changed; absent fields stay as they were. */
export interface ProductUpdated extends Envelope {
  event_type: 'product_updated'
  /** The product. */
  product_id: string
  /** What it is called. */
  name?: string | null
  /** Its category. */
  category?: string | null
  /** Its brand. */
  brand?: string | null
  /** Its price. */
  price?: number | string | null
  /** What the shop pays for it. */
  cost?: number | string | null
  /** ISO 4217; the shop's own when missing. */
  currency?: string | null
  /** Whether it is still sold. */
  active?: boolean | null
}

/** What the shop knows of a customer changed; absent fields stay as they were. */
export interface CustomerUpdated extends Envelope {
  event_type: 'customer_updated'
  /** The customer. */
  customer_id: string
  /** Their name. */
  name?: string | null
  /** E-mail address; only its keyed hash is kept. */
  email?: string | null
  /** Phone number; only its keyed hash is kept. */
  phone?: string | null
  /** Where they live. */
  country?: string | null
  /** Where they live. */
  city?: string | null
  /** The shop's own grouping. */
  segment?: string | null
  /** Whether they may be written to. */
  marketing_consent?: boolean | null
}

/** A browser turned out to be a known customer. */
export interface CustomerIdentified extends Envelope {
  event_type: 'customer_identified'
  /** The browser. */
  anonymous_id: string
  /** The customer. */
  customer_id: string
  /** E-mail address; only its keyed hash is kept. */
  email?: string | null
}

/** Anything else: a name and properties of your own. */
export interface CustomEvent extends Envelope {
  event_type: 'custom_event'
  /** What happened. */
  name: string
  /** Whatever belongs to it. */
  properties?: { [key: string]: unknown } | null
}

export interface EventByType {
  order_created: OrderCreated
  order_paid: OrderPaid
  order_shipped: OrderShipped
  order_delivered: OrderDelivered
  order_cancelled: OrderCancelled
  order_refunded: OrderRefunded
  page_view: PageView
  product_view: ProductView
  product_click: ProductClick
  search: Search
  add_to_cart: AddToCart
  remove_from_cart: RemoveFromCart
  checkout_started: CheckoutStarted
  review_submitted: ReviewSubmitted
  inventory_updated: InventoryUpdated
  product_created: ProductCreated
  product_updated: ProductUpdated
  customer_updated: CustomerUpdated
  customer_identified: CustomerIdentified
  custom_event: CustomEvent
}

export type EventType = keyof EventByType

export type ShopEvent = EventByType[EventType]
