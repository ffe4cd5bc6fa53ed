import { ShoplakeError } from '../errors.ts'
import { findServer, startHome } from './home.ts'
import { createLogger } from './logger.ts'
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

/**
 * Runs `use` against the server of the data directory; without one, starts it for this command alone and stops it in order
 * behind it, so that every command works beside a server and without.
 */
export async function withServer<T>(
  options: ClientOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  if (options.url)
    return use(createClient(options.url, options.key ?? process.env.SHOPLAKE_KEY ?? ''))
  const { config } = loadSettings({ data_dir: options.dataDir })
  const running = findServer(config.data_dir)
  if (running) return use(createClient(running.url, options.key ?? running.operator_key))
  const log = createLogger('shoplake', 'error')
  const home = await startHome({
    config: { ...config, port: 0, log_level: 'error' },
    mode: 'start',
    log,
  })
  try {
    return await use(createClient(home.url, home.operatorKey))
  } finally {
    await home.stop()
  }
}

export function createClient(url: string, key: string): Client {
  const request = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('x-api-key')) headers.set('x-api-key', key)
    return fetch(new URL(path, url), { ...init, headers })
  }
  return {
    url,
    fetch: request,
    problem: problemText,
    async json<T>(path: string, init?: RequestInit): Promise<T> {
      const response = await request(path, init)
      const text = await response.text()
      if (response.ok) return JSON.parse(text) as T
      throw new Error(problemText(response.status, text))
    },
  }
}

function problemText(status: number, text: string): string {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string }
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
