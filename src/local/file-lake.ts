import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { columnsText } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Lake, RowLine } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { type Duckdb, openDuckdb } from './duckdb.ts'
import { duckdbFailure } from './duckdb-failure.ts'
import { commitRows, misfitMessage, refuseRow } from './lake-commit.ts'
import {
  allFiles,
  type LakeConfig,
  type LakeCore,
  type LakeStep,
  NO_HOT_ROWS,
  type TypeState,
} from './lake-core.ts'
import { makeLive, resolveDays } from './lake-days.ts'
import { withLines, withUnfinished } from './lake-encode.ts'
import { eraseRows, type LakeErasure, listErasures } from './lake-erase.ts'
import { createTombstones, tombstoneKey } from './lake-erase-sql.ts'
import { type LakeFile, removeOrphans } from './lake-files.ts'
import { openKept } from './lake-kept.ts'
import { createLeases, createLock } from './lake-leases.ts'
import { createTally } from './lake-ledger.ts'
import type { LakeMeta } from './lake-meta.ts'
import { dayKey } from './lake-rows.ts'
import { lowestTombstones } from './lake-state.ts'
import { flushAged, flushTypes, isInternal, maintainLake, refreshSql } from './lake-upkeep.ts'
import { lakeStatements, type ModelView } from './lake-views.ts'
import { copyToParquet, queryRows, runStatement } from './parquet.ts'
import { makeDirectory } from './sync-path.ts'

/** The lake of one machine: Parquet in a directory, views in the process's DuckDB, books in LMDB. One per directory. */
export interface FileLake extends Lake {
  /** Called before a query binds its views; what it returns is called when the query has ended. Files stay until then. */
  lease(): () => void
  /**
   * Begins a transaction on a connection of `duckdb` and resolves to the statement to run in it: the one given, with each
   * `lake_days` (see `resolveDays`) replaced by what holds those rows at that moment; rows that are evaluated from events stand
   * in temporary tables of the connection. Called under a lease. Throws as queries do (see `duckdbFailure`).
   */
  resolve(connection: DuckDBConnection, sql: string): Promise<string>
  /** Every erase so far and what it still waits for. */
  erasures(): LakeErasure[]
  /** Writes all hot rows to Parquet and saves the checkpoint. */
  flush(): Promise<void>
  /**
   * What must be done beside commits: hot rows of age, erases, retention, merging, deleting what was replaced, `lake.sql`, and
   * keeping rows of models.
   * Called every second by the lake itself unless `background` is false. Resolves when nothing is left to do now.
   */
  maintain(): Promise<void>
  files(): readonly LakeFile[]
  /** Flushes, writes `lake.sql` and lets go of DuckDB; the instance and `meta` stay the caller's to close. */
  close(): Promise<void>
}

export interface FileLakeOptions {
  readonly duckdb: Duckdb
  /** Directory of the Parquet files. */
  readonly directory: string
  readonly lakeSqlFile: string
  /** NDJSON passes through it; must be one that `duckdb` may read. */
  readonly tempDirectory: string
  /** Directory of refused rows, beside the books. */
  readonly refusedDirectory: string
  /** Opened to write. */
  readonly meta: LakeMeta
  readonly config: LakeConfig
  readonly buckets: number
  /** Of the data directory, 32 bytes. */
  readonly secret: Uint8Array
  readonly models?: readonly ModelView[]
  readonly metrics: Metrics
  readonly now: () => number
  /** The moment that ages are counted from where something is deleted or summed up for its age. Default: `now`. */
  readonly ageNow?: () => number
  /** Told when background work has failed; it is tried again. */
  readonly onError?: (error: unknown) => void
  /** Told when background work finds that only a new process helps; commits then reject with `internal`. */
  readonly onBroken?: (error: unknown) => void
  readonly background?: boolean
  /** For tests: called at each moment of a change. */
  readonly step?: (step: LakeStep) => void | Promise<void>
}

const MAINTENANCE_MS = 1000
const ENCODING_MB = 320
const ENCODING_SPILL_MB = 4000

/** Opens the lake: removes what a crash left behind, and makes views and empty hot tables in DuckDB. */
export async function openFileLake(options: FileLakeOptions): Promise<FileLake> {
  const encoding = await openEncoding(options)
  const core = await openCore(options, encoding)
  const timers = { recorded: core.now(), rolledUp: Number.NEGATIVE_INFINITY }
  const maintainLock = createLock()
  const round = () => maintainLock(() => maintainLake(core, options, timers))
  // By itself: a merge or a comparison may take minutes, and hot rows that have aged hold the stream's segments back.
  const flush = () => flushAged(core, timers)
  const background = options.background === false ? [] : [flush, round]
  const stops = background.map((work) => every(work, options))
  return {
    commit: (spans, rows) => core.lock(() => commitRows(core, spans, rows)),
    probe: (type, rows) => core.lock(() => probeRows(core, type, rows)),
    refuse: (type, row, message) => core.lock(async () => refuseRow(core, type, row, message)),
    erase: (tombstone) => core.lock(() => eraseRows(core, tombstone)),
    checkpoint: () => lowest([...core.types.values()].map((state) => state.checkpoint)),
    lease: () => core.leases.lease(),
    resolve: (connection, sql) => resolveSql(core, connection, sql),
    erasures: () => listErasures(core),
    flush: () => core.lock(() => flushTypes(core, EVENT_TYPES)),
    async maintain() {
      while (await round());
    },
    files: () => allFiles(core),
    async close() {
      core.closing = true
      await Promise.all(stops.map((stop) => stop()))
      await maintainLock(async () => {
        if (!core.broken) await core.lock(() => flushTypes(core, EVENT_TYPES))
        await refreshSql(core, options)
        await core.leases.sweep(Number.POSITIVE_INFINITY)
      })
      core.connection.closeSync()
      core.encoder.closeSync()
      core.background.closeSync()
      await encoding.close()
    },
  }
}

/**
 * A second DuckDB that turns lines into Parquet and files into larger ones. One thread does that for the least CPU; its
 * memory is bounded apart from that of queries, which cannot hold it up; and it keeps nothing of files it sees once.
 */
function openEncoding(options: FileLakeOptions): Promise<Duckdb> {
  return openDuckdb({
    lakeDirectory: options.directory,
    tempDirectory: path.join(options.tempDirectory, 'lines'),
    memory_mb: ENCODING_MB,
    spill_mb: ENCODING_SPILL_MB,
    threads: 1,
    keep_footers: false,
  })
}

async function openCore(options: FileLakeOptions, encoding: Duckdb): Promise<LakeCore> {
  const { meta, duckdb } = options
  const lakeDirectory = path.resolve(options.directory)
  const tempDirectory = path.join(path.resolve(options.tempDirectory), 'lines')
  await removeLines(tempDirectory)
  const refusedDirectory = path.resolve(options.refusedDirectory)
  for (const directory of [lakeDirectory, refusedDirectory]) {
    await makeDirectory(directory, path.dirname(directory))
  }
  const files = meta.files()
  await removeOrphans(lakeDirectory, new Set(files.map((file) => file.path)))
  const schemaKeys = await recordSchemas(meta)
  const types = typeStates(meta, files)
  const views = options.models ?? []
  const models = views.flatMap(({ name, sql, kept }) => (kept ? [{ name, sql, ...kept }] : []))
  const rows = new Map([...types].map(([type, { files, hot }]) => [type, { files, hot }]))
  const kept = await openKept(models, rows, lakeDirectory)
  const state = { types: rows, kept, soFar: new Map() }
  const core: LakeCore = {
    connection: await duckdb.connect(),
    encoder: await encoding.connect(),
    background: await encoding.connect(),
    lakeDirectory,
    tempDirectory,
    refusedDirectory,
    meta,
    config: options.config,
    metrics: options.metrics,
    now: options.now,
    ageNow: options.ageNow ?? options.now,
    step: options.step ?? (() => {}),
    lock: createLock(),
    leases: createLeases(
      (name) => rm(path.join(lakeDirectory, name), { force: true }),
      () => lowestTombstones(core.state),
    ),
    views: { lakeDirectory, schemas: meta.schemas(), hot: true },
    schemaKeys,
    tombstoneKey: tombstoneKey(options.secret),
    types,
    models,
    made: new Map(),
    took: new Map(),
    version: 0,
    state,
    versions: new Map([[0, state]]),
    tombstones: meta.tombstones().at(-1)?.number ?? 0,
    positions: [...lowest([...types.values()].map((state) => state.checkpoint))],
    counter: 1,
    sqlStale: true,
    closing: false,
    broken: undefined,
  }
  await fillDuckdb(core, views)
  return core
}

/** NDJSON that a killed process has left. */
async function removeLines(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.ndjson')) await rm(path.join(directory, name), { force: true })
  }
}

async function recordSchemas(meta: LakeMeta): Promise<Map<EventType, string>> {
  const known = meta.schemas()
  const keys = new Map<EventType, string>()
  for (const type of EVENT_TYPES) {
    const text = columnsText(TABLES[type])
    const key = createHash('sha256').update(text).digest('hex').slice(0, 12)
    keys.set(type, key)
    if (!known.has(key)) await meta.commit({ schema: { key, text } })
  }
  return keys
}

function typeStates(meta: LakeMeta, files: readonly LakeFile[]): Map<EventType, TypeState> {
  return new Map(
    [...meta.checkpoints()].map(([type, checkpoint]) => {
      const own = files.filter((file) => file.event_type === type)
      const state: TypeState = {
        files: new Map(own.map((file) => [file.path, file])),
        checkpoint,
        hot: NO_HOT_ROWS,
        tally: createTally(),
        refused: [],
      }
      return [type, state]
    }),
  )
}

async function fillDuckdb(core: LakeCore, models: readonly ModelView[]): Promise<void> {
  for (const connection of [core.connection, core.encoder]) {
    await runStatement(connection, 'CREATE SCHEMA internal')
    await createTombstones(connection, core.meta.tombstones())
  }
  await runStatement(
    core.connection,
    'CREATE TABLE internal.lake_version AS SELECT CAST(0 AS BIGINT) AS version',
  )
  for (const statement of lakeStatements(allFiles(core), core.views, models)) {
    await runStatement(core.connection, statement)
  }
}

async function resolveSql(
  core: LakeCore,
  connection: DuckDBConnection,
  sql: string,
): Promise<string> {
  try {
    await runStatement(connection, 'BEGIN TRANSACTION READ ONLY')
    const [seen] = await queryRows(connection, 'SELECT version FROM internal.lake_version')
    const state = core.versions.get(Number(seen!.version))
    if (!state) throw new ShoplakeError('sql_unavailable', 'the lake changed too often meanwhile')
    const resolved = resolveDays(sql, state, core.models, core.views)
    await makeLive(connection, resolved.live)
    return resolved.sql
  } catch (error) {
    // What failed is the query, not the lake.
    throw duckdbFailure((error as ShoplakeError).cause ?? error)
  }
}

/** Per bucket the lowest of several positions. */
function lowest(positions: readonly (readonly number[])[]): readonly number[] {
  return positions[0]!.map((_, bucket) => Math.min(...positions.map((each) => each[bucket]!)))
}

async function probeRows(
  core: LakeCore,
  type: EventType,
  rows: readonly RowLine[],
): Promise<string | undefined> {
  if (rows.some((row) => dayKey(row.line) < 0)) return misfitMessage(type)
  try {
    const stats = await withLines(core, type, rows, (select) =>
      withUnfinished(core, (file) => copyToParquet(core.encoder, select, file)),
    )
    return stats.rows === rows.length ? undefined : `${rows.length} lines became ${stats.rows} rows`
  } catch (error) {
    if (error instanceof ShoplakeError && error.code === 'encoder_refused') return error.message
    throw error
  }
}

/** Runs the work again and again; what it returns stops that, after the run under way. */
function every(work: () => Promise<unknown>, options: FileLakeOptions): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout
  const plan = () => {
    timer = setTimeout(() => {
      running = work()
        .catch((error: unknown) => {
          if (isInternal(error)) stopped = true
          const tell = isInternal(error) ? (options.onBroken ?? options.onError) : options.onError
          tell?.(error)
        })
        .then(() => {
          if (!stopped) plan()
        })
    }, MAINTENANCE_MS)
    timer.unref()
  }
  let stopped = false
  plan()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}
