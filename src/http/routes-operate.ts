import type { RouteSpec } from '../derive/openapi.ts'

const KEY = {
  type: 'object',
  required: ['name', 'kind', 'scopes', 'origins'],
  properties: {
    name: { type: 'string', description: 'Lower case, digits, - and _: the source of its events.' },
    kind: { type: 'string', enum: ['browser', 'server', 'webhook', 'import'] },
    scopes: { type: 'array', items: { type: 'string', enum: ['write', 'read', 'admin'] } },
    origins: {
      type: 'array',
      description: 'Pages that may use a browser key, such as https://shop.example; * for any.',
      items: { type: 'string' },
    },
    rate: { type: 'integer', minimum: 1, description: 'Events a second, sustained.' },
    burst: { type: 'integer', minimum: 1, description: 'Events at once on top.' },
    created_at: { type: 'string', format: 'date-time' },
    hint: { type: 'string', description: 'The first characters of its text.' },
  },
}

const HEALTH = {
  type: 'object',
  required: ['ready', 'checks'],
  properties: {
    ready: { type: 'boolean' },
    checks: { type: 'array', items: { type: 'object' } },
  },
}

const NUMBER = { type: 'number' }

/** Counts between two looks, and percentiles of what was observed within. */
const PIPELINE_POINT = {
  type: 'object',
  required: ['at', 'seconds', 'accepted', 'duplicate', 'rejected'],
  properties: {
    at: { type: 'string', format: 'date-time' },
    seconds: NUMBER,
    requests: NUMBER,
    accepted: NUMBER,
    duplicate: NUMBER,
    rejected: NUMBER,
    lake_rows: NUMBER,
    accept_p50_ms: { type: ['number', 'null'] },
    accept_p95_ms: { type: ['number', 'null'] },
    accept_p99_ms: { type: ['number', 'null'] },
    append_p99_ms: { type: ['number', 'null'] },
    sql_p95_ms: { type: ['number', 'null'] },
    queries: NUMBER,
    store_lag_records: NUMBER,
    lake_lag_records: NUMBER,
  },
}

const PIPELINE = {
  type: 'object',
  required: ['at', 'processes', 'history', 'health'],
  properties: {
    at: { type: 'string', format: 'date-time' },
    processes: { type: 'array', items: { type: 'object' } },
    stream_bytes: NUMBER,
    stream_max_bytes: NUMBER,
    disk_free_bytes: NUMBER,
    disk_reserve_bytes: NUMBER,
    store_lag_records: NUMBER,
    lake_lag_records: NUMBER,
    lake_lag_s: { type: ['number', 'null'], description: 'By how much SQL is behind.' },
    lake_files: { type: ['number', 'null'] },
    compactions: NUMBER,
    dedup_ids: { type: ['number', 'null'] },
    history: { type: 'array', description: 'Oldest first.', items: PIPELINE_POINT },
    health: HEALTH,
  },
}

const ALERT = {
  type: 'object',
  required: ['name', 'severity', 'summary', 'phase', 'firing'],
  properties: {
    name: { type: 'string' },
    severity: { type: 'string', enum: ['critical', 'warning'] },
    summary: { type: 'string' },
    hold_s: NUMBER,
    phase: { type: 'string', enum: ['ok', 'pending', 'firing', 'clearing'] },
    firing: { type: 'boolean' },
    since: { type: ['string', 'null'], format: 'date-time' },
    detail: { type: 'string', description: 'What was found.' },
  },
}

const SETTING = {
  type: 'object',
  required: ['name', 'value', 'default', 'changed', 'description'],
  properties: {
    name: { type: 'string' },
    value: { type: ['string', 'number', 'boolean'], description: 'Secrets are masked.' },
    default: { type: ['string', 'number', 'boolean'] },
    changed: { type: 'boolean' },
    description: { type: 'string' },
  },
}

export const OPERATE_ROUTES = {
  getPipeline: {
    method: 'get',
    path: '/v1/pipeline',
    scope: 'read',
    tag: 'Operate',
    summary: 'How the pipeline runs',
    description:
      'Processes, disk, lags and health now, and the last hour in steps of ten seconds: events by verdict, percentiles of how long the answer to an event took. For people; programs ask /metrics.',
    answers: { 200: { description: 'Now and the last hour.', schema: PIPELINE } },
    errors: ['not_offered'],
  },
  listAlerts: {
    method: 'get',
    path: '/v1/alerts',
    scope: 'read',
    tag: 'Operate',
    summary: 'Alert rules and how they stand',
    answers: {
      200: {
        description: 'The rules.',
        schema: {
          type: 'object',
          required: ['alerts', 'webhook'],
          properties: {
            alerts: { type: 'array', items: ALERT },
            webhook: { type: 'boolean', description: 'Whether they are posted anywhere.' },
          },
        },
      },
    },
    errors: ['not_offered'],
  },
  listSettings: {
    method: 'get',
    path: '/v1/settings',
    scope: 'admin',
    tag: 'Operate',
    summary: 'Settings in force',
    answers: {
      200: {
        description: 'Every setting with its value and its default.',
        schema: {
          type: 'object',
          required: ['settings'],
          properties: { settings: { type: 'array', items: SETTING } },
        },
      },
    },
  },
  listKeys: {
    method: 'get',
    path: '/v1/keys',
    scope: 'admin',
    tag: 'Keys',
    summary: 'API keys, without their texts',
    answers: {
      200: {
        description: 'The keys.',
        schema: { type: 'object', properties: { keys: { type: 'array', items: KEY } } },
      },
    },
  },
  createKey: {
    method: 'post',
    path: '/v1/keys',
    scope: 'admin',
    tag: 'Keys',
    summary: 'Make an API key',
    body: {
      schema: KEY,
      examples: {
        website: {
          summary: 'For the pages of a shop',
          value: {
            name: 'website',
            kind: 'browser',
            scopes: ['write'],
            origins: ['https://shop.example'],
          },
        },
        backend: {
          summary: "For the shop's server",
          value: { name: 'backend', kind: 'server', scopes: ['write', 'read'] },
        },
      },
    },
    answers: {
      201: {
        description: 'The key and its text, which is shown this once.',
        schema: { type: 'object', properties: { text: { type: 'string' }, key: KEY } },
      },
    },
    errors: ['bad_request'],
  },
  revokeKey: {
    method: 'delete',
    path: '/v1/keys/{name}',
    scope: 'admin',
    tag: 'Keys',
    summary: 'Revoke an API key',
    params: { name: { description: 'Its name.', schema: { type: 'string' }, example: 'website' } },
    answers: { 204: { description: 'It opens nothing any more.' } },
    errors: ['not_found'],
  },
  livez: {
    method: 'get',
    path: '/livez',
    scope: 'none',
    tag: 'Operate',
    summary: 'Whether the process lives',
    answers: {
      200: { description: 'It does.', types: ['text/plain'], schema: { const: 'ok' } },
    },
  },
  readyz: {
    method: 'get',
    path: '/readyz',
    scope: 'none',
    tag: 'Operate',
    summary: 'Whether events are taken',
    answers: {
      200: { description: 'They are.', schema: HEALTH },
      503: { description: 'They are not; checks say why.', schema: HEALTH },
    },
  },
  metrics: {
    method: 'get',
    path: '/metrics',
    scope: 'read',
    open_in_dev: true,
    tag: 'Operate',
    summary: 'Prometheus metrics',
    answers: {
      200: { description: 'Exposition.', types: ['text/plain'], schema: { type: 'string' } },
    },
  },
  version: {
    method: 'get',
    path: '/version',
    scope: 'none',
    tag: 'Operate',
    summary: 'What runs here',
    answers: { 200: { description: 'Version, mode and shop.', schema: { type: 'object' } } },
  },
  openapi: {
    method: 'get',
    path: '/openapi.json',
    scope: 'none',
    tag: 'Operate',
    summary: 'This API as OpenAPI 3.1',
    answers: { 200: { description: 'The document.', schema: { type: 'object' } } },
  },
  docs: {
    method: 'get',
    path: '/docs',
    scope: 'none',
    tag: 'Operate',
    summary: 'This API as a page',
    answers: { 200: { description: 'HTML.', types: ['text/html'], schema: { type: 'string' } } },
  },
  docsScript: {
    method: 'get',
    path: '/docs.js',
    scope: 'none',
    tag: 'Operate',
    summary: 'The copy buttons of /docs',
    answers: {
      200: { description: 'JavaScript.', types: ['text/javascript'], schema: { type: 'string' } },
    },
  },
} satisfies { readonly [name: string]: RouteSpec }
