import { chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { ShoplakeError } from '../errors.ts'
import type { Result, SqlEngine } from '../ports.ts'
import type { SqlCall } from './sql-socket.ts'

/**
 * A call of main/ by name, JSON in and JSON out. The signal aborts when the caller goes away. What it throws reaches
 * the caller: a ShoplakeError with its code, anything else as `internal` without its message.
 */
export type SocketHandler = (input: unknown, signal: AbortSignal) => Promise<unknown> | unknown

export interface SqlServerOptions {
  readonly engine: SqlEngine
  readonly socketPath: string
  /** Further calls, by name. */
  readonly handlers?: { readonly [name: string]: SocketHandler }
  /** Told of a handler's or engine's error that is no ShoplakeError. */
  onError?(error: unknown): void
}

export interface SqlServer {
  /** Refuses new calls, cancels those that run, and removes the socket. */
  close(): Promise<void>
}

const MAX_BODY_BYTES = 20_000_000
const ROWS_A_LINE = 500

/**
 * Answers SQL and named calls over a unix socket that only this user may open. `POST /sql` answers lines of JSON:
 * {columns, truncated, …}, then arrays of up to 500 rows, so that neither side parses a large result at one go.
 * `POST /call/<name>` answers one JSON value. A socket file left by a killed process is removed first.
 */
export async function serveSql(options: SqlServerOptions): Promise<SqlServer> {
  const { socketPath } = options
  await mkdir(dirname(socketPath), { recursive: true })
  // Before the socket exists, so that there is no moment in which others can reach it; fails where it is not ours.
  await chmod(dirname(socketPath), 0o700)
  await rm(socketPath, { force: true })
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error) => sendError(options, response, error))
  })
  // A query may take an hour, and its client is one of ours.
  server.requestTimeout = 0
  await listen(server, socketPath)
  await chmod(socketPath, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function answer(
  options: SqlServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController()
  response.once('close', () => abort.abort())
  const body = JSON.parse(await readBody(request)) as unknown
  if (request.url === '/ping') {
    response.end('null')
    return
  }
  if (request.url === '/sql') {
    const { sql, params, limits } = body as SqlCall
    await sendResult(response, await options.engine.run(sql, params, limits, abort.signal))
    return
  }
  const name = decodeURIComponent(request.url?.replace(/^\/call\//, '') ?? '')
  const handlers = options.handlers ?? {}
  if (!Object.hasOwn(handlers, name)) {
    throw new ShoplakeError('not_found', `The lake process has no call "${name}".`)
  }
  const output = await handlers[name]?.(body, abort.signal)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(output ?? null))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new ShoplakeError('too_large', 'The call is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function sendResult(response: ServerResponse, result: Result): Promise<void> {
  const { rows, ...head } = result
  response.setHeader('content-type', 'application/x-ndjson')
  response.write(`${JSON.stringify({ ...head, row_count: rows.length })}\n`)
  for (let first = 0; first < rows.length; first += ROWS_A_LINE) {
    if (response.destroyed) return
    const flushed = response.write(`${JSON.stringify(rows.slice(first, first + ROWS_A_LINE))}\n`)
    if (!flushed) await drained(response)
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })
}

function sendError(options: SqlServerOptions, response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  if (response.headersSent) {
    // Half an answer is worse than none: the caller sees the connection break.
    response.destroy()
    return
  }
  const known = error instanceof ShoplakeError
  if (!known) options.onError?.(error)
  const { code, message, retryAfterS, status } = known
    ? error
    : new ShoplakeError('internal', 'The lake process met an unexpected error; see its log.')
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ code, detail: message, retry_after_s: retryAfterS }))
}
