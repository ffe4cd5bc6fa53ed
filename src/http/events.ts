import { ShoplakeError } from '../errors.ts'
import type { CollectAnswer } from '../pipeline/collect.ts'
import type { Key } from '../ports.ts'
import { type Inflight, mediaType, readBody } from './body.ts'
import { type Answer, type Call, flagParam, type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'
import { clientAddress, networkOf } from './network.ts'
import { problemAnswer } from './problem.ts'
import type { RateLimit } from './rate.ts'

type Format = 'json' | 'ndjson'

/** POST /v1/events: 202 with a verdict per event once what was accepted is durable, 422 when nothing was. */
export function postEvents(deps: AppDeps, rate: RateLimit, inflight: Inflight): Handler {
  return async (call, key) => {
    const stated = statedFormat(call)
    const share = inflight.open()
    try {
      const body = await readBody(call, deps.config.request_max_bytes, share)
      const answer = await deps.door.collect({
        body,
        format: stated ?? sniffFormat(body),
        source: { name: key.name, kind: key.kind },
        received_at: deps.now(),
        request_id: call.request_id,
        ...origins(call, key, deps.config.trusted_proxies),
      })
      return verdictAnswer(call, answer, rate.charge(key, Math.max(0, answer.received - 1)))
    } finally {
      share.close()
    }
  }
}

/** The format that the content type states; undefined where the text itself must tell. Throws unsupported_type. */
function statedFormat(call: Call): Format | undefined {
  const header = call.header('content-type')
  const type = mediaType(header)
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(header ?? '')?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new ShoplakeError(
      'unsupported_type',
      `charset ${charset.slice(0, 40)} is not taken; send UTF-8`,
    )
  }
  if (type === 'application/json') return 'json'
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson'
  if (type === 'text/plain' || type === undefined) return undefined
  throw new ShoplakeError(
    'unsupported_type',
    `content-type ${type.slice(0, 80)} is not taken; send application/json, application/x-ndjson or text/plain`,
  )
}

/** NDJSON when a line ends an object and the next begins one: within one JSON text a comma stands between them. */
export function sniffFormat(body: Uint8Array): Format {
  const first = nextText(body, 0, 1)
  const end = body.indexOf(LINE_FEED, first)
  if (end === -1) return 'json'
  const closes = body[nextText(body, end, -1)] === CLOSING_BRACE
  return closes && body[nextText(body, end, 1)] === OPENING_BRACE ? 'ndjson' : 'json'
}

const LINE_FEED = 10
const OPENING_BRACE = 123
const CLOSING_BRACE = 125

/** Index of the nearest byte that is not white space, going forwards or backwards. */
function nextText(body: Uint8Array, from: number, step: 1 | -1): number {
  let index = from
  while (index >= 0 && index < body.length && body[index]! <= 32) index += step
  return index
}

/** Where the events come from beyond the key. Of a server or webhook these would be the shop's own, not the visitor's. */
function origins(
  call: Call,
  key: Key,
  trustedProxies: number,
): { user_agent?: string; network?: string; page_url?: string } {
  if (key.kind !== 'browser') return {}
  const address = clientAddress(call.header('x-forwarded-for'), call.peer(), trustedProxies)
  const network = networkOf(address)
  const user_agent = call.header('user-agent')?.slice(0, 1000)
  const page_url = call.header('referer')?.slice(0, 2000)
  return {
    ...(network === undefined ? {} : { network }),
    ...(user_agent ? { user_agent } : {}),
    ...(page_url ? { page_url } : {}),
  }
}

function verdictAnswer(
  call: Call,
  answer: CollectAnswer,
  headers: { readonly [name: string]: string },
): Answer {
  const { received, accepted, duplicates, rejected, results } = answer
  const listed = flagParam(call, 'verbose')
    ? results
    : results.filter((result) => result.verdict !== 'accepted')
  const body = { received, accepted, duplicates, rejected, results: listed }
  if (rejected === 0 || rejected < received) return jsonAnswer(202, body, headers)
  const refusal = new ShoplakeError('all_rejected', rejectedDetail(answer))
  const problem = problemAnswer(refusal, call.request_id, body)
  return { ...problem, headers: { ...problem.headers, ...headers } }
}

function rejectedDetail({ received, results }: CollectAnswer): string {
  const first = results[0]
  const reason = [first?.reason, first?.message].filter(Boolean).join(': ')
  return `${received === 1 ? 'the event was' : `all ${received} events were`} rejected${reason ? `; the first: ${reason}` : ''}`
}
