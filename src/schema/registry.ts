import type { EventDefinition, FieldsOf } from './event.ts'
import { addToCart } from './events/add_to_cart.ts'
import { checkoutStarted } from './events/checkout_started.ts'
import { customEvent } from './events/custom_event.ts'
import { customerIdentified } from './events/customer_identified.ts'
import { customerUpdated } from './events/customer_updated.ts'
import { inventoryUpdated } from './events/inventory_updated.ts'
import { orderCancelled } from './events/order_cancelled.ts'
import { orderCreated } from './events/order_created.ts'
import { orderDelivered } from './events/order_delivered.ts'
import { orderPaid } from './events/order_paid.ts'
import { orderRefunded } from './events/order_refunded.ts'
import { orderShipped } from './events/order_shipped.ts'
import { pageView } from './events/page_view.ts'
import { productClick } from './events/product_click.ts'
import { productCreated } from './events/product_created.ts'
import { productUpdated } from './events/product_updated.ts'
import { productView } from './events/product_view.ts'
import { removeFromCart } from './events/remove_from_cart.ts'
import { reviewSubmitted } from './events/review_submitted.ts'
import { search } from './events/search.ts'

/** Every event type, in the order in which documents and tables list them. */
const DEFINITIONS = {
  order_created: orderCreated,
  order_paid: orderPaid,
  order_shipped: orderShipped,
  order_delivered: orderDelivered,
  order_cancelled: orderCancelled,
  order_refunded: orderRefunded,
  page_view: pageView,
  product_view: productView,
  product_click: productClick,
  search: search,
  add_to_cart: addToCart,
  remove_from_cart: removeFromCart,
  checkout_started: checkoutStarted,
  review_submitted: reviewSubmitted,
  inventory_updated: inventoryUpdated,
  product_created: productCreated,
  product_updated: productUpdated,
  customer_updated: customerUpdated,
  customer_identified: customerIdentified,
  custom_event: customEvent,
}

export type EventType = keyof typeof DEFINITIONS

/** The wire type of one event's own fields, by its name. */
export type EventFields<T extends EventType> = FieldsOf<(typeof DEFINITIONS)[T]>

export const EVENTS: { readonly [T in EventType]: EventDefinition } = DEFINITIONS

export const EVENT_TYPES = Object.keys(DEFINITIONS) as readonly EventType[]

export function isEventType(value: unknown): value is EventType {
  return typeof value === 'string' && Object.hasOwn(EVENTS, value)
}
