import { statSync } from 'node:fs'
import path from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import type { LedgerCounts, LedgerDelta, Positions } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import type { LakeFile } from './lake-files.ts'
import { addCounts, createTally, keptMinute } from './lake-ledger.ts'
import { DURABLE, writeBatch } from './lmdb-environment.ts'
import { refuseHeadless } from './lmdb-head.ts'
import { type LmdbMutex, mutexOf } from './lmdb-mutex.ts'

/** What the lake knows about itself: file list, checkpoints, ledger, refused rows and tombstones, in one LMDB environment. */
export interface LakeMeta {
  /** Per type, the last sequence of every bucket whose rows are in Parquet. Every type has an entry. */
  checkpoints(): Map<EventType, Positions>
  /** Ledger rows of minutes in [from, to), minutes since 1970. Old ones stand under the first minute of their hour or day. */
  ledger(from: number, to: number): LedgerDelta[]
  /** Ledger and checkpoints of one moment: no commit lies between them. */
  snapshot(from: number, to: number): LakeSnapshot
  files(): LakeFile[]
  /** Changes of the file list so far. */
  generation(): number
  /** Columns text by key, of all files ever listed. */
  schemas(): Map<string, string>
  /** Refused rows, newest first, after (older than) an id; what stands beside the environment is read by lake-refused.ts. */
  refused(options?: { limit?: number; after?: string }): RefusedEntry[]
  /** By number, the lowest first. */
  tombstones(): StoredTombstone[]
  /** All of it or nothing, durable when it resolves. Calls must not overlap. Rejects with LMDB's error. */
  commit(change: LakeMetaChange): Promise<void>
  /** Moves old minutes of the ledger to hours, and hours to days. Sums stay. */
  rollUp(now: number): Promise<void>
  /** Of a reader that was opened before the writer had made the environment: opens it once it is there. */
  follow(): Promise<void>
  close(): Promise<void>
}

export interface LakeSnapshot {
  readonly ledger: LedgerDelta[]
  readonly checkpoints: Map<EventType, Positions>
}

export interface LakeMetaChange {
  readonly add?: readonly LakeFile[]
  /** Paths. */
  readonly remove?: readonly string[]
  readonly checkpoints?: ReadonlyMap<EventType, Positions>
  readonly ledger?: readonly LedgerDelta[]
  readonly refused?: readonly RefusedEntry[]
  readonly tombstone?: StoredTombstone
  readonly schema?: { readonly key: string; readonly text: string }
}

/** A refused row without what it holds: nothing here names a person. */
export interface RefusedEntry {
  /** Sorts by time. */
  readonly id: string
  readonly event_type: EventType
  readonly source: string
  readonly received_at: number
  readonly bucket: number
  readonly sequence: number
  /** SHA-256 of the line, hex. */
  readonly digest: string
}

export interface StoredTombstone {
  /** From 1, in order of arrival. */
  readonly number: number
  readonly erased_id: string
  /** Milliseconds since 1970. */
  readonly requested_at: number
  /** Keyed hashes of the customer's and the browsers' ids, hex. */
  readonly id_hashes: readonly string[]
}

export interface LakeMetaOptions {
  readonly directory: string
  /** For other processes; the environment need not exist yet, then all is empty. */
  readonly readOnly?: boolean
  readonly buckets?: number
}

type LedgerKey = [minute: number, source: string, type: string]

interface Databases {
  readonly root: RootDatabase
  readonly mutex: LmdbMutex
  readonly files: Database<LakeFile, string>
  readonly state: Database<unknown, string>
  readonly ledger: Database<Partial<LedgerCounts>, LedgerKey>
  readonly refused: Database<RefusedEntry, string>
  readonly tombstones: Database<StoredTombstone, number>
}

const DEFAULT_BUCKETS = 16
/** Address space, not disk. */
const MAP_BYTES = 4 * 2 ** 30

/** Opens the environment, to write or as a reader beside another process. Throws LMDB's error when it cannot be opened. */
export function openLakeMeta(options: LakeMetaOptions): LakeMeta {
  const buckets = options.buckets ?? DEFAULT_BUCKETS
  const mutex = mutexOf(path.join(options.directory, 'mutex'))
  let root: RootDatabase | undefined
  let opened: Databases | undefined
  const openIt = () => {
    root ??= openRoot(options.directory, options.readOnly ?? false)
    opened ??= databasesOf(root, mutex)
  }
  /** A reader may come before the writer has made the environment, or between that and its databases. */
  const isThere = () => !options.readOnly || exists(options.directory)
  if (isThere()) mutex.within(openIt)
  const databases = (): Databases | undefined => {
    root?.resetReadTxn()
    return opened
  }
  return {
    checkpoints: () => readCheckpoints(databases(), buckets),
    ledger: (from, to) => readLedger(databases(), from, to),
    snapshot(from, to) {
      // One turn of the event loop reads from one LMDB snapshot, which databases() has just renewed.
      const from_one = databases()
      return {
        ledger: readLedger(from_one, from, to),
        checkpoints: readCheckpoints(from_one, buckets),
      }
    },
    files: () => valuesOf(databases()?.files),
    generation: () => (databases()?.state.get('generation') as number | undefined) ?? 0,
    schemas: () => new Map(Object.entries(schemasOf(databases()))),
    refused: (page = {}) => readRefused(databases(), page),
    tombstones: () => valuesOf(databases()?.tombstones),
    commit: (change) => writeChange(databases()!, change),
    rollUp: (now) => rollUp(databases()!, now),
    async follow() {
      if (!opened && isThere()) await mutex.alone(openIt)
    },
    async close() {
      if (options.readOnly) await mutex.alone(() => void root?.close())
      else await mutex.hold(async () => root?.close())
      root = undefined
      opened = undefined
    },
  }
}

function openRoot(directory: string, readOnly: boolean): RootDatabase {
  refuseHeadless(directory)
  return open(directory, {
    ...DURABLE,
    noSubdir: false,
    maxDbs: 8,
    mapSize: MAP_BYTES,
    readOnly,
  })
}

/** Undefined while one is missing: to a reader, openDB gives undefined for what is not there yet. */
function databasesOf(root: RootDatabase, mutex: LmdbMutex): Databases | undefined {
  const named = {
    files: root.openDB<LakeFile, string>({ name: 'files' }),
    state: root.openDB<unknown, string>({ name: 'state' }),
    ledger: root.openDB<Partial<LedgerCounts>, LedgerKey>({ name: 'ledger' }),
    refused: root.openDB<RefusedEntry, string>({ name: 'refused' }),
    tombstones: root.openDB<StoredTombstone, number>({ name: 'tombstones' }),
  }
  const isWhole = Object.values(named).every((database: unknown) => database !== undefined)
  return isWhole ? { root, mutex, ...named } : undefined
}

function exists(directory: string): boolean {
  const size = statSync(path.join(directory, 'data.mdb'), { throwIfNoEntry: false })?.size
  return size !== undefined && size > 0
}

function valuesOf<V, K extends string | number>(database: Database<V, K> | undefined): V[] {
  return database ? [...database.getRange({})].map((entry) => entry.value) : []
}

function schemasOf(from: Databases | undefined): { [key: string]: string } {
  return (from?.state.get('schemas') as { [key: string]: string } | undefined) ?? {}
}

/**
 * A type that has no stored entry came with a newer version: nothing of it can lie before the lowest of the others.
 */
function readCheckpoints(from: Databases | undefined, buckets: number): Map<EventType, Positions> {
  const stored = from?.state.get('checkpoints') as { [T in EventType]?: number[] } | undefined
  const known = Object.values(stored ?? {})
  const lowest = Array.from({ length: buckets }, (_, bucket) =>
    known.length === 0 ? 0 : Math.min(...known.map((positions) => positions[bucket] ?? 0)),
  )
  return new Map(EVENT_TYPES.map((type) => [type, stored?.[type] ?? lowest]))
}

function readLedger(from: Databases | undefined, start: number, end: number): LedgerDelta[] {
  if (!from) return []
  const range = from.ledger.getRange({ start: [start] as never, end: [end] as never })
  return [...range].map(({ key: [minute, source, type], value }) => ({
    source,
    event_type: type as EventType,
    minute,
    counts: value,
  }))
}

function readRefused(
  from: Databases | undefined,
  page: { limit?: number; after?: string },
): RefusedEntry[] {
  if (!from) return []
  const range = from.refused.getRange({
    reverse: true,
    limit: (page.limit ?? 1000) + 1,
    ...(page.after === undefined ? {} : { start: page.after }),
  })
  const entries = [...range].map((entry) => entry.value)
  return entries.filter((entry) => entry.id !== page.after).slice(0, page.limit ?? 1000)
}

async function writeChange(to: Databases, change: LakeMetaChange): Promise<void> {
  const ledger = mergedLedger(to, change.ledger ?? [])
  const checkpoints = change.checkpoints && Object.fromEntries(change.checkpoints)
  const listed = (change.add?.length ?? 0) + (change.remove?.length ?? 0) > 0
  const generation = ((to.state.get('generation') as number | undefined) ?? 0) + 1
  const schemas = change.schema && {
    ...schemasOf(to),
    [change.schema.key]: change.schema.text,
  }
  await writeBatch(to.root, to.mutex, () => {
    for (const name of change.remove ?? []) void to.files.remove(name)
    for (const file of change.add ?? []) void to.files.put(file.path, file)
    if (listed) void to.state.put('generation', generation)
    if (checkpoints) void to.state.put('checkpoints', checkpoints)
    if (schemas) void to.state.put('schemas', schemas)
    for (const [key, counts] of ledger) void to.ledger.put(key, counts)
    for (const entry of change.refused ?? []) void to.refused.put(entry.id, entry)
    if (change.tombstone) void to.tombstones.put(change.tombstone.number, change.tombstone)
  })
}

/** The rows as they are to stand: what is there plus the deltas. Safe outside of the transaction, as there is one writer. */
function mergedLedger(
  to: Databases,
  deltas: readonly LedgerDelta[],
): [LedgerKey, Partial<LedgerCounts>][] {
  const tally = createTally()
  for (const delta of deltas) tally.add(delta)
  return tally.deltas().map((delta) => {
    const key: LedgerKey = [delta.minute, delta.source, delta.event_type]
    const counts = { ...to.ledger.get(key) }
    addCounts(counts, delta.counts)
    return [key, counts]
  })
}

async function rollUp(to: Databases, now: number): Promise<void> {
  const nowMinute = Math.floor(now / 60_000)
  const moved = readLedger(to, 0, nowMinute).filter(
    (row) => keptMinute(row.minute, nowMinute) !== row.minute,
  )
  if (moved.length === 0) return
  const target = mergedLedger(
    to,
    moved.map((row) => ({ ...row, minute: keptMinute(row.minute, nowMinute) })),
  )
  await writeBatch(to.root, to.mutex, () => {
    for (const row of moved) void to.ledger.remove([row.minute, row.source, row.event_type])
    for (const [key, counts] of target) void to.ledger.put(key, counts)
  })
}
