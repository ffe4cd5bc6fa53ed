import { ShoplakeError } from '../errors.ts'

/** A running server as commands use it: through the same HTTP API as everyone. */
export interface Client {
  readonly url: string
  /** Sends and reads JSON. Throws what `refusal` makes of any other answer. */
  json<T>(path: string, init?: RequestInit): Promise<T>
  /** The answer as it is, whatever its status. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /**
   * What an answer that is not a 2xx is thrown as: bad_request where the request was not understood, which is what was typed;
   * else a plain Error. Its message is one sentence for a person.
   */
  refusal(status: number, text: string): Error
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
    refusal,
    async json<T>(route: string, init?: RequestInit): Promise<T> {
      const response = await request(route, init)
      const text = await response.text()
      if (response.ok) return JSON.parse(text) as T
      throw refusal(response.status, text)
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

function refusal(status: number, text: string): Error {
  const { title, detail, code } = problemIn(text)
  if (title === undefined) return new Error(`the server answered ${status}: ${text.slice(0, 200)}`)
  if (code === 'bad_request') return new ShoplakeError(code, detail ?? title)
  if (code === 'key_missing') return new Error(`${title}: give it with --key, or in SHOPLAKE_KEY`)
  return new Error(detail ? `${title}: ${detail}` : title)
}

/** Empty where what answers is no shoplake. */
function problemIn(text: string): { title?: string; detail?: string; code?: string } {
  try {
    return JSON.parse(text) ?? {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The error's one sentence for a person. */
export function messageOf(error: unknown): string {
  if (error instanceof ShoplakeError) return `${error.message} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}
