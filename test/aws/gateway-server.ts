import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ShoplakeError } from '../../src/errors.ts'
import { problemAnswer } from '../../src/http/problem.ts'
import { openConsole } from '../../src/http/static.ts'
import type { GatewayAnswer, GatewayEvent } from '../../src/main/lambda-http.ts'
import type { Functions } from './functions.ts'
import { BODIES, ROUTES } from './home-template.mjs'

export interface GatewayServer {
  readonly url: string
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly functions: Pick<Functions, 'collect' | 'read' | 'authorize'>
  /** 0 for one that is free. */
  readonly port: number
  /** Pages of the console; without it there are none. */
  readonly console_directory?: string
}

/** Longest that the gateway waits for a function, and the largest answer it takes from one. */
const ANSWER_WITHIN_MS = 29_000
const ANSWER_BYTES = 6_291_556

/** Paths that CloudFront hands to the API; the others are the console's. */
const API = /^\/(v1\/|docs|openapi\.json$|version$|livez$|readyz$)/

/**
 * The door of the AWS home on a port of this machine: the authorizer and the functions behind the routes, as the template's gateway
 * has them, and the console's pages beside them. Rates and usage plans are the gateway's own and not here.
 */
export async function startGateway(options: GatewayOptions): Promise<GatewayServer> {
  const pages = openConsole(options.console_directory)
  const server = http.createServer((request, response) => {
    void answer(options, pages, request)
      .catch((error: unknown) => gatewayProblem(error))
      .then(({ statusCode, headers, body, isBase64Encoded }) => {
        response.writeHead(statusCode, headers)
        response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'))
      })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  { functions }: GatewayOptions,
  pages: ReturnType<typeof openConsole>,
  request: http.IncomingMessage,
): Promise<GatewayAnswer> {
  const url = new URL(request.url ?? '/', 'http://local')
  if (!API.test(url.pathname)) return pageOf(pages, request, url)
  const event = await eventOf(request, url)
  const route = ROUTES.find(
    ({ path, method }) => path === url.pathname && method === event.httpMethod,
  )
  if (url.pathname.startsWith('/v1/') && route?.scope !== 'none') await admit(functions, event)
  const handle = route?.scope === 'write' ? functions.collect : functions.read
  const answered = await Promise.race([handle(event), tooLate()])
  if (answered.body.length > ANSWER_BYTES) {
    throw new ShoplakeError('internal', 'the answer is larger than a function may give')
  }
  return answered
}

async function tooLate(): Promise<never> {
  await sleep(ANSWER_WITHIN_MS, undefined, { ref: false })
  throw new ShoplakeError('overloaded', 'the function took too long')
}

/** Throws what the gateway answers in place of a function. */
async function admit(
  { authorize }: GatewayOptions['functions'],
  event: GatewayEvent,
): Promise<void> {
  const query = event.multiValueQueryStringParameters ?? {}
  const names = Object.entries(query).map(([name, values]) => [name, values?.at(-1)])
  const asked = authorize({
    methodArn: 'arn:aws:execute-api:us-east-1:000000000000:local/live',
    headers: event.headers,
    queryStringParameters: Object.fromEntries(names),
  })
  const { policyDocument } = await asked.catch((error: Error) => {
    if (error.message !== 'Unauthorized') throw error
    throw new ShoplakeError('key_missing', 'send a key in x-api-key or as a Bearer token')
  })
  if (policyDocument.Statement[0]?.Effect === 'Deny') {
    throw new ShoplakeError('too_large', 'send fewer events a request')
  }
}

async function eventOf(request: http.IncomingMessage, url: URL): Promise<GatewayEvent> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const type = String(request.headers['content-type'] ?? '').split(';')[0]!
  const isBase64Encoded = BODIES.includes(type)
  const query: { [name: string]: string[] } = {}
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value]
  const several = Object.entries(request.headersDistinct)
  return {
    httpMethod: request.method ?? 'GET',
    path: url.pathname,
    headers: Object.fromEntries(several.map(([name, values]) => [name, values?.at(-1)])),
    multiValueHeaders: Object.fromEntries(several),
    multiValueQueryStringParameters: url.search === '' ? null : query,
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded: body.length > 0 && isBase64Encoded,
  }
}

function pageOf(
  pages: ReturnType<typeof openConsole>,
  request: http.IncomingMessage,
  url: URL,
): GatewayAnswer {
  const found = pages({
    method: request.method ?? 'GET',
    path: url.pathname,
    request_id: randomUUID(),
    header: (name) => request.headersDistinct[name]?.at(-1),
    param: () => '',
    query: () => url.searchParams,
    chunks: () => request,
    whole: async () => new Uint8Array(),
    peer: () => request.socket.remoteAddress,
    signal: () => new AbortController().signal,
  })
  if (!found) throw new ShoplakeError('not_found', 'no route has this path')
  const body = Buffer.from((found.body as Uint8Array | null) ?? '').toString('base64')
  return { statusCode: found.status, headers: found.headers, body, isBase64Encoded: true }
}

function gatewayProblem(error: unknown): GatewayAnswer {
  const { status, headers, body } = problemAnswer(error, randomUUID())
  return { statusCode: status, headers, body: String(body), isBase64Encoded: false }
}
