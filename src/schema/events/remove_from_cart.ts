import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { count, id, money, optional, required, text } from '../scalar.ts'
import { CURRENCY } from './parts.ts'

export const removeFromCart = defineEvent({
  type: 'remove_from_cart',
  description: 'A product was taken out of the cart.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  amount: ['price', 'quantity'],
  fields: {
    product_id: required(id(), 'The product.'),
    quantity: required(count(1), 'How many.'),
    price: optional(money(), 'Price of one.'),
    currency: CURRENCY,
    category: optional(text(200), 'Its category.'),
    cart_id: optional(id(), 'The cart, where a cart outlives a visit.'),
  },
  example: {
    event_type: 'remove_from_cart',
    timestamp: '2025-01-15T10:26:00Z',
    session_id: 'sess_abc123',
    product_id: 'prod_001',
    quantity: 2,
    price: 29.99,
  },
})
