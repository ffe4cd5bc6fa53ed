import { rm } from 'node:fs/promises'
import path from 'node:path'
import { createTableSql } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { LedgerDelta, Positions } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { allFiles, type HotRows, type LakeCore, NO_HOT_ROWS, type TypeState } from './lake-core.ts'
import type { LakeFile } from './lake-files.ts'
import { keptAfter, reaches } from './lake-kept.ts'
import { createTally, type LedgerTally } from './lake-ledger.ts'
import type { LakeMetaChange, StoredTombstone } from './lake-meta.ts'
import { writeRefused } from './lake-refused.ts'
import { newRows } from './lake-so-far.ts'
import type { LakeState, TypeRows } from './lake-state.ts'
import { hotTable, typeViewSql } from './lake-views.ts'
import { lakeError, runStatement } from './parquet.ts'

/** What one change of the lake does, gathered before any of it can be seen. */
export interface LakeChange {
  readonly add: LakeFile[]
  readonly remove: LakeFile[]
  /** Files of the list with other facts about them; the views stay. */
  readonly restate: LakeFile[]
  /** Rows inserted into hot tables within the change's transaction. */
  readonly hot: Map<EventType, HotRows>
  /** Types whose hot rows are in `add` now. */
  readonly cleared: Set<EventType>
  /** Counts of rows of commits, booked when all rows of their type are in Parquet. */
  readonly tallies: Map<EventType, LedgerTally>
  /** Counts booked at once. */
  readonly ledger: LedgerDelta[]
  positions: number[]
  tombstone: StoredTombstone | undefined
  /** Whether checkpoints are to be written even if nothing else is. */
  record: boolean
  /** Whether the files added hold exactly the rows of those removed. */
  moved: boolean
  /** Whether replaced files may go as soon as no query reads them, without grace for readers outside. */
  urgent: boolean
}

/** States kept for queries that have begun before later changes. */
const VERSIONS = 64

/** How long replaced files stay for readers that loaded lake.sql, ms. */
const GRACE_MS = 10_000

/**
 * The one way in which the lake changes, within `core.lock`. `build` inserts, encodes and publishes; then views and hot
 * tables are switched within DuckDB's transaction, the books (file list, checkpoints, ledger) are written in one LMDB
 * transaction, and DuckDB commits. If anything before the books fails, nothing has happened. If DuckDB cannot commit
 * after them, or it cannot be told whether they were written, the lake is `broken`: the disk is right, and a new process shows it.
 */
export async function changeLake(
  core: LakeCore,
  build: (change: LakeChange) => Promise<void>,
): Promise<void> {
  if (core.broken) throw core.broken
  const change = emptyChange(core)
  let generation: number | undefined
  let recorded = false
  await runStatement(core.connection, 'BEGIN')
  try {
    generation = core.meta.generation()
    await build(change)
    await core.step('switching')
    await switchTables(core, change)
    const next = stateAfter(core, change)
    core.versions.set(core.version + 1, next)
    const books = booksOf(core, change)
    if (books) {
      await writeRefused(core, books.refusedRows)
      await core.meta.commit(books.change)
      recorded = true
      await core.step('recorded')
    }
    await runStatement(core.connection, 'COMMIT')
    settle(core, change, next, books)
  } catch (error) {
    if (recorded || !standsAt(core, generation)) throw breakLake(core, error)
    await undo(core, change)
    throw lakeError(error)
  }
  await core.step('visible')
}

/**
 * Whether the books can be read and are those of before. A commit that fails at its last page, the one that makes it count, may be on
 * disk all the same, and LMDB then refuses whatever follows.
 */
function standsAt(core: LakeCore, generation: number | undefined): boolean {
  try {
    return core.meta.generation() === generation
  } catch {
    // The lake breaks for the error that came first.
    return false
  }
}

function emptyChange(core: LakeCore): LakeChange {
  return {
    add: [],
    remove: [],
    restate: [],
    hot: new Map(),
    cleared: new Set(),
    tallies: new Map(),
    ledger: [],
    positions: [...core.positions],
    tombstone: undefined,
    record: false,
    moved: false,
    urgent: false,
  }
}

/** New views and emptied hot tables, for the readers that come after the commit. */
async function switchTables(core: LakeCore, change: LakeChange): Promise<void> {
  const changed = new Set([...change.add, ...change.remove].map((file) => file.event_type))
  const removed = new Set(change.remove.map((file) => file.path))
  for (const type of change.cleared) {
    // A new table: deleted rows of an in-memory table keep their memory.
    await runStatement(core.connection, `DROP TABLE ${hotTable(type)}`)
    await runStatement(core.connection, createTableSql(hotTable(type), TABLES[type]))
  }
  for (const type of changed) {
    const kept = [...core.types.get(type)!.files.values()].filter((file) => !removed.has(file.path))
    const added = change.add.filter((file) => file.event_type === type)
    await runStatement(core.connection, typeViewSql(type, [...kept, ...added], core.views))
  }
  await runStatement(
    core.connection,
    `UPDATE internal.lake_version SET version = ${core.version + 1}`,
  )
}

/** What the lake consists of after the change. */
function stateAfter(core: LakeCore, change: LakeChange): LakeState {
  const types = new Map<EventType, TypeRows>()
  for (const [type, state] of core.types) {
    types.set(type, { files: filesAfter(state, change, type), hot: hotAfter(state, change, type) })
  }
  const touched = touchedDays(change)
  const kept = core.models.map((model) => {
    const files = core.state.kept.get(model.name)!
    return [model.name, keptAfter(model, files, touched)] as const
  })
  return { types, kept: new Map(kept), soFar: soFarAfter(core, change, types) }
}

/**
 * Rows kept so far stay right while events only come; not where some are gone, or are others now. Where more is new than they were
 * made from they help nobody any more.
 */
function soFarAfter(
  core: LakeCore,
  change: LakeChange,
  types: LakeState['types'],
): LakeState['soFar'] {
  const gone = change.moved ? [] : change.remove
  const touched = touchedDays({ add: [], remove: gone, hot: new Map() })
  const left = core.models.flatMap((model) => {
    const soFar = core.state.soFar.get(model.name)
    if (!soFar || reaches(model, soFar.from, touched)) return []
    return newRows(model, soFar, types) <= soFar.rows ? [[model.name, soFar] as const] : []
  })
  return new Map(left)
}

function filesAfter(state: TypeState, change: LakeChange, type: EventType): TypeState['files'] {
  const removed = change.remove.filter((file) => file.event_type === type)
  const added = [...change.add, ...change.restate].filter((file) => file.event_type === type)
  if (removed.length + added.length === 0) return state.files
  const files = new Map(state.files)
  for (const file of removed) files.delete(file.path)
  for (const file of added) files.set(file.path, file)
  return files
}

/** Per type, the UTC days of rows that come or go, or come from elsewhere. */
function touchedDays(
  change: Pick<LakeChange, 'add' | 'remove' | 'hot'>,
): Map<EventType, Set<string>> {
  const touched = new Map<EventType, Set<string>>()
  const touch = (type: EventType, day: string) => {
    const days = touched.get(type)
    if (days) days.add(day)
    else touched.set(type, new Set([day]))
  }
  for (const file of [...change.add, ...change.remove]) touch(file.event_type, file.dt)
  for (const [type, { days }] of change.hot) for (const day of days) touch(type, day)
  return touched
}

interface Books {
  readonly change: LakeMetaChange
  /** Types all of whose rows are in Parquet with this change: what was pending for them is booked by it. */
  readonly complete: Map<EventType, Positions>
  readonly refusedRows: TypeState['refused']
}

function booksOf(core: LakeCore, change: LakeChange): Books | undefined {
  const complete = new Map<EventType, Positions>()
  const ledger = [...change.ledger]
  const refusedRows: TypeState['refused'] = []
  for (const [type, state] of core.types) {
    if (hotAfter(state, change, type).rows > 0) continue
    complete.set(type, furthest(state.checkpoint, change.positions))
    ledger.push(...state.tally.deltas(), ...(change.tallies.get(type)?.deltas() ?? []))
    refusedRows.push(...state.refused)
    ledger.push(...state.refused.map(refusedDelta))
  }
  const lists = change.add.length + change.remove.length + change.restate.length
  const needed = lists + ledger.length > 0 || change.record || change.tombstone !== undefined
  if (!needed) return undefined
  const checkpoints = new Map(
    [...core.types].map(([type, state]) => [type, complete.get(type) ?? state.checkpoint] as const),
  )
  return {
    complete,
    refusedRows,
    change: {
      add: [...change.add, ...change.restate],
      remove: change.remove.map((file) => file.path),
      checkpoints,
      ledger,
      refused: refusedRows.map(({ raw: _raw, message: _message, ...entry }) => entry),
      ...(change.tombstone ? { tombstone: change.tombstone } : {}),
    },
  }
}

function refusedDelta(row: TypeState['refused'][number]): LedgerDelta {
  const minute = Math.floor(row.received_at / 60_000)
  return { source: row.source, event_type: row.event_type, minute, counts: { not_encodable: 1 } }
}

function hotAfter(state: TypeState, change: LakeChange, type: EventType): HotRows {
  if (change.cleared.has(type)) return NO_HOT_ROWS
  const added = change.hot.get(type)
  if (!added) return state.hot
  return {
    rows: state.hot.rows + added.rows,
    bytes: state.hot.bytes + added.bytes,
    since: state.hot.rows > 0 ? state.hot.since : added.since,
    min_received_at: Math.min(state.hot.min_received_at, added.min_received_at),
    days: new Set([...state.hot.days, ...added.days]),
  }
}

/** After a start a type may be ahead of the lowest positions from which all are read again. */
function furthest(left: Positions, right: Positions): Positions {
  return left.map((position, bucket) => Math.max(position, right[bucket] ?? 0))
}

/** The same change in memory. */
function settle(
  core: LakeCore,
  change: LakeChange,
  next: LakeState,
  books: Books | undefined,
): void {
  for (const [type, state] of core.types) {
    const tally = change.tallies.get(type)
    state.hot = hotAfter(state, change, type)
    state.files = next.types.get(type)!.files
    const complete = books?.complete.get(type)
    if (complete) {
      state.checkpoint = complete
      state.tally = createTally()
      state.refused = []
    } else for (const delta of tally?.deltas() ?? []) state.tally.add(delta)
  }
  core.positions = change.positions
  if (change.tombstone) core.tombstones = change.tombstone.number
  if (change.add.length + change.remove.length > 0) {
    core.sqlStale = true
    core.metrics.set('shoplake_lake_files', allFiles(core).length)
  }
  for (const { path, tombstones } of change.remove) {
    core.leases.retire([path], core.now(), change.urgent ? 0 : GRACE_MS, tombstones)
  }
  const dropped = [...core.state.kept].flatMap(([name, files]) => {
    const still = next.kept.get(name)!
    return still === files ? [] : [...files].flatMap(([day, file]) => (still.has(day) ? [] : file))
  })
  for (const [name, { file }] of core.state.soFar) if (!next.soFar.has(name)) dropped.push(file)
  if (dropped.length > 0) core.leases.retire(dropped, core.now(), 0)
  core.version++
  core.state = next
  core.versions.delete(core.version - VERSIONS)
}

async function undo(core: LakeCore, change: LakeChange): Promise<void> {
  await core.connection.run('ROLLBACK').catch((error: unknown) => {
    // DuckDB has rolled back by itself where the transaction was beyond saving.
    if (!/no transaction is active/i.test(String(error))) throw breakLake(core, error)
  })
  for (const file of change.add) await rm(path.join(core.lakeDirectory, file.path), { force: true })
}

function breakLake(core: LakeCore, cause: unknown): ShoplakeError {
  core.broken = new ShoplakeError('internal', 'the lake must be opened again', { cause })
  return core.broken
}
