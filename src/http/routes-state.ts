import type { ParamSpec, RouteSpec } from '../derive/openapi.ts'

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

const PAGE: { readonly [name: string]: ParamSpec } = {
  limit: {
    description: 'Most entries.',
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  },
  cursor: {
    description: 'next_cursor of the page before.',
    schema: { type: 'string' },
  },
}

function list(name: string, path: string, summary: string, description: string): RouteSpec {
  return {
    method: 'get',
    path,
    scope: 'read',
    tag: 'State',
    summary,
    query: PAGE,
    answers: { 200: { description, schema: ref(`${name}Page`) } },
    errors: ['store_unavailable'],
  }
}

function one(name: string, path: string, summary: string, example: string): RouteSpec {
  return {
    method: 'get',
    path,
    scope: 'read',
    tag: 'State',
    summary,
    params: { id: { description: 'Its id.', schema: { type: 'string' }, example } },
    answers: { 200: { description: 'As it is now.', schema: ref(name) } },
    errors: ['not_found', 'store_unavailable'],
  }
}

export const STATE_ROUTES = {
  listOrders: {
    ...list('Order', '/v1/orders', 'Latest orders', 'Orders, the latest first.'),
    query: { ...PAGE, customer_id: { description: 'Only theirs.', schema: { type: 'string' } } },
  },
  getOrder: one('Order', '/v1/orders/{id}', 'One order', 'ord_123456'),
  listCustomers: list('Customer', '/v1/customers', 'Customers', 'Customers by id.'),
  getCustomer: one('Customer', '/v1/customers/{id}', 'One customer', 'cust_789'),
  listProducts: list('Product', '/v1/products', 'Products', 'Products by id.'),
  getProduct: one('Product', '/v1/products/{id}', 'One product', 'prod_001'),
  listSessions: list('Session', '/v1/sessions', 'Sessions', 'Sessions by id.'),
  getSession: one('Session', '/v1/sessions/{id}', 'One session with its cart', 'sess_abc123'),
  listInventory: {
    method: 'get',
    path: '/v1/inventory',
    scope: 'read',
    tag: 'State',
    summary: 'Stock per product and location',
    query: {
      ...PAGE,
      product_id: { description: 'Only this product.', schema: { type: 'string' } },
      low: {
        description: '1 for low stock only.',
        schema: { type: 'string', enum: ['1', 'true', '0', 'false'] },
      },
    },
    answers: {
      200: { description: 'Stock levels by product and location.', schema: ref('StockPage') },
    },
    errors: ['store_unavailable'],
  },
  getLive: {
    method: 'get',
    path: '/v1/live',
    scope: 'read',
    tag: 'State',
    summary: 'Right now',
    description: 'Today beside yesterday, the last 60 minutes by minute, and the latest orders.',
    answers: { 200: { description: 'The moment.', schema: ref('Live') } },
    errors: ['store_unavailable'],
  },
  streamLive: {
    method: 'get',
    path: '/v1/live/stream',
    scope: 'read',
    tag: 'State',
    summary: 'Right now, as it changes',
    description:
      'Server-sent events named "live": the answer of GET /v1/live, at most twice a second and only when something changed. Reconnect with Last-Event-ID.',
    answers: {
      200: {
        description: 'A stream that stays open.',
        types: ['text/event-stream'],
        schema: { type: 'string' },
      },
    },
    errors: ['overloaded', 'not_offered'],
  },
} satisfies { readonly [name: string]: RouteSpec }
