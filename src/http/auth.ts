import { DEV_KEYS } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Key, Keys, Scope } from '../ports.ts'
import type { Call } from './call.ts'

/** A key's text is never longer; what is longer is not hashed. */
const LONGEST_KEY = 200

/**
 * The key of a request, which has the scope. Looked for in x-api-key, Authorization (Bearer, or the user name of Basic, as
 * Segment's libraries send it) and, for keys that may only write, `?key=`, because beacons cannot set headers.
 * Throws key_missing, key_unknown or scope_missing.
 */
export function identify(call: Call, keys: Keys, scope: Scope, mode: 'dev' | 'start'): Key {
  const fromHeader = headerKey((name) => call.header(name))
  const text = fromHeader ?? call.query().get('key')
  if (!text) throw new ShoplakeError('key_missing', 'send a key in x-api-key or as a Bearer token')
  const key = text.length <= LONGEST_KEY ? keys.find(text) : undefined
  if (!key) throw new ShoplakeError('key_unknown', unknownDetail(text, mode))
  if (fromHeader === undefined && !isWriteOnly(key)) {
    throw new ShoplakeError(
      'scope_missing',
      'a key in the URL may be one that can only write; send this one in x-api-key',
    )
  }
  if (hasScope(key, scope)) return key
  throw new ShoplakeError(
    'scope_missing',
    `key "${key.name}" may ${key.scopes.join(', ') || 'do nothing'}; this needs ${scope}`,
  )
}

function unknownDetail(text: string, mode: 'dev' | 'start'): string {
  if (mode === 'dev' || !Object.values<string>(DEV_KEYS).includes(text))
    return 'no key has this text, or it was revoked'
  return `${text} works under "shoplake dev" only; make a key of your own: shoplake keys create NAME`
}

function hasScope(key: Key, scope: Scope): boolean {
  return key.scopes.includes(scope) || key.scopes.includes('admin')
}

function isWriteOnly(key: Key): boolean {
  return key.scopes.length === 1 && key.scopes[0] === 'write'
}

/** The text of the key in a request's headers; undefined where there is none. `header` reads one by its lower-case name. */
export function headerKey(header: (name: string) => string | undefined): string | undefined {
  return header('x-api-key') ?? authorizationKey(header('authorization'))
}

function authorizationKey(header: string | undefined): string | undefined {
  if (!header) return undefined
  const [scheme = '', value = ''] = header.split(' ', 2)
  if (/^bearer$/i.test(scheme)) return value || undefined
  if (!/^basic$/i.test(scheme)) return undefined
  const [user] = Buffer.from(value, 'base64').toString('utf8').split(':', 1)
  return user || undefined
}
