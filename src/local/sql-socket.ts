import { createHash } from 'node:crypto'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { ERRORS, type ErrorCode, ShoplakeError } from '../errors.ts'
import { createPoll } from '../poll.ts'
import type { Result, ResultValue, SqlEngine, SqlLimits } from '../ports.ts'

/** Longest path of a unix socket that every system takes (sun_path: 104 bytes on macOS, 108 on Linux, with the NUL). */
const MAX_BYTES = 103

/**
 * Where the lake process of a data directory listens. Inside it, unless that path is too long for a socket: then in
 * the system's temporary directory, under a name made of the path, so that both processes find the same. The socket has a
 * directory of its own, which is closed to others.
 */
export function socketPathOf(dataDirectory: string): string {
  const absolute = resolve(dataDirectory)
  const inside = join(absolute, 'run', 'lake.sock')
  if (Buffer.byteLength(inside) <= MAX_BYTES) return inside
  const hash = createHash('sha256').update(absolute).digest('hex').slice(0, 24)
  return join(tmpdir(), `shoplake-${hash}`, 'lake.sock')
}

/** What is told without work is told by then, or the process hangs. */
const ANSWER_MS = 2000

const CLOSED = ['ECONNRESET', 'EPIPE']

/** What one query needs, as it travels. */
export interface SqlCall {
  readonly sql: string
  readonly params: readonly ResultValue[]
  readonly limits: SqlLimits
}

export interface SqlClient extends SqlEngine {
  /** One of the further calls that the lake process answers. Rejects as `run` does, or with the handler's own code. */
  call<T = unknown>(name: string, input?: unknown, signal?: AbortSignal): Promise<T>
  /** A call that is answered without work, such as a status. Where no answer comes in time the process counts as away, however alive. */
  ask<T = unknown>(name: string): Promise<T>
  /** Whether it answered when last asked, which is every `ping_ms`. */
  isUp(): boolean
  close(): void
}

/** Statuses that do not travel as an error object end here: the lake process always sends one. */
interface WireError {
  readonly code: string
  readonly detail: string
  readonly retry_after_s?: number
}

/**
 * The lake process as a SqlEngine, from another process. Aborting closes the request, which cancels the query there.
 * While that process is away every call rejects at once with sql_unavailable; it finds it again by itself.
 */
export function connectSql(socketPath: string, ping_ms = 1000, answer_ms = ANSWER_MS): SqlClient {
  let up = false
  const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 4 })

  const post = (path: string, body: unknown, signal: AbortSignal | undefined) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(
        { socketPath, path, method: 'POST', agent, ...(signal ? { signal } : {}) },
        resolve,
      )
      request.once('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the other side had closed by then. No call does harm when it is asked twice.
        const isStale = request.reusedSocket && CLOSED.includes(error.code ?? '')
        if (isStale) post(path, body, signal).then(resolve, reject)
        else reject(error)
      })
      request.end(JSON.stringify(body ?? null))
    })

  const exchange = async <T>(
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> => {
    try {
      const response = await post(path, body, signal)
      up = true
      if (response.statusCode !== 200) throw wireError(await textOf(response))
      return await read(response)
    } catch (error) {
      if (signal?.aborted) throw new ShoplakeError('sql_cancelled', 'The query was cancelled.')
      if (error instanceof ShoplakeError) throw error
      up = false
      throw unavailable(error)
    }
  }

  const ask = async (path: string): Promise<string> => {
    const limit = AbortSignal.timeout(answer_ms)
    try {
      return await exchange(path, null, limit, textOf)
    } catch (error) {
      if (!limit.aborted) throw error
      up = false
      throw unavailable(error)
    }
  }

  const ping = async () => {
    await ask('/ping')
  }
  // Its outcome is `up` itself.
  const pings = createPoll(ping_ms, ping, () => undefined)
  pings.look()

  return {
    takes_days: true,
    run(sql, params, limits, signal) {
      const call: SqlCall = { sql, params, limits }
      return exchange('/sql', call, signal, readResult)
    },
    call<T>(name: string, input?: unknown, signal?: AbortSignal): Promise<T> {
      return exchange(pathOf(name), input, signal, async (response) =>
        JSON.parse(await textOf(response)),
      )
    },
    ask: async (name) => JSON.parse(await ask(pathOf(name))),
    isUp: () => up,
    close() {
      void pings.stop()
      agent.destroy()
    },
  }
}

function pathOf(call: string): string {
  return `/call/${encodeURIComponent(call)}`
}

async function readResult(response: IncomingMessage): Promise<Result> {
  const rows: ResultValue[][] = []
  let head: (Omit<Result, 'rows'> & { row_count: number }) | undefined
  for await (const line of createInterface({
    input: response,
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (head === undefined) head = JSON.parse(line)
    else for (const row of JSON.parse(line)) rows.push(row)
  }
  if (head === undefined || rows.length !== head.row_count) {
    throw unavailable(new Error('the answer broke off'))
  }
  const { columns, truncated, elapsed_ms, scanned_bytes } = head
  return { columns, rows, truncated, elapsed_ms, scanned_bytes }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function wireError(text: string): ShoplakeError {
  const { code, detail, retry_after_s } = JSON.parse(text) as WireError
  const known = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal'
  return new ShoplakeError(
    known,
    detail,
    retry_after_s === undefined ? {} : { retryAfterS: retry_after_s },
  )
}

function unavailable(cause: unknown): ShoplakeError {
  return new ShoplakeError(
    'sql_unavailable',
    'The lake process is starting again; try in a moment.',
    {
      cause,
      retryAfterS: 1,
    },
  )
}
