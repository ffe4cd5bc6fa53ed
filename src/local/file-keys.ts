import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEV_KEYS } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Key, KeyBook, KeyInfo } from '../ports.ts'
import { keyProblem, readStoredKeys, type StoredKey } from './stored-keys.ts'
import { syncPath } from './sync-path.ts'

/** How long a change by another process may go unseen. */
const STALE_MS = 1000
/** A lock older than this was left by a process that died. */
const LOCK_STALE_MS = 10_000
const LOCK_TRIES = 200

const { browser, server } = DEV_KEYS
const DEV_ENTRIES: readonly (readonly [text: string, key: Key])[] = [
  [browser, { name: browser, kind: 'browser', scopes: ['write'], origins: ['*'] }],
  [server, { name: server, kind: 'server', scopes: ['write', 'read', 'admin'], origins: [] }],
]

export interface FileKeysOptions {
  readonly file: string
  /** `dev` knows pk_dev and sk_dev, which everybody knows. */
  readonly mode: 'dev' | 'start'
  /** Text of an admin key that lives as long as this process, for the commands of this machine's owner. */
  readonly operator_key?: string
  /** Told when the file has become unreadable; the keys read before stay in force. */
  onProblem?(error: ShoplakeError): void
  readonly now?: () => number
}

interface Entry {
  readonly hash: Buffer
  readonly key: Key
}

/**
 * API keys in a JSON file (mode 0600, replaced atomically), stored as SHA-256 of their text: the text holds 192 random
 * bits, so no slow hash is needed. Looked up by hash and compared in constant time. A change by another process counts
 * within a second. A missing file is an empty one. Throws config_invalid (not retryable) when the file cannot be understood.
 */
export function openFileKeys(options: FileKeysOptions): KeyBook {
  const { file, now = Date.now } = options
  const fixed = fixedEntries(options)
  // Taken before the file is read: what replaces it in between is then seen as a change.
  let print = fingerprint(file)
  let stored = readStoredKeys(file)
  let entries = entriesOf(fixed, stored)
  let checkedAt = now()

  const reload = () => {
    checkedAt = now()
    const current = fingerprint(file)
    if (current === print) return
    try {
      stored = readStoredKeys(file)
      entries = entriesOf(fixed, stored)
    } catch (error) {
      if (!(error instanceof ShoplakeError)) throw error
      options.onProblem?.(error)
    }
    // Not where the file could not be read (EMFILE, EIO): it is read again, or a revoked key would stay in force.
    print = current
  }

  const change = <T>(edit: (keys: StoredKey[]) => { keys: StoredKey[]; result: T }): Promise<T> =>
    locked(file, now, async () => {
      const { keys, result } = edit([...readStoredKeys(file)])
      await replaceFile(file, `${JSON.stringify({ keys }, null, 2)}\n`)
      reload()
      return result
    })

  return {
    find(text) {
      if (Math.abs(now() - checkedAt) >= STALE_MS) reload()
      const hash = hashOf(text)
      const entry = entries.get(hash.toString('hex'))
      return entry && timingSafeEqual(entry.hash, hash) ? entry.key : undefined
    },
    list() {
      reload()
      return stored.map(infoOf)
    },
    create: (key) =>
      change((keys) => {
        const problem = keyProblem(key) ?? takenProblem(key, keys)
        if (problem) throw new ShoplakeError('bad_request', problem)
        const text = `${key.kind === 'browser' ? 'pk' : 'sk'}_${randomBytes(24).toString('base64url')}`
        const added: StoredKey = {
          ...key,
          sha256: hashOf(text).toString('hex'),
          hint: `${text.slice(0, 7)}…`,
          created_at: new Date(now()).toISOString(),
        }
        return { keys: [...keys, added], result: { text, key: infoOf(added) } }
      }),
    revoke: (name) =>
      change((keys) => {
        const kept = keys.filter((key) => key.name !== name)
        return { keys: kept, result: kept.length < keys.length }
      }),
  }
}

function takenProblem(key: Key, keys: readonly StoredKey[]): string | undefined {
  if (!keys.some((other) => other.name === key.name)) return undefined
  return `there is a key "${key.name}" already; revoke it first or take another name`
}

function fixedEntries(options: FileKeysOptions): Entry[] {
  const operator: Key = { name: 'operator', kind: 'server', scopes: ['admin'], origins: [] }
  const fixed = options.mode === 'dev' ? [...DEV_ENTRIES] : []
  if (options.operator_key) fixed.push([options.operator_key, operator])
  return fixed.map(([text, key]) => ({ hash: hashOf(text), key }))
}

function entriesOf(fixed: readonly Entry[], stored: readonly StoredKey[]): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const key of stored) {
    const { name, kind, scopes, origins, rate, burst } = key
    const traits = {
      ...(rate === undefined ? {} : { rate }),
      ...(burst === undefined ? {} : { burst }),
    }
    const hash = Buffer.from(key.sha256, 'hex')
    entries.set(key.sha256, { hash, key: { name, kind, scopes, origins, ...traits } })
  }
  for (const entry of fixed) entries.set(entry.hash.toString('hex'), entry)
  return entries
}

function infoOf(key: StoredKey): KeyInfo {
  const { sha256: _sha256, ...info } = key
  return info
}

function hashOf(text: string): Buffer {
  return digest('sha256', text, 'buffer')
}

/** Changes whenever the file was replaced or written; empty while there is none. */
function fingerprint(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats ? `${stats.ino}:${stats.mtimeMs}:${stats.size}` : ''
}

/** A reader sees the old file or the new one, also after a crash. */
async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  await syncPath(path.dirname(file))
}

/** One writer at a time over all processes, by a file that only one can create. */
async function locked<T>(file: string, now: () => number, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`
  await mkdir(path.dirname(file), { recursive: true })
  await takeLock(lock, now)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock: string, now: () => number): Promise<void> {
  for (let attempt = 0; attempt < LOCK_TRIES; attempt++) {
    try {
      const handle = await open(lock, 'wx', 0o600)
      await handle.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    dropStaleLock(lock, now())
    await sleep(10)
  }
  throw new ShoplakeError('internal', `${lock} is held by another process; remove it if none runs`)
}

function dropStaleLock(lock: string, at: number): void {
  const stats = statSync(lock, { throwIfNoEntry: false })
  if (stats && Math.abs(at - stats.mtimeMs) > LOCK_STALE_MS) rmSync(lock, { force: true })
}
