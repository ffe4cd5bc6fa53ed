import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { id, money, optional } from '../scalar.ts'
import { CURRENCY, items } from './parts.ts'

export const checkoutStarted = defineEvent({
  type: 'checkout_started',
  description: 'A visitor began to check out.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  amount: ['total_amount'],
  fields: {
    cart_id: optional(id(), 'The cart.'),
    items: optional(items(0), 'What is in it.'),
    total_amount: optional(money(), 'What it comes to.'),
    currency: CURRENCY,
  },
  example: {
    event_type: 'checkout_started',
    timestamp: '2025-01-15T10:28:00Z',
    session_id: 'sess_abc123',
    total_amount: 59.98,
  },
})
