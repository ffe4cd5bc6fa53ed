import { defineEvent } from '../event.ts'
import { contact, flag, id, identity, optional, required, text } from '../scalar.ts'

export const customerUpdated = defineEvent({
  type: 'customer_updated',
  description: 'What the shop knows of a customer changed; absent fields stay as they were.',
  effect: 'none',
  partition_key: ['customer_id', 'anonymous_id'],
  fields: {
    customer_id: required(identity(id()), 'The customer.'),
    name: optional(identity(text(200)), 'Their name.'),
    email: optional(contact(), 'E-mail address; only its keyed hash is kept.'),
    phone: optional(contact(), 'Phone number; only its keyed hash is kept.'),
    country: optional(text(100), 'Where they live.'),
    city: optional(text(200), 'Where they live.'),
    segment: optional(text(100), "The shop's own grouping."),
    marketing_consent: optional(flag(), 'Whether they may be written to.'),
  },
  example: {
    event_type: 'customer_updated',
    timestamp: '2025-01-02T00:00:00Z',
    customer_id: 'cust_789',
    country: 'Vietnam',
    marketing_consent: true,
  },
})
