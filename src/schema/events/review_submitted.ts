import { defineEvent } from '../event.ts'
import { flag, id, identity, integer, optional, required, text } from '../scalar.ts'

export const reviewSubmitted = defineEvent({
  type: 'review_submitted',
  description: 'A customer reviewed a product.',
  effect: 'none',
  partition_key: ['product_id'],
  natural_key: ['review_id'],
  fields: {
    review_id: required(id(), 'The review.'),
    product_id: required(id(), 'The product.'),
    rating: required(integer(1, 5), 'Stars, 1 to 5.'),
    review_text: optional(identity(text(10000)), 'What was written.'),
    title: optional(identity(text(500)), 'Its headline.'),
    verified_purchase: optional(flag(), 'Whether the shop knows that the reviewer bought it.'),
  },
  example: {
    event_type: 'review_submitted',
    timestamp: '2025-01-15T11:00:00Z',
    review_id: 'rev_456',
    customer_id: 'cust_789',
    product_id: 'prod_001',
    rating: 5,
    review_text: 'Excellent laptop!',
    verified_purchase: true,
  },
})
