import type { RouteSpec } from '../derive/openapi.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import { REJECTIONS } from '../schema/rejection.ts'
import { LETTER_STATUSES } from './letter-status.ts'

const TIME_RANGE = {
  from: {
    description: 'Received at or after: a day or a timestamp.',
    schema: { type: 'string' },
    example: '2025-01-15',
  },
  to: { description: 'Received before: a day or a timestamp.', schema: { type: 'string' } },
} as const

const FILTER = {
  reason: { type: 'string', enum: Object.keys(REJECTIONS) },
  event_type: { type: 'string', enum: [...EVENT_TYPES, 'unknown'] },
  source: { type: 'string' },
  status: { type: 'string', enum: [...LETTER_STATUSES] },
  path: { type: 'string', description: 'Of the field; items.*.price is that of any item.' },
} as const

const COUNT = { type: 'integer', minimum: 0 }

const RECEIPT = {
  type: 'object',
  required: ['erasure_id', 'customer_id', 'requested_at', 'state', 'places'],
  properties: {
    erasure_id: { type: 'string' },
    customer_id: { type: 'string', description: 'What stands in its place from now on.' },
    requested_at: { type: 'string', format: 'date-time' },
    state: { type: 'string', enum: ['pending', 'done'] },
    places: {
      type: 'array',
      items: {
        type: 'object',
        required: ['place', 'state'],
        properties: {
          place: { type: 'string', enum: ['store', 'dead_letters', 'lake', 'stream'] },
          state: { type: 'string', enum: ['done', 'pending', 'expires'] },
          expires_at: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
}

export const TRUST_ROUTES = {
  getLedger: {
    method: 'get',
    path: '/v1/ledger',
    scope: 'read',
    tag: 'Trust',
    summary: 'What became of every event',
    description:
      'Counts per source and event type over minutes of received_at, and whether they balance: received = accepted + duplicate + rejected; accepted = in_lake + pending_lake + duplicate_late + not_encodable + expired; accepted = applied + pending_store.',
    query: TIME_RANGE,
    answers: {
      200: { description: 'The balance.', schema: { $ref: '#/components/schemas/Ledger' } },
    },
    errors: ['store_unavailable'],
  },
  listDeadLetters: {
    method: 'get',
    path: '/v1/dead-letters',
    scope: 'read',
    tag: 'Trust',
    summary: 'Refused events',
    description:
      'The latest first, without their raw bytes. With `sample`, some of every kind (event type, reason, path) instead, with the count of each kind.',
    query: {
      ...Object.fromEntries(
        Object.entries(FILTER).map(([name, schema]) => [
          name,
          { description: `Only of this ${name.replace('_', ' ')}.`, schema },
        ]),
      ),
      ...TIME_RANGE,
      sample: {
        description: 'How many of every kind.',
        schema: { type: 'integer', minimum: 1, maximum: 20 },
      },
      limit: {
        description: 'Most entries.',
        schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
      },
      cursor: { description: 'next_cursor of the page before.', schema: { type: 'string' } },
    },
    answers: {
      200: {
        description: 'A page, or a sample of every kind.',
        schema: {
          type: 'object',
          properties: {
            items: { type: 'array', items: { $ref: '#/components/schemas/DeadLetter' } },
            next_cursor: { type: ['string', 'null'] },
            kinds: { type: 'array', items: { type: 'object' } },
          },
        },
      },
    },
    errors: ['store_unavailable'],
  },
  getDeadLetter: {
    method: 'get',
    path: '/v1/dead-letters/{id}',
    scope: 'read',
    tag: 'Trust',
    summary: 'One refused event with its raw bytes',
    params: { id: { description: 'Its dead_letter_id.', schema: { type: 'string' } } },
    answers: {
      200: { description: 'The dead letter.', schema: { $ref: '#/components/schemas/DeadLetter' } },
    },
    errors: ['not_found', 'store_unavailable'],
  },
  replayDeadLetters: {
    method: 'post',
    path: '/v1/dead-letters/replay',
    scope: 'admin',
    tag: 'Trust',
    summary: 'Send refused events again',
    description:
      'Those with the ids, or all open ones that the filter takes. Without dry_run: false nothing is written: the answer says how many would pass. `patch` is a JSON merge patch (RFC 7396) that is applied to each event first. Replaying twice adds nothing.',
    body: {
      schema: {
        type: 'object',
        properties: {
          ids: { type: 'array', maxItems: 10_000, items: { type: 'string' } },
          filter: {
            type: 'object',
            properties: { ...FILTER, from: { type: 'string' }, to: { type: 'string' } },
          },
          patch: { type: 'object' },
          dry_run: { type: 'boolean', default: true },
          limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000 },
        },
      },
      examples: {
        currency: {
          summary: 'Try a fix of one field',
          value: {
            filter: { event_type: 'order_created', reason: 'invalid_field' },
            patch: { currency: 'EUR' },
            dry_run: true,
          },
        },
      },
    },
    answers: {
      200: {
        description: 'What became of them, or would.',
        schema: {
          type: 'object',
          required: ['dry_run', 'selected', 'accepted', 'duplicates', 'rejected', 'not_replayable'],
          properties: {
            dry_run: { type: 'boolean' },
            selected: COUNT,
            accepted: COUNT,
            duplicates: COUNT,
            rejected: COUNT,
            not_replayable: COUNT,
            more: { type: 'boolean', description: 'Whether the limit left some out.' },
            results: { type: 'array', items: { type: 'object' } },
          },
        },
      },
    },
    errors: ['bad_request', 'disk_full', 'stream_full', 'stream_unavailable', 'store_unavailable'],
  },
  eraseCustomer: {
    method: 'delete',
    path: '/v1/customers/{id}',
    scope: 'admin',
    tag: 'Trust',
    summary: 'Erase a person',
    description:
      "Drops the customer's identity, and that of the browsers linked to them, everywhere and from now on. Orders and sums stay.",
    params: { id: { description: 'The customer_id.', schema: { type: 'string' } } },
    answers: { 202: { description: 'Begun; the receipt says where it stands.', schema: RECEIPT } },
    errors: ['bad_request', 'disk_full', 'stream_full', 'stream_unavailable', 'store_unavailable'],
  },
  getErasure: {
    method: 'get',
    path: '/v1/erasures/{id}',
    scope: 'admin',
    tag: 'Trust',
    summary: 'How far an erase has come',
    params: { id: { description: 'The erasure_id.', schema: { type: 'string' } } },
    answers: { 200: { description: 'The receipt as of now.', schema: RECEIPT } },
    errors: ['not_found', 'store_unavailable'],
  },
} satisfies { readonly [name: string]: RouteSpec }
