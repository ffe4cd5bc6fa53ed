import path from 'node:path'
import { ShoplakeError } from '../errors.ts'
import type { Positions, Store, StoreDocument, StoreRebuild } from '../ports.ts'
import { encodeChanges, encodedOf, putAll, takeChanges } from './store-changes.ts'
import {
  CHECKPOINT,
  keyOf,
  openStoreEnvironment,
  REDO,
  type StoreDatabase,
  type StoreEnvironment,
} from './store-environment.ts'
import {
  currentGeneration,
  nameCurrent,
  nextGeneration,
  removeGeneration,
} from './store-generation.ts'
import { addToLedger, readLedger, rollLedger } from './store-ledger.ts'
import { openStoreRebuild, type RebuildHands } from './store-rebuild.ts'
import { freeBytesOf } from './stream-bounds.ts'

/** The embedded store: documents as JSON in one LMDB environment that one process writes. */
export interface LmdbStore extends Store {
  /** Of a reader: takes over what the writer has switched to, and lets the bytes of the old go. */
  follow(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the store in a directory, making it where there is none. Everything applied before is there, also after a kill
 * at any moment. `readOnly` needs a store that exists. Throws LMDB's error where its files cannot be opened.
 */
export async function openLmdbStore(options: {
  directory: string
  buckets?: number
  readOnly?: boolean
  /** Free disk that a scrub leaves alone; without it none. */
  disk_reserve_bytes?: number
  /** Default: what the directory's file system says. */
  freeBytes?(): number
}): Promise<LmdbStore> {
  const readOnly = options.readOnly ?? false
  const buckets = options.buckets ?? 16
  const freeBytes = options.freeBytes ?? (() => freeBytesOf(options.directory))
  const place = await createPlace(options.directory, readOnly)
  const { exclusive, current } = place
  return {
    take: takeChanges,
    apply: (positions, changes, ledger, redo = positions) =>
      exclusive(async () => {
        const held = checkpointOf(current(), buckets)
        const heldRedo = positionsOf(current(), REDO) ?? held
        const isNew = isBehind(held, positions)
        if (!isNew && !isBehind(heldRedo, redo)) return 'already'
        const encoded = await encodedOf(changes)
        await place.write((environment) => {
          putAll(environment, encoded)
          if (isNew) addToLedger(environment.ledger, ledger)
          if (isNew) void environment.meta.put(CHECKPOINT, bytesOf(positions))
          void environment.meta.put(REDO, bytesOf(redo))
        })
        return 'applied'
      }),
    change: (changes) =>
      exclusive(async () => {
        const encoded = await encodeChanges(changes)
        if (encoded.length > 0) await place.write((environment) => putAll(environment, encoded))
      }),
    checkpoint: () => checkpointOf(current(), buckets),
    redo: () => positionsOf(current(), REDO) ?? checkpointOf(current(), buckets),
    get: (table, key) => readDocument(current().table(table), key),
    list: (table, range) => listDocuments(current().table(table), range),
    ledger: (from, to) => readLedger(current().ledger, from, to),
    ledgerSnapshot: (from, to) => {
      // Reads of one turn of the event loop share a snapshot.
      current().refresh()
      return {
        checkpoint: checkpointOf(current(), buckets),
        ledger: readLedger(current().ledger, from, to),
      }
    },
    rollLedger: (now) => exclusive(() => rollLedger(current(), now)),
    scrub: () =>
      exclusive(async () => {
        refuseCopy(current().bytes(), freeBytes(), options.disk_reserve_bytes ?? 0)
        await switchToCopy(place, nextGeneration(options.directory))
      }),
    rebuild: (kept) =>
      exclusive(async (): Promise<StoreRebuild> => {
        const next = await openStoreEnvironment(nextGeneration(options.directory), false)
        const hands = {
          get: (table, key) => readDocument(next.table(table), key),
          list: (table, range) => listDocuments(next.table(table), range),
          finish: () => exclusive(() => place.switchTo(next)),
          discard: () => discard(next.directory, next),
        } satisfies RebuildHands
        try {
          return await openStoreRebuild(current(), next, kept, hands)
        } catch (error) {
          await hands.discard()
          throw error
        }
      }),
    follow: () => exclusive(place.follow),
    close: () => exclusive(() => current().close()),
  }
}

/** The environment that is the store at present. */
interface Place {
  current(): StoreEnvironment
  /** One change of the environment at a time: a scrub copies what no write touches meanwhile. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  /** As StoreEnvironment.write, opening the environment again after a failure; reads see the commit when it resolves. */
  write(puts: (environment: StoreEnvironment) => void): Promise<void>
  /** Readers go over in one turn of the event loop; the old environment is closed and deleted behind them. */
  switchTo(next: StoreEnvironment): Promise<void>
  follow(): Promise<void>
}

async function createPlace(directory: string, readOnly: boolean): Promise<Place> {
  let environment = await openStoreEnvironment(currentGeneration(directory, readOnly), readOnly)
  let turn: Promise<unknown> = Promise.resolve()
  let broken = false

  async function reopen(): Promise<void> {
    await environment.close()
    environment = await openStoreEnvironment(environment.directory, readOnly)
    broken = false
  }

  return {
    current: () => environment,
    exclusive(work) {
      const result = turn.then(work)
      turn = result.then(
        () => undefined,
        () => undefined,
      )
      return result
    },
    async write(puts) {
      if (broken) await reopen()
      try {
        await environment.write(() => puts(environment))
      } catch (error) {
        broken = true
        throw error
      }
      environment.refresh()
    },
    async switchTo(next) {
      const old = environment
      nameCurrent(next.directory)
      environment = next
      await old.close()
      removeGeneration(old.directory)
    },
    async follow() {
      const named = currentGeneration(directory, true)
      if (named === environment.directory) return
      const old = environment
      environment = await openStoreEnvironment(named, readOnly)
      await old.close()
    },
  }
}

/** Throws disk_full where a copy, which may be as large as the store, would take of the reserve. */
function refuseCopy(store: number, free: number, reserve: number): void {
  if (free >= store + reserve) return
  const [bytes, left, kept] = [store, free, reserve].map((each) => `${(each / 1e9).toFixed(2)} GB`)
  throw new ShoplakeError(
    'disk_full',
    `to take erased bytes off the disk the store is copied: ${bytes} beside ${kept} in reserve, and ${left} are free: make room`,
  )
}

/** The store goes over to a compact copy of itself; a copy that fails leaves nothing behind, as often as it is tried. */
async function switchToCopy(place: Place, directory: string): Promise<void> {
  let next: StoreEnvironment | undefined
  try {
    await place.current().copyTo(directory)
    next = await openStoreEnvironment(directory, false)
    await place.switchTo(next)
  } catch (error) {
    await discard(directory, next)
    throw error
  }
}

/** Gives up a generation that was being made, unless it has become the store. */
async function discard(generation: string, opened?: StoreEnvironment): Promise<void> {
  if (currentGeneration(path.dirname(generation), true) === generation) return
  await opened?.close()
  removeGeneration(generation)
}

function readDocument(database: StoreDatabase, key: string): StoreDocument | undefined {
  if (key === '') return undefined
  const bytes = keyOf(key)
  // The bytes stand in a buffer that the next read uses again: parsed at once they need not be copied.
  const value = reading(() => database.getBinaryFast(bytes))
  return value && parse(value)
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new ShoplakeError('store_unavailable', 'the store cannot be read', { cause })
  }
}

function listDocuments(
  database: StoreDatabase,
  range: { from?: string; to?: string; limit: number; reverse?: boolean },
): { key: string; document: StoreDocument }[] {
  const low = range.from ? keyOf(range.from) : undefined
  const high = range.to === undefined ? undefined : keyOf(range.to)
  const bounds = range.reverse
    ? {
        ...(high && { start: high, exclusiveStart: true }),
        ...(low && { end: low, inclusiveEnd: true }),
      }
    : { ...(low && { start: low }), ...(high && { end: high }) }
  const reverse = range.reverse ?? false
  const rows = reading(() => [...database.getRange({ ...bounds, reverse, limit: range.limit })])
  return rows.map(({ key, value }) => ({
    key: key.toString('utf8'),
    document: parse(value),
  }))
}

function parse(value: Buffer): StoreDocument {
  return JSON.parse(value.toString('utf8', 0, value.length)) as StoreDocument
}

function checkpointOf(environment: StoreEnvironment, buckets: number): Positions {
  return positionsOf(environment, CHECKPOINT) ?? Array(buckets).fill(0)
}

function bytesOf(positions: Positions): Buffer {
  return Buffer.from(JSON.stringify(positions))
}

function positionsOf(environment: StoreEnvironment, name: Buffer): Positions | undefined {
  const value = environment.meta.get(name)
  return value && (JSON.parse(value.toString('utf8')) as number[])
}

function isBehind(held: Positions, wanted: Positions): boolean {
  return wanted.some((position, bucket) => position > (held[bucket] ?? 0))
}
