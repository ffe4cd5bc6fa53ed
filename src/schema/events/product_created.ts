import { defineEvent } from '../event.ts'
import { id, money, optional, required, text } from '../scalar.ts'
import { CURRENCY } from './parts.ts'

export const productCreated = defineEvent({
  type: 'product_created',
  description: 'A product came into the catalogue.',
  effect: 'none',
  partition_key: ['product_id'],
  natural_key: ['product_id'],
  amount: ['price'],
  fields: {
    product_id: required(id(), 'The product.'),
    name: required(text(500), 'What it is called.'),
    category: optional(text(200), 'Its category.'),
    brand: optional(text(200), 'Its brand.'),
    price: optional(money(), 'Its price.'),
    cost: optional(money(), 'What the shop pays for it.'),
    currency: CURRENCY,
  },
  example: {
    event_type: 'product_created',
    timestamp: '2025-01-01T00:00:00Z',
    product_id: 'prod_001',
    name: 'Gaming laptop',
    category: 'Electronics',
    price: 29.99,
  },
})
