import { ERRORS, type ErrorCode } from '../errors.ts'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'
import { REJECTIONS } from '../schema/rejection.ts'
import type { JsonSchema } from '../schema/scalar.ts'
import { eventSchemaOf } from './json-schema.ts'

/** One route of the HTTP API: what it is called with, what it answers, who may. The app mounts it, checks and documents follow from it. */
export interface RouteSpec {
  readonly method: 'get' | 'post' | 'delete'
  /** With `{name}` for its parts. */
  readonly path: string
  readonly scope: 'none' | 'write' | 'read' | 'admin'
  /** `dev` answers it without a key. */
  readonly open_in_dev?: true
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params?: { readonly [name: string]: ParamSpec }
  readonly query?: { readonly [name: string]: ParamSpec }
  readonly body?: BodySpec
  readonly answers: { readonly [status: number]: AnswerSpec }
  /** Beyond those that every route, every route with a key, and every route with a body has. */
  readonly errors?: readonly ErrorCode[]
}

export interface ParamSpec {
  readonly description: string
  readonly schema: JsonSchema
  readonly example?: unknown
}

export interface BodySpec {
  readonly schema: JsonSchema
  /** Default: application/json. */
  readonly types?: readonly string[]
  readonly examples: {
    readonly [name: string]: { readonly summary: string; readonly value: unknown }
  }
}

export interface AnswerSpec {
  readonly description: string
  /** By media type; JSON when it is a bare schema. Absent: no body. */
  readonly schema?: JsonSchema
  readonly types?: readonly string[]
  readonly example?: unknown
}

export type RouteSpecs = { readonly [name: string]: RouteSpec }

const EVERY_ROUTE: readonly ErrorCode[] = ['host_refused', 'internal', 'shutting_down']
const KEYED_ROUTE: readonly ErrorCode[] = [
  'key_missing',
  'key_unknown',
  'scope_missing',
  'origin_refused',
  'rate_limited',
]
const BODY_ROUTE: readonly ErrorCode[] = [
  'bad_request',
  'malformed_json',
  'too_large',
  'unsupported_type',
  'unsupported_encoding',
  'overloaded',
]

/** Every error code that a route can answer, in the order of the error table. */
export function errorsOf(route: RouteSpec): ErrorCode[] {
  const codes = new Set<ErrorCode>([
    ...EVERY_ROUTE,
    ...(route.scope === 'none' ? [] : KEYED_ROUTE),
    ...(route.body ? BODY_ROUTE : []),
    ...(route.query ? (['bad_request'] as const) : []),
    ...(route.errors ?? []),
  ])
  return (Object.keys(ERRORS) as ErrorCode[]).filter((code) => codes.has(code))
}

/** What one method of one path does, in OpenAPI's words. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required: true
    readonly content: { readonly [type: string]: Pick<BodySpec, 'schema' | 'examples'> }
  }
  readonly responses: Responses
  readonly 'x-scope': RouteSpec['scope']
}

export interface Parameter extends ParamSpec {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required?: boolean
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: object
  readonly content?: {
    readonly [type: string]: { readonly schema: JsonSchema; readonly example?: unknown }
  }
}

type Responses = { readonly [status: string]: ResponseObject }

/** An OpenAPI 3.1 document, as plain JSON. */
export interface OpenapiDocument {
  readonly openapi: string
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema }
    readonly securitySchemes: { readonly [name: string]: object }
  }
  readonly [member: string]: unknown
}

/**
 * OpenAPI 3.1 of the routes, with the event schemas among its components. The same routes give the same bytes.
 * Source: spec.openapis.org/oas/v3.1.1.
 */
export function openapiOf(
  routes: RouteSpecs,
  schemas: { readonly [name: string]: JsonSchema },
  version: string,
): OpenapiDocument {
  const paths: { [path: string]: { [method: string]: Operation } } = {}
  for (const [name, route] of Object.entries(routes)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'shoplake',
      version,
      description:
        'The event pipeline for online shops: events in over HTTP, durable at once, Parquet in a lake, answers in SQL.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(routes).map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: { ...schemas, ...eventComponents(), Problem: PROBLEM },
    },
  }
}

const SECURITY_SCHEMES = {
  api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  bearer: { type: 'http', scheme: 'bearer' },
  basic: { type: 'http', scheme: 'basic', description: 'The key as user name, no password.' },
  query_key: {
    type: 'apiKey',
    in: 'query',
    name: 'key',
    description: 'Keys that may only write, for beacons, which cannot set headers.',
  },
}

const PROBLEM: JsonSchema = {
  description: 'RFC 9457 problem document.',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id', 'retryable'],
  properties: {
    type: { type: 'string', description: 'Where the error is described.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened this time, and what to do.' },
    instance: { type: 'string', description: 'urn:uuid: of the request.' },
    code: { type: 'string', enum: Object.keys(ERRORS) },
    request_id: { type: 'string' },
    retryable: { type: 'boolean', description: 'Whether the same request may pass later.' },
  },
}

function eventComponents(): { [name: string]: JsonSchema } {
  return {
    Event: {
      title: 'Event',
      oneOf: EVENT_TYPES.map((type) => ({ $ref: `#/components/schemas/${type}` })),
      discriminator: {
        propertyName: 'event_type',
        mapping: Object.fromEntries(
          EVENT_TYPES.map((type) => [type, `#/components/schemas/${type}`]),
        ),
      },
    },
    Rejection: {
      type: 'string',
      enum: Object.keys(REJECTIONS),
      description: Object.entries(REJECTIONS)
        .map(([word, text]) => `${word}: ${text}`)
        .join('\n'),
    },
    ...Object.fromEntries(EVENT_TYPES.map((type) => [type, eventSchemaOf(EVENTS[type])])),
  }
}

function operationOf(name: string, route: RouteSpec): Operation {
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    security: route.scope === 'none' ? [] : securityOf(route),
    ...parametersOf(route),
    ...(route.body ? { requestBody: requestBodyOf(route.body) } : {}),
    responses: withProblems(answersOf(route), problemsOf(route)),
    'x-scope': route.scope,
  }
}

function securityOf(route: RouteSpec): object[] {
  const ways = ['api_key', 'bearer', 'basic', ...(route.scope === 'write' ? ['query_key'] : [])]
  return [...ways.map((way) => ({ [way]: [] })), ...(route.open_in_dev ? [{}] : [])]
}

function parametersOf(route: RouteSpec): { parameters?: Parameter[] } {
  const parameters: Parameter[] = [
    ...Object.entries(route.params ?? {}).map(([name, param]) => ({
      name,
      in: 'path' as const,
      required: true,
      ...param,
    })),
    ...Object.entries(route.query ?? {}).map(([name, param]) => ({
      name,
      in: 'query' as const,
      ...param,
    })),
  ]
  return parameters.length === 0 ? {} : { parameters }
}

function requestBodyOf(body: BodySpec): NonNullable<Operation['requestBody']> {
  const media = { schema: body.schema, examples: body.examples }
  const types = body.types ?? ['application/json']
  return { required: true, content: Object.fromEntries(types.map((type) => [type, media])) }
}

function answersOf(route: RouteSpec): Responses {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [status, answerOf(answer)]),
  )
}

function answerOf({ description, schema, types, example }: AnswerSpec): ResponseObject {
  if (!schema) return { description }
  const media = { schema, ...(example === undefined ? {} : { example }) }
  const names = types ?? ['application/json']
  return { description, content: Object.fromEntries(names.map((type) => [type, media])) }
}

/** A status may be an answer and a problem too, told apart by media type. */
function withProblems(answers: Responses, problems: Responses): Responses {
  const merged: { [status: string]: ResponseObject } = { ...answers }
  for (const [status, problem] of Object.entries(problems)) {
    const answer = answers[status]
    merged[status] = {
      ...problem,
      description: [answer?.description, problem.description].filter(Boolean).join('\n'),
      content: { ...answer?.content, ...problem.content },
    }
  }
  return merged
}

function problemsOf(route: RouteSpec): Responses {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errorsOf(route)) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `${code}: ${ERRORS[code].title}.`).join('\n'),
        ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  )
}

const RETRY_AFTER = {
  'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer' } },
}
