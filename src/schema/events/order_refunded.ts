import { defineEvent } from '../event.ts'
import { id, money, optional, required, text } from '../scalar.ts'
import { CURRENCY, items, ORDER } from './parts.ts'

export const orderRefunded = defineEvent({
  type: 'order_refunded',
  description: 'Money for an order went back, in whole or in part.',
  effect: 'money',
  partition_key: ['order_id'],
  natural_key: ['order_id', 'refund_id'],
  amount: ['amount'],
  fields: {
    ...ORDER,
    amount: required(money(), 'What was paid back; positive.'),
    currency: CURRENCY,
    refund_id: optional(id(), 'The refund; an order may be refunded in parts.'),
    reason: optional(text(500), 'Why.'),
    items: optional(items(0), 'What came back.'),
  },
  example: {
    event_type: 'order_refunded',
    timestamp: '2025-01-20T09:00:00Z',
    order_id: 'ord_123456',
    amount: 29.99,
    refund_id: 'ref_1',
  },
})
