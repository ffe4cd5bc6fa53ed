import { setTimeout as sleep } from 'node:timers/promises'

/** What became of the events of one request. */
export interface Posted {
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Sent more than once without knowing what became of it before. */
  readonly again: boolean
}

/**
 * Sends a batch until the server takes it: after a 429 or 503 it waits as long as the server asks, after a broken
 * connection a second. Undefined when `isWanted` says that nobody waits for it any more. Throws a plain Error on an
 * answer that no retry mends, and when the server was away for `patience_ms`.
 */
export async function postEvents(options: {
  url: string
  key: string
  events: readonly object[]
  patience_ms: number
  isWanted(): boolean
}): Promise<Posted | undefined> {
  const { url, key, events, patience_ms, isWanted } = options
  const began = performance.now()
  const body = JSON.stringify(events)
  let again = false
  while (isWanted()) {
    const answer = await tryOnce(url, key, body)
    if (answer.posted) return { ...answer.posted, again }
    if (answer.status !== undefined && answer.status !== 429 && answer.status !== 503)
      throw new Error(`the server answered ${answer.status}: ${answer.text}`)
    if (performance.now() - began > patience_ms)
      throw new Error(`${url} does not answer: ${answer.text}`)
    again ||= answer.status !== 429
    await sleep(answer.wait_ms)
  }
  return undefined
}

interface Attempt {
  readonly posted?: Omit<Posted, 'again'>
  /** Absent without an answer. */
  readonly status?: number
  readonly text: string
  readonly wait_ms: number
}

async function tryOnce(url: string, key: string, body: string): Promise<Attempt> {
  try {
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body,
    })
    const text = await response.text()
    const { status } = response
    // 422 says that all of them were refused: they are dead letters now.
    if (response.ok || status === 422) return { posted: JSON.parse(text), status, text, wait_ms: 0 }
    return { status, text, wait_ms: Number(response.headers.get('retry-after') ?? 1) * 1000 }
  } catch (error) {
    // A server that is being started again; what else fetch throws is told once patience ends.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { text: String(cause), wait_ms: 1000 }
  }
}
