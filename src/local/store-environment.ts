import { mkdirSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { ShoplakeError } from '../errors.ts'
import type { StoreTable } from '../ports.ts'

export type StoreDatabase = Database<Buffer, Buffer>

/** One LMDB environment of the store: a database per table, one for the ledger, one for the checkpoint. */
export interface StoreEnvironment {
  readonly directory: string
  table(name: StoreTable): StoreDatabase
  readonly ledger: StoreDatabase
  readonly meta: StoreDatabase
  /** Everything that `puts` writes, in any database, is one transaction, durable when this resolves. Rejects with store_unavailable or disk_full: nothing was written, and the environment must be opened again. */
  write(puts: () => void): Promise<void>
  /** Lets go of the last snapshot: what follows in this turn sees every commit made before. */
  refresh(): void
  /** Writes a compact copy of the environment into a directory that does not exist yet. */
  copyTo(directory: string): Promise<void>
  close(): Promise<void>
}

export const STORE_TABLES: readonly StoreTable[] = [
  'orders',
  'order_index',
  'customers',
  'products',
  'stock',
  'sessions',
  'live_minutes',
  'dead_letters',
  'identities',
  'tombstones',
  'seen',
]

/** Address space, not disk. */
const MAP_BYTES = 64 * 2 ** 30

/** Opens or makes the environment in a directory. Throws LMDB's error where its files cannot be opened. */
export function openStoreEnvironment(directory: string, readOnly: boolean): StoreEnvironment {
  if (!readOnly) mkdirSync(directory, { recursive: true })
  const root = open<Buffer, Buffer>(directory, {
    keyEncoding: 'binary',
    encoding: 'binary',
    cache: false,
    compression: false,
    mapSize: MAP_BYTES,
    maxDbs: STORE_TABLES.length + 2,
    readOnly,
    // A commit is on disk before it is visible and `put` resolves: a checkpoint that was told of is never lost.
    overlappingSync: false,
  })
  const openOne = (name: string): StoreDatabase =>
    root.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary', cache: false })
  const tables = new Map(STORE_TABLES.map((name) => [name, openOne(name)]))
  return {
    directory,
    table: (name) => tables.get(name)!,
    ledger: openOne('ledger'),
    meta: openOne('meta'),
    write: (puts) => writeAll(root, puts),
    refresh: () => root.resetReadTxn(),
    copyTo: (target) => {
      mkdirSync(target, { recursive: true })
      return root.backup(target, true)
    },
    close: () => root.close(),
  }
}

async function writeAll(root: RootDatabase<Buffer, Buffer>, puts: () => void): Promise<void> {
  try {
    await root.batch(puts)
  } catch (error) {
    throw await failureOf(error as { commitError?: Promise<unknown> })
  }
}

/** lmdb-js rejects with a plain message and hands the engine's error over as a promise that rejects. */
async function failureOf(error: { commitError?: Promise<unknown> }): Promise<ShoplakeError> {
  const cause = await Promise.resolve(error.commitError).then(
    () => error,
    (reason: unknown) => reason ?? error,
  )
  const message = cause instanceof Error ? cause.message : String(cause)
  const full = /no space|ENOSPC|quota|MDB_MAP_FULL/i.test(message)
  return new ShoplakeError(full ? 'disk_full' : 'store_unavailable', message, { cause })
}

const KEY_BYTES = 1978

/** Keys are UTF-8: any text is one, and order is by code point. Throws internal where it is longer than LMDB takes. */
export function keyOf(text: string): Buffer {
  const key = Buffer.from(text)
  if (key.length <= KEY_BYTES) return key
  throw new ShoplakeError('internal', `a key of ${key.length} bytes is longer than ${KEY_BYTES}`)
}
