import type { RouteSpec } from '../derive/openapi.ts'
import { ShoplakeError } from '../errors.ts'
import type { Key } from '../ports.ts'
import { identify } from './auth.ts'
import { type Answer, type Call, type Handler, NOBODY } from './call.ts'
import type { AppDeps } from './deps.ts'
import { createLogLimit } from './log-limit.ts'
import { createHostCheck, originHeaders, readableBy } from './origin.ts'
import { problemAnswer } from './problem.ts'
import { type RateLimit, RateRefusal } from './rate.ts'

type Headers = { readonly [name: string]: string }

/** From a call to a complete answer; it never rejects. */
export type Serve = (call: Call) => Promise<Answer>

/**
 * What every route has around it: host, key, scope, origin and rate are checked before the handler runs, whatever it
 * throws becomes a problem answer, and each answer is counted. Payloads never reach the log.
 */
export function createGuard(
  deps: AppDeps,
  rate: RateLimit,
): (route: RouteSpec, handler: Handler) => Serve {
  const limit = createLogLimit(deps.now)
  const checkHost = createHostCheck(deps.mode, deps.config.allowed_hosts)

  const admit = (call: Call, route: RouteSpec): { key: Key; headers: Headers } => {
    const host = call.header('host') ?? ''
    checkHost(host)
    if (route.scope === 'none') {
      return { key: NOBODY, headers: readableBy(call.header('origin')) }
    }
    // Open to this machine's programs, not to any page that its browser shows.
    if (route.open_in_dev && deps.mode === 'dev') return { key: NOBODY, headers: {} }
    if (deps.shutdown.aborted) throw new ShoplakeError('shutting_down', 'the server is stopping')
    const key = identify(call, deps.keys, route.scope, deps.mode)
    const headers = originHeaders(call, key, host)
    try {
      return { key, headers: { ...headers, ...rate.take(key) } }
    } catch (error) {
      if (error instanceof RateRefusal) throw new Refusal(error, { ...headers, ...error.headers })
      throw error
    }
  }

  const answerOf = async (call: Call, route: RouteSpec, handler: Handler): Promise<Answer> => {
    let headers: Headers | undefined
    try {
      const admitted = admit(call, route)
      headers = admitted.headers
      const answer = await handler(call, admitted.key)
      return { ...answer, headers: { ...standing(call, deps), ...headers, ...answer.headers } }
    } catch (thrown) {
      const error = thrown instanceof Refusal ? thrown.cause : thrown
      const seen =
        thrown instanceof Refusal ? thrown.headers : (headers ?? strangerHeaders(call, error))
      const answer = problemAnswer(error, call.request_id)
      deps.metrics.add('shoplake_refused_total', 1, { code: answer.code })
      const left_out = limit(answer.code)
      if (left_out !== undefined) logProblem(deps, call, route, answer, error, left_out)
      return { ...answer, headers: { ...standing(call, deps), ...seen, ...answer.headers } }
    }
  }

  return (route, handler) => async (call) => {
    const began = performance.now()
    const answer = await answerOf(call, route, handler)
    const labels = { route: route.path, status: String(answer.status) }
    deps.metrics.add('shoplake_requests_total', 1, labels)
    const seconds = (performance.now() - began) / 1000
    deps.metrics.observe('shoplake_request_seconds', seconds, { route: route.path })
    return answer
  }
}

/** A refusal that knows headers of its own. */
class Refusal extends Error {
  readonly headers: Headers
  override readonly cause: unknown

  constructor(cause: unknown, headers: Headers) {
    super('refused')
    this.cause = cause
    this.headers = headers
  }
}

/** Headers of every answer. */
function standing(call: Call, deps: AppDeps): Headers {
  const headers = {
    'x-request-id': call.request_id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  return deps.shutdown.aborted ? { ...headers, connection: 'close' } : headers
}

/** A page whose key failed may read why; one whose origin or host failed may not. */
function strangerHeaders(call: Call, error: unknown): Headers {
  const code = error instanceof ShoplakeError ? error.code : 'internal'
  if (code === 'origin_refused' || code === 'host_refused') return {}
  return readableBy(call.header('origin'))
}

function logProblem(
  deps: AppDeps,
  call: Call,
  route: RouteSpec,
  answer: Answer & { code: string },
  error: unknown,
  left_out: number,
): void {
  const fields = {
    request_id: call.request_id,
    route: route.path,
    method: call.method,
    status: answer.status,
    code: answer.code,
    ...(left_out > 0 && { left_out }),
  }
  // Details and causes of a client's mistake can quote its payload; those of our own faults are what one needs to see.
  if (answer.status === 429 || answer.status === 503) {
    // A bound that was kept, or a part that is away for a moment: nothing broke, and no stack says more than the code.
    const why = error instanceof ShoplakeError ? error.message : undefined
    deps.log.warn({ ...fields, why }, 'request put off')
  } else if (answer.status >= 500) deps.log.error({ ...fields, err: error }, 'request failed')
  else deps.log.info(fields, 'request refused')
}
