import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Context, Hono } from 'hono'
import type { RouteSpec } from '../derive/openapi.ts'
import { ShoplakeError } from '../errors.ts'
import { alertHandlers } from './alerts.ts'
import { createInflight } from './body.ts'
import type { Answer, Call, Handler } from './call.ts'
import { deadLetterHandlers } from './dead-letters.ts'
import type { AppDeps } from './deps.ts'
import { eraseHandlers } from './erase.ts'
import { postEvents } from './events.ts'
import { createGuard, type Serve } from './guard.ts'
import { postImport } from './import.ts'
import { keyHandlers } from './keys.ts'
import { ledgerHandlers } from './ledger.ts'
import { liveHandlers } from './live.ts'
import { createNodeEvents } from './node-events.ts'
import { operateHandlers } from './operate.ts'
import { preflightAnswer } from './origin.ts'
import { pipelineHandlers } from './pipeline.ts'
import { problemAnswer } from './problem.ts'
import { createRateLimit } from './rate.ts'
import { recentHandlers } from './recent.ts'
import { reportHandlers } from './reports.ts'
import { ROUTES, type RouteName } from './routes.ts'
import { sqlHandlers } from './sql.ts'
import { openConsole } from './static.ts'
import { storeHandlers } from './store.ts'
import { traceHandlers } from './trace.ts'

/** What @hono/node-server gives beside the request; absent elsewhere and in tests. */
interface NodeBindings {
  readonly incoming?: IncomingMessage
}

export type App = Hono<{ Bindings: NodeBindings }>

/** The HTTP API over given parts, for a web-standard server and for node:http. */
export interface Http {
  readonly app: App
  /** Answers POST /v1/events by itself and says so; false, with nothing touched, for all else: that is the app's. */
  nodeEvents(incoming: IncomingMessage, outgoing: ServerResponse): boolean
}

/** The app alone: see createHttp. */
export function createApp(deps: AppDeps): App {
  return createHttp(deps).app
}

/**
 * The HTTP API and the console over given parts. Every route of ROUTES is mounted with its guard, and nothing else.
 * It starts no server: on Node, a listener that asks `nodeEvents` first and then the app; in tests, `app.request()`.
 */
export function createHttp(deps: AppDeps): Http {
  const rate = createRateLimit(deps.config, deps.now)
  const inflight = createInflight(deps.config.inflight_max_bytes)
  const guard = createGuard(deps, rate)
  const events = postEvents(deps, rate, inflight)
  const handlers: { readonly [N in RouteName]: Handler } = {
    postEvents: events,
    postImport: postImport(deps, inflight),
    ...recentHandlers(deps),
    ...traceHandlers(deps),
    ...storeHandlers(deps),
    ...liveHandlers(deps),
    ...reportHandlers(deps),
    ...sqlHandlers(deps, inflight),
    ...ledgerHandlers(deps),
    ...deadLetterHandlers(deps, inflight),
    ...eraseHandlers(deps),
    ...keyHandlers(deps, inflight),
    ...operateHandlers(deps),
    ...pipelineHandlers(deps),
    ...alertHandlers(deps),
  }
  const app: App = new Hono()
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: RouteSpec = ROUTES[name]
    mount(app, route.method, route.path, guard(route, handlers[name]))
  }
  mountOtherMethods(app, guard)
  mountConsole(app, deps, guard)
  return { app, nodeEvents: createNodeEvents(guard(ROUTES.postEvents, events)) }
}

function mount(app: App, method: string, path: string, serve: Serve): void {
  app.on(method.toUpperCase(), honoPath(path), async (context) =>
    responseOf(await serve(callOf(context))),
  )
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** OPTIONS answers what the path takes; any other method is method_not_allowed. */
function mountOtherMethods(app: App, guard: ReturnType<typeof createGuard>): void {
  const methods = new Map<string, string[]>()
  for (const { path, method } of Object.values(ROUTES)) {
    methods.set(path, [...(methods.get(path) ?? []), method])
  }
  for (const [path, taken] of methods) {
    const allow = [...taken, ...(taken.includes('get') ? ['head'] : [])]
    const route = { ...OPEN_ROUTE, path }
    const serve = guard(route, (call) => {
      if (call.method === 'OPTIONS') return preflightAnswer(call, allow)
      const names = allow.join(', ').toUpperCase()
      const error = new ShoplakeError('method_not_allowed', `${path} takes ${names}`)
      const problem = problemAnswer(error, call.request_id)
      return { ...problem, headers: { ...problem.headers, allow: `${names}, OPTIONS` } }
    })
    app.all(honoPath(path), async (context) => responseOf(await serve(callOf(context))))
  }
}

const OPEN_ROUTE: RouteSpec = {
  method: 'get',
  path: '*',
  scope: 'none',
  tag: '',
  summary: '',
  answers: {},
}

function mountConsole(app: App, deps: AppDeps, guard: ReturnType<typeof createGuard>): void {
  const find = openConsole(deps.console_directory)
  const serve = guard(OPEN_ROUTE, (call) => {
    const readable = call.method === 'GET' || call.method === 'HEAD'
    const answer = readable ? find(call) : undefined
    if (answer) return answer
    throw new ShoplakeError('not_found', 'there is no such route; see /docs')
  })
  app.all('*', async (context) => responseOf(await serve(callOf(context))))
}

const NO_QUERY = new URLSearchParams()

function callOf(context: Context<{ Bindings: NodeBindings }>): Call {
  const { req } = context
  const incoming = context.env?.incoming
  return {
    method: req.method,
    path: req.path,
    request_id: randomUUID(),
    header: (name) => req.header(name),
    param: (name) => req.param(name) ?? '',
    query() {
      const start = req.url.indexOf('?')
      return start === -1 ? NO_QUERY : new URLSearchParams(req.url.slice(start))
    },
    chunks: () => chunksOf(incoming, incoming ? null : req.raw.body),
    whole: async () => new Uint8Array(await req.arrayBuffer()),
    peer: () => incoming?.socket.remoteAddress,
    signal: () => req.raw.signal,
  }
}

/** Leaving the loop early must not destroy the socket: the answer still has to go out on it. */
function chunksOf(
  incoming: IncomingMessage | undefined,
  body: ReadableStream<Uint8Array> | null,
): AsyncIterable<Uint8Array> {
  const iterate = () =>
    incoming?.iterator({ destroyOnReturn: false }) ??
    (body ?? new Blob([]).stream()).values({ preventCancel: true })
  return { [Symbol.asyncIterator]: iterate }
}

function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}
