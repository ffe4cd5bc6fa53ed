import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { findServer, type Home, openHome, type ServerInfo } from './home.ts'
import { createLogger } from './logger.ts'
import { layoutOf } from './paths.ts'
import { loadSettings } from './settings.ts'

/** A running server as commands use it: through the same HTTP API as everyone. */
export interface Client {
  readonly url: string
  /** Sends and reads JSON. Throws a plain Error that says the problem's title and detail. */
  json<T>(path: string, init?: RequestInit): Promise<T>
  /** The answer as it is, whatever its status. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** One sentence from an answer that is not a 2xx. */
  problem(status: number, text: string): string
}

export interface ClientOptions {
  readonly dataDir?: string
  /** A server elsewhere, with `key`. */
  readonly url?: string
  readonly key?: string
}

interface HomeWanted {
  /** For commands that bring data: the directory is made when it is not there. */
  readonly mayCreate?: boolean
}

/** A server that is starting, or a command that has the data directory for itself, is waited for this long. */
const PATIENCE_MS = 60_000
const RETRY_MS = 100

/**
 * Runs `use` against the server of the data directory; without one, starts it for this command alone and stops it in order
 * behind it, so that every command works beside a server and without. Throws a plain Error where there is no data to ask.
 */
export async function withServer<T>(
  options: ClientOptions,
  use: (client: Client) => Promise<T>,
  { mayCreate = false }: HomeWanted = {},
): Promise<T> {
  if (options.url)
    return use(createClient(urlOf(options.url), options.key ?? process.env.SHOPLAKE_KEY ?? ''))
  const { config } = loadSettings({ data_dir: options.dataDir })
  if (!mayCreate && !existsSync(layoutOf(config.data_dir).stream)) {
    throw new Error(
      `there is no data in ${path.resolve(config.data_dir)}; name its directory with --data-dir, or a running server with --url`,
    )
  }
  const found = await findOrOpen(config)
  if ('url' in found) return use(createClient(found.url, options.key ?? found.operator_key))
  try {
    return await use(createClient(await found.ready, found.operatorKey))
  } finally {
    await found.stop()
  }
}

function urlOf(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new Error(`"${text}" is no URL of a server; write it as http://127.0.0.1:4600`)
}

/** The server that is up, or one of our own as soon as nobody else holds the data directory. */
async function findOrOpen(config: Config): Promise<ServerInfo | Home> {
  const own = { ...config, port: 0, log_level: 'error' }
  const log = createLogger('shoplake', 'error')
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const running = findServer(config.data_dir)
    if (running) return running
    try {
      return openHome({ config: own, mode: 'start', log, isPublic: false })
    } catch (error) {
      const isHeld = error instanceof ShoplakeError && error.code === 'data_dir_in_use'
      if (!isHeld || performance.now() > end) throw error
      await sleep(RETRY_MS)
    }
  }
}

export function createClient(url: string, key: string): Client {
  const request = async (route: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('x-api-key')) headers.set('x-api-key', key)
    try {
      return await fetch(new URL(route, url), { ...init, headers })
    } catch (error) {
      throw unreachable(url, error)
    }
  }
  return {
    url,
    fetch: request,
    problem: problemText,
    async json<T>(route: string, init?: RequestInit): Promise<T> {
      const response = await request(route, init)
      const text = await response.text()
      if (response.ok) return JSON.parse(text) as T
      throw new Error(problemText(response.status, text))
    },
  }
}

/** fetch says no more than "fetch failed"; its cause says why. */
function unreachable(url: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const why = cause instanceof Error ? cause.message || cause.name : String(cause)
  const next = 'is the server up? `shoplake doctor` looks'
  return new Error(`${url} cannot be reached: ${why}; ${next}`, { cause: error })
}

function problemText(status: number, text: string): string {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string; code?: string }
    if (problem.code === 'key_missing')
      return `${problem.title}: give it with --key, or in SHOPLAKE_KEY`
    if (problem.title) return problem.detail ? `${problem.title}: ${problem.detail}` : problem.title
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return `the server answered ${status}: ${text.slice(0, 200)}`
}

/** The error's one sentence for a person. */
export function messageOf(error: unknown): string {
  if (error instanceof ShoplakeError) return `${error.message} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}
