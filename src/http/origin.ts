import { ShoplakeError } from '../errors.ts'
import type { Key } from '../ports.ts'
import type { Answer, Call } from './call.ts'

const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Whether a Host header is answered. `dev` answers this machine's names alone: a foreign page that points its own name
 * at 127.0.0.1 would otherwise be taken for ours (DNS rebinding). With `allowedHosts` those are answered too: commands and probes
 * of this machine ask by them. Throws host_refused.
 */
export function createHostCheck(
  mode: 'dev' | 'start',
  allowedHosts: string,
): (host: string) => void {
  const listed = allowedHosts
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '')
  if (mode !== 'dev' && listed.length === 0) return () => {}
  const allowed = new Set(mode === 'dev' ? LOCAL_HOSTS : [...LOCAL_HOSTS, ...listed])
  return (header) => {
    const host = header.toLowerCase()
    if (allowed.has(host) || allowed.has(host.replace(/:\d+$/, ''))) return
    throw new ShoplakeError(
      'host_refused',
      mode === 'dev'
        ? 'dev answers 127.0.0.1 and localhost only; use "shoplake start" to serve others'
        : 'the Host header is not among allowed_hosts',
    )
  }
}

/**
 * Headers that let the asking page read the answer, empty without an Origin. A page of this server's own needs none.
 * Throws origin_refused where the key does not allow the page's origin.
 */
export function originHeaders(call: Call, key: Key, host: string): { [name: string]: string } {
  const origin = call.header('origin')
  if (origin === undefined || isSameHost(origin, host)) return {}
  if (!key.origins.includes('*') && !key.origins.includes(origin))
    throw new ShoplakeError('origin_refused', whyNotFor(origin.slice(0, 200), key))
  return readableBy(origin)
}

/** The key's own origins stay unsaid: whoever asks may be a stranger. */
function whyNotFor(origin: string, { name, kind, origins }: Key): string {
  if (origins.length > 0) return `key "${name}" does not list the origin ${origin}`
  return kind === 'browser'
    ? `key "${name}" lists no origin; make one with --origin ${origin}`
    : `key "${name}" is a ${kind}'s and not for pages; make one of kind browser`
}

/** Headers that let a page of this origin read an answer. */
export function readableBy(origin: string | undefined): { [name: string]: string } {
  if (origin === undefined) return {}
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id, ratelimit, ratelimit-policy, retry-after',
    vary: 'origin',
  }
}

function isSameHost(origin: string, host: string): boolean {
  return origin.replace(/^https?:\/\//, '').toLowerCase() === host.toLowerCase()
}

/**
 * The answer to OPTIONS. A preflight carries no key, so every origin may ask; whether it may have the answer is decided
 * by the key of the request that follows. Source: Fetch standard, CORS-preflight.
 */
export function preflightAnswer(call: Call, methods: readonly string[]): Answer {
  const allowed = methods.map((method) => method.toUpperCase()).join(', ')
  if (call.header('access-control-request-method') === undefined) {
    return { status: 204, headers: { allow: `${allowed}, OPTIONS` }, body: null }
  }
  return {
    status: 204,
    headers: {
      'access-control-allow-origin': call.header('origin') ?? '*',
      'access-control-allow-methods': allowed,
      'access-control-allow-headers':
        'content-type, content-encoding, x-api-key, authorization, accept, last-event-id',
      'access-control-max-age': '7200',
      vary: 'origin, access-control-request-method, access-control-request-headers',
    },
    body: null,
  }
}
