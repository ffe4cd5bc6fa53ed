/** What the server says when it refuses: RFC 9457. */
export interface Problem {
  readonly title: string
  readonly detail?: string
  readonly status: number
  readonly code?: string
  readonly request_id?: string
}

/** A refusal of the server; the message is its own words. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

/** GET /version: what a page needs to know before its first request that wants a key. */
export interface ServerInfo {
  readonly version: string
  readonly mode: 'dev' | 'start'
  readonly shop: { readonly name: string; readonly currency: string; readonly time_zone: string }
}

/** Everybody knows it, and only a server in `dev`, which answers this machine alone, takes it. */
export const DEV_KEY = 'sk_dev'

const STORED_KEY = 'shoplake.key'

export function storedKey(): string | undefined {
  return sessionStorage.getItem(STORED_KEY) ?? undefined
}

export function storeKey(key: string): void {
  sessionStorage.setItem(STORED_KEY, key)
}

export function forgetKey(): void {
  sessionStorage.removeItem(STORED_KEY)
}

export interface Sent {
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly accept?: string
  readonly signal?: AbortSignal
}

/** Talks to the server with one key. All its requests throw ProblemError where the server refuses. */
export interface Api {
  readonly key: string | undefined
  /** JSON of any route. */
  read<T>(path: string, sent?: Sent): Promise<T>
  /** JSON of a route that runs a query, in turn. */
  ask<T>(path: string, sent?: Sent): Promise<T>
  /** Does what runs a query; few at a time, since the server runs two at once and refuses what piles up. */
  inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** The answer itself, when it is a 2xx. */
  open(path: string, sent?: Sent): Promise<Response>
}

/** A report with a comparison is two queries, and one given up may still run: so many stay within what the server lets wait. */
const ASKED_AT_ONCE = 2

/** `onRefused` when the key is not, or no longer, good. */
export function createApi(key: string | undefined, onRefused: () => void): Api {
  const inTurn = createTurns(ASKED_AT_ONCE)
  const api: Api = {
    key,
    async read(path, sent) {
      return (await api.open(path, sent)).json()
    },
    inTurn,
    ask: (path, sent) => inTurn(() => api.read(path, sent), sent?.signal),
    async open(path, sent = {}) {
      const response = await fetch(path, requestOf(key, sent))
      if (response.ok) return response
      if (key !== undefined && response.status === 401) onRefused()
      throw new ProblemError(await problemOf(response))
    },
  }
  return api
}

function requestOf(key: string | undefined, { method, body, accept, signal }: Sent): RequestInit {
  return {
    headers: {
      ...(key ? { 'x-api-key': key } : {}),
      ...(accept ? { accept } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(method ? { method } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }
}

/** Runs at most so many at once, the rest in the order in which they came; who gives up waiting leaves the line. */
function createTurns(limit: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      signal?.throwIfAborted()
      return await work()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether trying again soon may help: the server is busy, or a part of it is coming back. */
export function isPassing(error: unknown): boolean {
  return error instanceof ProblemError && [429, 502, 503].includes(error.problem.status)
}

/** Whether the server has no such route: one home of the product offers less than another. Never so of a single thing's page. */
export function isNotOffered(error: unknown): boolean {
  return error instanceof ProblemError && [404, 501].includes(error.problem.status)
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text()
  try {
    return JSON.parse(text) as Problem
  } catch {
    return { title: `The server answered ${response.status}`, status: response.status }
  }
}
