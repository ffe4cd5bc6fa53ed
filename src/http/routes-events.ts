import type { RouteSpec } from '../derive/openapi.ts'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'

const COUNT = { type: 'integer', minimum: 0 }

/** The answer of POST /v1/events; also inside the problem when nothing was accepted. */
const COLLECT_ANSWER = {
  type: 'object',
  required: ['received', 'accepted', 'duplicates', 'rejected', 'results'],
  properties: {
    received: COUNT,
    accepted: COUNT,
    duplicates: COUNT,
    rejected: COUNT,
    results: {
      type: 'array',
      description: 'Events that were not accepted; with verbose=1 all of them. In request order.',
      items: {
        type: 'object',
        required: ['index', 'event_id', 'verdict'],
        properties: {
          index: { type: 'integer', minimum: 0, description: 'Place in the request, from 0.' },
          event_id: { type: ['string', 'null'] },
          verdict: { type: 'string', enum: ['accepted', 'duplicate', 'rejected'] },
          reason: { $ref: '#/components/schemas/Rejection' },
          path: { type: 'string', description: 'The field, such as items.0.price.' },
          message: { type: 'string' },
        },
      },
    },
  },
}

export const EVENT_ROUTES = {
  postEvents: {
    method: 'post',
    path: '/v1/events',
    scope: 'write',
    tag: 'Events',
    summary: 'Send events',
    description:
      'One event, an array, {"events": […]} or one event a line (NDJSON); plain or gzip. A 202 means that what was accepted is on disk. Sending the same event_id again within the window adds nothing and answers "duplicate". A broken event never holds up its neighbours.',
    query: {
      verbose: {
        description: '1 lists every event in results, accepted ones too.',
        schema: { type: 'string', enum: ['1', 'true', '0', 'false'] },
      },
    },
    body: {
      types: ['application/json', 'application/x-ndjson', 'text/plain'],
      schema: {
        oneOf: [
          { $ref: '#/components/schemas/Event' },
          { type: 'array', items: { $ref: '#/components/schemas/Event' } },
          {
            type: 'object',
            required: ['events'],
            properties: {
              events: { type: 'array', items: { $ref: '#/components/schemas/Event' } },
            },
          },
        ],
      },
      examples: {
        one: { summary: 'One event', value: EVENTS.order_created.example },
        several: {
          summary: 'Several at once',
          value: [EVENTS.product_view.example, EVENTS.review_submitted.example],
        },
      },
    },
    answers: {
      202: {
        description: 'At least one event was accepted or known already; they are durable.',
        schema: COLLECT_ANSWER,
        example: { received: 1, accepted: 1, duplicates: 0, rejected: 0, results: [] },
      },
    },
    errors: [
      'all_rejected',
      'too_many_events',
      'disk_full',
      'stream_full',
      'stream_unavailable',
      'overloaded',
    ],
  },
  tailEvents: {
    method: 'get',
    path: '/v1/tail',
    scope: 'read',
    tag: 'Events',
    summary: 'What came last',
    description:
      'From the end of the stream, the latest first, with the verdict of each: accepted events as the rows that they become, refused ones with their dead letter, duplicates as a count per request. Ask again with `after` for what has come since.',
    query: {
      event_type: {
        description: 'Only of this type.',
        schema: { type: 'string', enum: [...EVENT_TYPES, 'unknown'] },
      },
      source: { description: 'Only of this source.', schema: { type: 'string' } },
      verdict: {
        description: 'Only with this verdict.',
        schema: { type: 'string', enum: ['accepted', 'duplicate', 'rejected'] },
      },
      limit: {
        description: 'Most events.',
        schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      },
      after: { description: 'cursor of the answer before.', schema: { type: 'string' } },
    },
    answers: {
      200: {
        description: 'The latest events, and the cursor behind them.',
        schema: {
          type: 'object',
          required: ['events', 'cursor'],
          properties: {
            events: { type: 'array', items: { $ref: '#/components/schemas/RecentEvent' } },
            cursor: { type: 'string' },
          },
        },
      },
    },
    errors: ['not_offered', 'stream_unavailable'],
  },
  getEvent: {
    method: 'get',
    path: '/v1/events/{id}',
    scope: 'read',
    tag: 'Events',
    summary: 'One event, and what it touched',
    description:
      'An accepted event by its event_id, as its row in the lake; the documents of the store that it names; the reports that count events of its type.',
    params: { id: { description: 'Its event_id.', schema: { type: 'string' } } },
    query: {
      day: {
        description: 'The UTC day of occurred_at, where it is known: then little is read.',
        schema: { type: 'string', format: 'date' },
      },
    },
    answers: {
      200: {
        description: 'The event.',
        schema: {
          type: 'object',
          required: ['event_type', 'row', 'documents', 'reports'],
          properties: {
            event_type: { type: 'string', enum: EVENT_TYPES },
            row: { type: 'object', description: 'Its columns; times are UTC.' },
            documents: {
              type: 'array',
              items: {
                type: 'object',
                required: ['kind', 'id', 'path'],
                properties: {
                  kind: { type: 'string', enum: ['order', 'customer', 'product', 'session'] },
                  id: { type: 'string' },
                  path: { type: 'string', description: 'The route that answers it.' },
                },
              },
            },
            reports: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    },
    errors: ['not_found', 'sql_failed', 'sql_limit', 'sql_busy', 'sql_unavailable'],
  },
  postImport: {
    method: 'post',
    path: '/v1/import',
    scope: 'admin',
    tag: 'Events',
    summary: 'Send what a mapping made of a file',
    description:
      'What `shoplake import` uses: wire events under the name of a mapping, each with the file and line that it was read from, and rows that the mapping refused, which become dead letters.',
    body: {
      schema: {
        type: 'object',
        required: ['source', 'rows'],
        properties: {
          source: { type: 'string', description: 'Name of the mapping.' },
          dry_run: {
            type: 'boolean',
            default: false,
            description: 'Only say what would become of the rows.',
          },
          rows: {
            type: 'array',
            items: {
              type: 'object',
              required: ['value', 'file', 'line'],
              properties: {
                value: { description: 'A wire event; of a refused row the row itself.' },
                file: { type: 'string', maxLength: 500 },
                line: { type: 'integer' },
                refusal: {
                  type: 'object',
                  required: ['reason', 'message'],
                  properties: {
                    reason: { $ref: '#/components/schemas/Rejection' },
                    message: { type: 'string' },
                    path: { type: 'string' },
                  },
                },
              },
            },
          },
        },
      },
      examples: {
        one: {
          summary: 'One row of a file',
          value: {
            source: 'online-retail',
            rows: [{ value: EVENTS.order_created.example, file: '2010-12-01.csv', line: 2 }],
          },
        },
      },
    },
    answers: {
      200: { description: 'What would become of them; nothing was kept.', schema: COLLECT_ANSWER },
      202: {
        description: 'All of it is durable; results lists what was rejected.',
        schema: COLLECT_ANSWER,
        example: { received: 1, accepted: 1, duplicates: 0, rejected: 0, results: [] },
      },
    },
    errors: [
      'bad_request',
      'malformed_json',
      'too_many_events',
      'disk_full',
      'stream_full',
      'stream_unavailable',
      'overloaded',
    ],
  },
} satisfies { readonly [name: string]: RouteSpec }
