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

export const OPERATE_ROUTES = {
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
