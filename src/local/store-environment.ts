import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { ShoplakeError } from '../errors.ts'
import type { StoreTable } from '../ports.ts'
import { DURABLE, writeBatch } from './lmdb-environment.ts'
import { refuseHeadless } from './lmdb-head.ts'
import { type LmdbMutex, mutexOf } from './lmdb-mutex.ts'

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
  /** Of its file: a copy is no larger. */
  bytes(): number
  /** Writes a compact copy of the environment into a directory that does not exist yet. Rejects with store_unavailable or disk_full; part of the copy may be there. */
  copyTo(directory: string): Promise<void>
  close(): Promise<void>
}

const STORE_TABLES: readonly StoreTable[] = [
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
export async function openStoreEnvironment(
  directory: string,
  readOnly: boolean,
): Promise<StoreEnvironment> {
  if (!readOnly) mkdirSync(directory, { recursive: true })
  refuseHeadless(directory)
  const mutex = mutexOf(path.join(path.dirname(directory), 'mutex'))
  return mutex.alone(() => openWithin(mutex, directory, readOnly))
}

function openWithin(mutex: LmdbMutex, directory: string, readOnly: boolean): StoreEnvironment {
  const root = open<Buffer, Buffer>(directory, {
    ...DURABLE,
    keyEncoding: 'binary',
    encoding: 'binary',
    compression: false,
    mapSize: MAP_BYTES,
    maxDbs: STORE_TABLES.length + 2,
    readOnly,
  })
  const openOne = (name: string): StoreDatabase =>
    root.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary', cache: false })
  const tables = new Map(STORE_TABLES.map((name) => [name, openOne(name)]))
  return {
    directory,
    table: (name) => tables.get(name)!,
    ledger: openOne('ledger'),
    meta: openOne('meta'),
    write: (puts) => writeAll(root, mutex, puts),
    refresh: () => root.resetReadTxn(),
    bytes: () => statSync(path.join(directory, 'data.mdb')).size,
    copyTo: (target) => copyAll(root, target),
    // A reader's ends in this turn; its process may hold the stream's mutex, for which the writer of this one may wait.
    close: () => (readOnly ? mutex.alone(() => void root.close()) : mutex.hold(() => root.close())),
  }
}

async function writeAll(
  root: RootDatabase<Buffer, Buffer>,
  mutex: LmdbMutex,
  puts: () => void,
): Promise<void> {
  try {
    await writeBatch(root, mutex, puts)
  } catch (error) {
    throw failureOf(error)
  }
}

async function copyAll(root: RootDatabase<Buffer, Buffer>, target: string): Promise<void> {
  try {
    mkdirSync(target, { recursive: true })
    await root.backup(target, true)
  } catch (error) {
    throw failureOf(error)
  }
}

function failureOf(cause: unknown): ShoplakeError {
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

/** Keys of `meta`: positions as JSON. */
export const CHECKPOINT = keyOf('checkpoint')
export const REDO = keyOf('redo')
