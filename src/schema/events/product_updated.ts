import { defineEvent } from '../event.ts'
import { flag, id, money, optional, required, text } from '../scalar.ts'
import { CURRENCY } from './parts.ts'

export const productUpdated = defineEvent({
  type: 'product_updated',
  description: 'A product in the catalogue changed; absent fields stay as they were.',
  effect: 'none',
  partition_key: ['product_id'],
  amount: ['price'],
  fields: {
    product_id: required(id(), 'The product.'),
    name: optional(text(500), 'What it is called.'),
    category: optional(text(200), 'Its category.'),
    brand: optional(text(200), 'Its brand.'),
    price: optional(money(), 'Its price.'),
    cost: optional(money(), 'What the shop pays for it.'),
    currency: CURRENCY,
    active: optional(flag(), 'Whether it is still sold.'),
  },
  example: {
    event_type: 'product_updated',
    timestamp: '2025-01-10T00:00:00Z',
    product_id: 'prod_001',
    price: 27.99,
  },
})
