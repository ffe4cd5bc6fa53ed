import path from 'node:path'
import { ShoplakeError } from '../errors.ts'
import type { EventType } from '../schema/registry.ts'
import { changeLake } from './lake-change.ts'
import { flushHot } from './lake-commit.ts'
import { compactOnce, compareOnce } from './lake-compaction.ts'
import { allFiles, type LakeCore } from './lake-core.ts'
import { eraseOnce } from './lake-erase.ts'
import { keepOnce } from './lake-keep.ts'
import { expireOnce } from './lake-retention.ts'
import { lakeStatements, type ModelView, writeLakeSql } from './lake-views.ts'
import { lakeError } from './parquet.ts'

/** How long a round is at one kind of upkeep (erases, expired days, merges) while there is more of it, ms. */
const SHARE_MS = 10_000
const ROLL_UP_MS = 3_600_000
/** How long positions may be ahead of what is recorded while nothing is written, ms. */
const RECORD_MS = 5000

/** When upkeep that has a pace of its own was last done, ms. */
export interface UpkeepTimers {
  recorded: number
  rolledUp: number
}

/** What `lake.sql` is made from. */
interface SqlFileOptions {
  readonly lakeSqlFile: string
  readonly models?: readonly ModelView[]
}

/**
 * One round of upkeep. Resolves to whether there is more to do. What fails holds up nothing else: rejects with the first failure
 * behind the round, its message begins with what was done. An `internal` one ends the round.
 */
export async function maintainLake(
  core: LakeCore,
  options: SqlFileOptions,
  timers: UpkeepTimers,
): Promise<boolean> {
  const steps: readonly (readonly [what: string, work: () => Promise<unknown>])[] = [
    ['flushing hot rows', () => flushAged(core, timers)],
    ['erasing', () => repeat(core, () => eraseOnce(core))],
    ['deleting expired days', () => repeat(core, () => expireOnce(core))],
    // Files are merged once they are compared.
    ['comparing files', () => repeat(core, () => compareOnce(core))],
    ['merging files', () => repeat(core, () => compactOnce(core))],
    ['writing lake.sql', () => refreshSql(core, options)],
    ['deleting replaced files', () => core.leases.sweep(core.now())],
    ['summing up the ledger', () => rollUp(core, timers)],
    // Some days a round: other upkeep must not wait for a whole history.
    ['keeping rows of models', () => keepOnce(core)],
  ]
  const failures: ShoplakeError[] = []
  let more = false
  for (const [what, work] of steps) {
    if (core.closing) return false
    try {
      if ((await work()) === true) more = true
    } catch (error) {
      if (isInternal(error)) throw error
      const { code, message } = lakeError(error)
      failures.push(new ShoplakeError(code, `${what}: ${message}`, { cause: error }))
    }
  }
  if (failures[0]) throw failures[0]
  return more
}

/**
 * One kind of upkeep, step by step, until its share of the round is over: none waits for another's backlog, and replaced files go
 * and `lake.sql` is written once a round. Resolves to whether there may be more. Where the lake closes, nothing more is begun.
 */
async function repeat(core: LakeCore, once: () => Promise<boolean>): Promise<boolean> {
  const began = core.now()
  while (!core.closing && (await once())) {
    if (Math.abs(core.now() - began) >= SHARE_MS) return true
  }
  return false
}

async function rollUp(core: LakeCore, timers: UpkeepTimers): Promise<void> {
  if (Math.abs(core.now() - timers.rolledUp) < ROLL_UP_MS) return
  await core.lock(() => core.meta.rollUp(core.ageNow()))
  timers.rolledUp = core.now()
}

/** Writes hot rows of these types to Parquet, and saves the checkpoint. */
export async function flushTypes(core: LakeCore, types: readonly EventType[]): Promise<void> {
  await changeLake(core, async (change) => {
    for (const type of types) await flushHot(core, change, type)
    change.record = true
  })
}

/** Writes hot rows that have aged to Parquet, and what has been passed without a row. */
export async function flushAged(core: LakeCore, timers: UpkeepTimers): Promise<void> {
  const age_ms = core.config.lake_flush_s * 1000
  const aged = [...core.types]
    .filter(([, state]) => state.hot.rows > 0 && Math.abs(core.now() - state.hot.since) >= age_ms)
    .map(([type]) => type)
  const behind = [...core.types.values()].some(
    (state) => state.hot.rows === 0 && core.positions.some((at, b) => at > state.checkpoint[b]!),
  )
  if (aged.length === 0 && !(behind && Math.abs(core.now() - timers.recorded) >= RECORD_MS)) return
  await core.lock(() => flushTypes(core, aged))
  timers.recorded = core.now()
}

/** Writes `lake.sql` where its files have changed. */
export async function refreshSql(core: LakeCore, options: SqlFileOptions): Promise<void> {
  if (!core.sqlStale) return
  core.sqlStale = false
  const views = { ...core.views, hot: false }
  const statements = lakeStatements(allFiles(core), views, options.models ?? [])
  try {
    await writeLakeSql(path.resolve(options.lakeSqlFile), statements, core.lakeDirectory)
  } catch (error) {
    core.sqlStale = true
    throw lakeError(error)
  }
}

/** Whether only a new process helps. */
export function isInternal(error: unknown): boolean {
  return error instanceof ShoplakeError && error.code === 'internal'
}
