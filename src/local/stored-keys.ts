import { readFileSync } from 'node:fs'
import { DEV_KEYS } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Key, KeyInfo, Scope, SourceKind } from '../ports.ts'

/** A key at rest. */
export interface StoredKey extends KeyInfo {
  /** Of its text, in hex. */
  readonly sha256: string
}

/** What a key can be of, and what it can open. */
export const KEY_KINDS: readonly SourceKind[] = ['browser', 'server', 'webhook', 'import']
export const KEY_SCOPES: readonly Scope[] = ['write', 'read', 'admin']
/** Sources that the product itself writes under. */
const RESERVED: readonly string[] = [...Object.values(DEV_KEYS), 'operator']

/** What is wrong with a key's traits, one sentence with what to write instead; undefined when they fit. */
export function keyProblem(key: Key): string | undefined {
  if (typeof key.name !== 'string' || !/^[a-z0-9][a-z0-9_-]{0,49}$/.test(key.name)) {
    return 'a key name has 1 to 50 of a to z, 0 to 9, - and _'
  }
  if (RESERVED.includes(key.name)) return `"${key.name}" is kept for shoplake itself`
  if (!KEY_KINDS.includes(key.kind)) return `kind must be one of ${KEY_KINDS.join(', ')}`
  return scopesProblem(key) ?? originsProblem(key) ?? rateProblem(key)
}

function scopesProblem({ kind, scopes }: Key): string | undefined {
  const known = Array.isArray(scopes) && scopes.every((scope) => KEY_SCOPES.includes(scope))
  if (!known || scopes.length === 0) return `scopes must be some of ${KEY_SCOPES.join(', ')}`
  const writesOnly = scopes.every((scope) => scope === 'write')
  if (kind === 'browser' && !writesOnly) {
    return 'a browser key is public, so its only scope can be write'
  }
  return undefined
}

/** Whether it names the pages of an origin, or with `*` all pages. */
export function isOrigin(origin: unknown): boolean {
  return typeof origin === 'string' && (origin === '*' || /^https?:\/\/[^/\s]+$/.test(origin))
}

function originsProblem({ kind, origins }: Key): string | undefined {
  if (!Array.isArray(origins) || !origins.every(isOrigin)) {
    return 'origins must look like https://shop.example, without a path, or be *'
  }
  if (kind !== 'browser' && origins.length > 0) return 'only a browser key has origins'
  return undefined
}

function rateProblem({ rate, burst }: Key): string | undefined {
  const fits = (value: unknown) =>
    value === undefined || (Number.isInteger(value) && Number(value) >= 1)
  if (fits(rate) && fits(burst)) return undefined
  return 'rate and burst must be whole numbers of events from 1'
}

/** Keys of the file in the order of their making; none when there is no file. Throws config_invalid. */
export function readStoredKeys(file: string): readonly StoredKey[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const keys = parseKeys(file, text)
  for (const key of keys) {
    const problem = /^[0-9a-f]{64}$/.test(key.sha256) ? keyProblem(key) : 'sha256 is not one'
    if (problem) throw new ShoplakeError('config_invalid', `${file}: key "${key.name}": ${problem}`)
  }
  return keys
}

function parseKeys(file: string, text: string): StoredKey[] {
  try {
    const value = JSON.parse(text) as { keys?: unknown }
    if (Array.isArray(value.keys) && value.keys.every(isObject)) return value.keys as StoredKey[]
  } catch (cause) {
    throw new ShoplakeError('config_invalid', `${file} is not JSON`, { cause })
  }
  throw new ShoplakeError('config_invalid', `${file} must hold {"keys": […]}`)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
