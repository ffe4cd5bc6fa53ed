import { ShoplakeError } from '../errors.ts'

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
