import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { id, money, optional, required, text } from '../scalar.ts'
import { CURRENCY } from './parts.ts'

export const productView = defineEvent({
  type: 'product_view',
  description: 'A product page was shown.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  amount: ['price'],
  fields: {
    product_id: required(id(), 'The product.'),
    category: optional(text(200), 'Its category.'),
    name: optional(text(500), 'What it is called.'),
    price: optional(money(), 'The price shown.'),
    currency: CURRENCY,
  },
  example: {
    event_type: 'product_view',
    timestamp: '2025-01-15T10:25:00Z',
    session_id: 'sess_abc123',
    customer_id: 'cust_789',
    product_id: 'prod_001',
    category: 'Electronics',
    page_url: '/products/laptop-gaming',
    referrer: 'google.com',
  },
})
