import { defineEvent } from '../event.ts'
import { contact, money, optional, required, text } from '../scalar.ts'
import { address, CURRENCY, items, ORDER } from './parts.ts'

export const orderCreated = defineEvent({
  type: 'order_created',
  description: 'A customer placed an order.',
  effect: 'money',
  partition_key: ['order_id'],
  natural_key: ['order_id'],
  amount: ['total_amount'],
  fields: {
    ...ORDER,
    items: required(items(), 'What was ordered.'),
    total_amount: required(money(), 'What the customer is to pay.'),
    currency: CURRENCY,
    discount_amount: optional(money(), 'Taken off the whole order, beside line discounts.'),
    shipping_amount: optional(money(), 'Charged for shipping.'),
    tax_amount: optional(money(), 'Tax within or on top of the total, as the shop counts it.'),
    coupon: optional(text(100), 'Coupon code.'),
    payment_method: optional(text(100), 'How it is paid, such as credit_card.'),
    shipping_address: optional(address(), 'Where it goes.'),
    email: optional(contact(), "The customer's e-mail address; only its keyed hash is kept."),
    phone: optional(contact(), "The customer's phone number; only its keyed hash is kept."),
  },
  example: {
    event_type: 'order_created',
    timestamp: '2025-01-15T10:30:00Z',
    order_id: 'ord_123456',
    customer_id: 'cust_789',
    items: [{ product_id: 'prod_001', quantity: 2, price: 29.99 }],
    total_amount: 59.98,
    payment_method: 'credit_card',
    shipping_address: { city: 'Ho Chi Minh City', country: 'Vietnam' },
  },
})
