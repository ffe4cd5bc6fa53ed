import {
  count,
  currency,
  type Fields,
  id,
  identity,
  listOf,
  money,
  optional,
  required,
  struct,
  text,
} from '../scalar.ts'

/** At most this many lines in one order; real ones have been seen with 1,100. */
const LINES_LIMIT = 2500

const ITEM = {
  product_id: required(id(), 'The product, as the shop numbers it.'),
  quantity: required(count(1), 'How many.'),
  price: required(money(), 'Price of one, before discounts.'),
  discount: optional(money(), 'Taken off the whole line.'),
  name: optional(text(500), 'What the product was called.'),
  category: optional(text(200), 'Its category.'),
  variant: optional(text(200), 'Size, colour or the like.'),
} satisfies Fields

/** The lines of an order, cart or checkout. */
export function items(minimum = 1) {
  return listOf(ITEM, minimum, LINES_LIMIT)
}

const ADDRESS = {
  name: optional(identity(text(200)), 'Who receives it.'),
  street: optional(identity(text(300)), 'Street and number.'),
  postal_code: optional(identity(text(30)), 'Postal code.'),
  city: optional(text(200), 'City.'),
  region: optional(text(200), 'State or province.'),
  country: optional(text(100), 'Country, as a name or ISO 3166 code.'),
} satisfies Fields

export function address() {
  return struct(ADDRESS)
}

/** Fields that every event about an order has. */
export const ORDER = { order_id: required(id(), 'The order.') } satisfies Fields

/** What the shop's currency stands in for when missing. */
export const CURRENCY = optional(currency(), "ISO 4217; the shop's own when missing.")
