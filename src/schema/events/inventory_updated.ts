import { defineEvent } from '../event.ts'
import { count, id, integer, optional, required, text } from '../scalar.ts'

export const inventoryUpdated = defineEvent({
  type: 'inventory_updated',
  description: 'The stock of a product changed: a new level, or a change to it.',
  effect: 'stock',
  partition_key: ['product_id'],
  at_least_one: ['level', 'delta'],
  fields: {
    product_id: required(id(), 'The product.'),
    level: optional(integer(), 'How many there are now. Wins over delta.'),
    delta: optional(integer(), 'How many came (positive) or went (negative).'),
    location: optional(text(200), 'Warehouse or shop; "default" when missing.'),
    reason: optional(text(200), 'Such as sale, restock, return, write_off, count.'),
    low_stock_at: optional(count(), 'Level at which the product counts as low.'),
    order_id: optional(id(), 'The order that moved it.'),
  },
  example: {
    event_type: 'inventory_updated',
    timestamp: '2025-01-15T10:30:01Z',
    product_id: 'prod_001',
    delta: -2,
    location: 'hanoi',
    reason: 'sale',
  },
})
