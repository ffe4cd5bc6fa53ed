/** What a call of the SDK failed with. `passing`: the same call may succeed later; it may also have succeeded already. */
export interface Failure {
  readonly name: string
  readonly status: number | undefined
  readonly message: string
  readonly passing: boolean
}

const THROTTLES =
  /Throttl|ProvisionedThroughputExceeded|LimitExceeded|TooManyRequests|SlowDown|RequestLimit/
/** Names under which the SDK and Node report a call without an answer. */
const NO_ANSWER =
  /Timeout|TimeoutError|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|socket hang up|NetworkingError/

/** Reads an error of any AWS client: throttled, 5xx and unanswered calls are passing, all else stands. */
export function failureOf(error: unknown): Failure {
  const facts = error as {
    name?: string
    code?: string
    message?: string
    $metadata?: { httpStatusCode?: number }
  }
  const name = facts.name ?? 'Error'
  const status = facts.$metadata?.httpStatusCode
  const message = `${name}: ${facts.message ?? String(error)}`
  const unanswered = NO_ANSWER.test(`${name} ${facts.code ?? ''} ${facts.message ?? ''}`)
  const passing = THROTTLES.test(name) || (status ?? 0) >= 500 || unanswered
  return { name, status, message, passing }
}
