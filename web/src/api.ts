/** What the server says when it refuses: RFC 9457. */
export interface Problem {
  readonly title: string
  readonly detail?: string
  readonly status: number
  readonly code?: string
}

export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

/** GET /version: what the page needs to know before its first request that wants a key. */
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

/** Reads JSON. Throws ProblemError with the server's own words. */
export async function read<T>(
  path: string,
  key: string | undefined,
  signal?: AbortSignal,
): Promise<T> {
  const response = await open(path, key, signal)
  return (await response.json()) as T
}

/** The answer of a GET, when it is a 2xx. */
export async function open(
  path: string,
  key: string | undefined,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = key ? { 'x-api-key': key } : {}
  const response = await fetch(path, { headers, ...(signal ? { signal } : {}) })
  if (response.ok) return response
  throw new ProblemError(await problemOf(response))
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text()
  try {
    return JSON.parse(text) as Problem
  } catch {
    return { title: `The server answered ${response.status}`, status: response.status }
  }
}
