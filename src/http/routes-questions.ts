import type { RouteSpec } from '../derive/openapi.ts'

const VALUE = { type: ['string', 'number', 'boolean', 'null', 'array', 'object'] }

const COLUMNS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'type'],
    properties: { name: { type: 'string' }, type: { type: 'string' } },
  },
}

const ROWS = {
  type: 'array',
  description: 'DECIMAL and integers beyond 2^53 are decimal strings; timestamps are UTC.',
  items: { type: 'array', items: VALUE },
}

const FRESH_TO = {
  type: ['string', 'null'],
  description:
    'Events received up to then are counted; null while that is not known yet, left out where it never is.',
}

const SQL_PAGE = {
  type: 'object',
  required: ['query_id', 'status'],
  properties: {
    query_id: { type: 'string' },
    status: { type: 'string', enum: ['running', 'done'] },
    columns: COLUMNS,
    rows: ROWS,
    next_cursor: { type: ['string', 'null'] },
    fresh_to: FRESH_TO,
  },
}

const QUERY_ID = {
  id: { description: 'The query_id.', schema: { type: 'string' } },
} as const

const SQL_ERRORS = [
  'sql_refused',
  'sql_failed',
  'sql_limit',
  'sql_cancelled',
  'sql_busy',
  'sql_unavailable',
] as const

export const QUESTION_ROUTES = {
  listReports: {
    method: 'get',
    path: '/v1/reports',
    scope: 'read',
    tag: 'Questions',
    summary: 'Reports that can be run',
    answers: {
      200: {
        description: 'Each with its parameters and columns.',
        schema: {
          type: 'object',
          required: ['reports'],
          properties: {
            reports: { type: 'array', items: { $ref: '#/components/schemas/Report' } },
          },
        },
      },
    },
  },
  runReport: {
    method: 'get',
    path: '/v1/reports/{name}',
    scope: 'read',
    tag: 'Questions',
    summary: 'Run a report',
    description:
      'Parameters are those that the report declares, as query parameters. CSV with Accept: text/csv.',
    params: {
      name: { description: 'Its name.', schema: { type: 'string' }, example: 'sales_overview' },
    },
    query: {
      from: {
        description: 'First day, in the shop zone.',
        schema: { type: 'string', format: 'date' },
      },
      to: {
        description: 'Last day. The default is the 28 days up to today.',
        schema: { type: 'string', format: 'date' },
      },
      compare: {
        description: '"previous" adds the stretch before, matched by weekday, as `before`.',
        schema: { type: 'string', enum: ['previous'] },
      },
    },
    answers: {
      200: {
        description: 'Columns, rows, the SQL that ran, and how fresh the lake is.',
        types: ['application/json', 'text/csv'],
        schema: {
          type: 'object',
          required: ['report', 'columns', 'rows', 'sql'],
          properties: {
            report: { $ref: '#/components/schemas/Report' },
            values: { type: 'object', description: 'Every parameter as it was used.' },
            columns: COLUMNS,
            rows: ROWS,
            truncated: { type: 'boolean' },
            elapsed_ms: { type: 'number' },
            scanned_bytes: { type: ['integer', 'null'] },
            sql: { type: 'string', description: 'What ran, with $1, $2 … for params.' },
            params: { type: 'array', items: VALUE },
            fresh_to: FRESH_TO,
            before: {
              type: 'object',
              description: 'With compare: the same of the stretch before.',
            },
          },
        },
      },
    },
    errors: ['not_found', ...SQL_ERRORS],
  },
  listTables: {
    method: 'get',
    path: '/v1/tables',
    scope: 'read',
    tag: 'Questions',
    summary: 'Tables that SQL can ask, with their columns',
    answers: {
      200: {
        description:
          'Event tables; each has `dt`, the UTC day of occurred_at, beside these columns.',
        schema: {
          type: 'object',
          required: ['tables'],
          properties: { tables: { type: 'array', items: { type: 'object' } } },
        },
      },
    },
  },
  runSql: {
    method: 'post',
    path: '/v1/sql',
    scope: 'read',
    tag: 'Questions',
    summary: 'Ask in SQL',
    description:
      'One SELECT in DuckDB SQL over the event tables and models. Answers 200 when it is done within two seconds, else 202 with a query_id to fetch. CSV with Accept: text/csv.',
    body: {
      schema: {
        type: 'object',
        required: ['sql'],
        properties: {
          sql: { type: 'string', maxLength: 100_000 },
          params: { type: 'array', description: 'Fill $1, $2 …', items: VALUE },
        },
      },
      examples: {
        count: {
          summary: 'Orders of a day',
          value: {
            sql: 'select count(*) as orders, sum(total_amount) as sales from order_created where dt = $1',
            params: ['2025-01-15'],
          },
        },
      },
    },
    answers: {
      200: {
        description: 'Done.',
        types: ['application/json', 'text/csv'],
        schema: SQL_PAGE,
      },
      202: {
        description: 'Still running: fetch GET /v1/sql/{query_id}.',
        schema: SQL_PAGE,
        example: { query_id: 'q_3f0c', status: 'running' },
      },
    },
    errors: ['bad_request', ...SQL_ERRORS],
  },
  getSql: {
    method: 'get',
    path: '/v1/sql/{id}',
    scope: 'read',
    tag: 'Questions',
    summary: 'Result of a query, page by page',
    params: QUERY_ID,
    query: {
      cursor: { description: 'next_cursor of the page before.', schema: { type: 'string' } },
    },
    answers: {
      200: { description: 'A page.', types: ['application/json', 'text/csv'], schema: SQL_PAGE },
      202: { description: 'Still running.', schema: SQL_PAGE },
    },
    errors: ['not_found', ...SQL_ERRORS],
  },
  cancelSql: {
    method: 'delete',
    path: '/v1/sql/{id}',
    scope: 'read',
    tag: 'Questions',
    summary: 'Cancel a query and forget its result',
    params: QUERY_ID,
    answers: { 204: { description: 'Gone; its slot is free.' } },
    errors: ['not_found'],
  },
} satisfies { readonly [name: string]: RouteSpec }
