import { defineEvent } from '../event.ts'
import { optional, text } from '../scalar.ts'
import { ORDER } from './parts.ts'

export const orderCancelled = defineEvent({
  type: 'order_cancelled',
  description: 'An order was called off before it was delivered.',
  effect: 'money',
  partition_key: ['order_id'],
  natural_key: ['order_id'],
  fields: {
    ...ORDER,
    reason: optional(text(500), 'Why.'),
  },
  example: {
    event_type: 'order_cancelled',
    timestamp: '2025-01-15T12:00:00Z',
    order_id: 'ord_123456',
    reason: 'customer_request',
  },
})
