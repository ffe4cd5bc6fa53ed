import { defineEvent } from '../event.ts'
import { id, identity, optional, text } from '../scalar.ts'
import { ORDER } from './parts.ts'

export const orderShipped = defineEvent({
  type: 'order_shipped',
  description: 'An order, or a part of it, left the shop.',
  effect: 'money',
  partition_key: ['order_id'],
  natural_key: ['order_id', 'shipment_id'],
  fields: {
    ...ORDER,
    shipment_id: optional(id(), 'The parcel; an order may ship in parts.'),
    carrier: optional(text(100), 'Who carries it.'),
    tracking_number: optional(identity(text(200)), "The carrier's number."),
  },
  example: {
    event_type: 'order_shipped',
    timestamp: '2025-01-16T08:00:00Z',
    order_id: 'ord_123456',
    carrier: 'dhl',
  },
})
