import { defineEvent } from '../event.ts'
import { id, money, optional, required, text } from '../scalar.ts'
import { CURRENCY, ORDER } from './parts.ts'

export const orderPaid = defineEvent({
  type: 'order_paid',
  description: 'The money for an order arrived.',
  effect: 'money',
  partition_key: ['order_id'],
  natural_key: ['order_id', 'payment_id'],
  amount: ['amount'],
  fields: {
    ...ORDER,
    amount: required(money(), 'What was paid.'),
    currency: CURRENCY,
    payment_id: optional(id(), 'The payment; an order may be paid in parts.'),
    payment_method: optional(text(100), 'How it was paid.'),
  },
  example: {
    event_type: 'order_paid',
    timestamp: '2025-01-15T10:31:00Z',
    order_id: 'ord_123456',
    amount: 59.98,
  },
})
