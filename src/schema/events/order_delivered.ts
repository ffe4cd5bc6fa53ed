import { defineEvent } from '../event.ts'
import { id, optional } from '../scalar.ts'
import { ORDER } from './parts.ts'

export const orderDelivered = defineEvent({
  type: 'order_delivered',
  description: 'An order, or a part of it, reached the customer.',
  effect: 'money',
  partition_key: ['order_id'],
  natural_key: ['order_id', 'shipment_id'],
  fields: {
    ...ORDER,
    shipment_id: optional(id(), 'The parcel.'),
  },
  example: {
    event_type: 'order_delivered',
    timestamp: '2025-01-18T15:00:00Z',
    order_id: 'ord_123456',
  },
})
