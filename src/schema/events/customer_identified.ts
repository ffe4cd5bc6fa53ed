import { defineEvent } from '../event.ts'
import { contact, id, identity, optional, required } from '../scalar.ts'

export const customerIdentified = defineEvent({
  type: 'customer_identified',
  description: 'A browser turned out to be a known customer.',
  effect: 'none',
  partition_key: ['customer_id', 'anonymous_id'],
  natural_key: ['anonymous_id', 'customer_id'],
  fields: {
    anonymous_id: required(identity(id()), 'The browser.'),
    customer_id: required(identity(id()), 'The customer.'),
    email: optional(contact(), 'E-mail address; only its keyed hash is kept.'),
  },
  example: {
    event_type: 'customer_identified',
    timestamp: '2025-01-15T10:27:00Z',
    anonymous_id: 'anon_1',
    customer_id: 'cust_789',
  },
})
