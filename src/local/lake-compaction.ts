import { columnsText, duckdbType } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import type { LedgerDelta } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { quoteName } from './duckdb.ts'
import { changeLake } from './lake-change.ts'
import { allFiles, type LakeCore, stateOf } from './lake-core.ts'
import { erasedSelect } from './lake-erase-sql.ts'
import type { LakeFile } from './lake-files.ts'
import { lateDeltas, ledgerOf } from './lake-late.ts'
import { countIds, rewriteFiles } from './lake-rewrite.ts'
import { readFiles } from './lake-views.ts'
import { queryRows, runStatement } from './parquet.ts'

/** A file at or above either is left alone. The ids of a full one are counted in memory, beside what a commit encodes. */
const FULL_BYTES = 128_000_000
const FULL_ROWS = 1_000_000
/** So many rows are sorted at once: a row takes a kilobyte of memory meanwhile, of the 320 MB beside which commits are encoded. */
const SORTED_ROWS = 100_000
/** Smallest tier of files, in rows. */
const TIER_ROWS = 1000
/** A day to which nothing was added for so long is tidied up once more, ms. */
const SETTLED_MS = 10 * 60_000
/** See planComparison. So many new ids are held in memory. */
const COMPARED_AT_ONCE = 500_000
const COMPARED_SHARE = 20
const COMPARED_AFTER_MS = 10 * 60_000

/**
 * Files to be merged into one: of one type and day, the fullest tier first. A tier holds files within a factor of
 * `mergeAt` in rows, and is merged when it has `mergeAt` of them, so that a row is rewritten about
 * log(rows of a day) / log(mergeAt) times. A settled day is merged as far as that stays in proportion.
 */
export function planCompaction(
  files: readonly LakeFile[],
  mergeAt: number,
  now: number,
): LakeFile[] | undefined {
  for (const group of groupsOf(files)) {
    const small = group
      .filter((file) => file.bytes < FULL_BYTES && file.rows < FULL_ROWS && !isUnchecked(file))
      .sort((left, right) => left.rows - right.rows)
    const chosen = fullTier(small, mergeAt) ?? settledFiles(small, mergeAt, now)
    if (chosen) return chosen
  }
  return undefined
}

/** Compared first: merged before it would have to be compared whole, with whatever it was merged with. */
function isUnchecked(file: LakeFile): boolean {
  return file.unchecked_from > 0
}

function groupsOf(files: readonly LakeFile[]): LakeFile[][] {
  const groups = new Map<string, LakeFile[]>()
  for (const file of files) {
    const key = `${file.event_type} ${file.dt}`
    const group = groups.get(key)
    if (group) group.push(file)
    else groups.set(key, [file])
  }
  return [...groups.values()].sort((left, right) => right.length - left.length)
}

function tierOf(file: LakeFile, mergeAt: number): number {
  return Math.max(0, Math.floor(Math.log(file.rows / TIER_ROWS) / Math.log(mergeAt)))
}

function fullTier(small: readonly LakeFile[], mergeAt: number): LakeFile[] | undefined {
  const tiers = new Map<number, LakeFile[]>()
  for (const file of small) {
    const tier = tierOf(file, mergeAt)
    tiers.set(tier, [...(tiers.get(tier) ?? []), file])
  }
  for (const tier of [...tiers.keys()].sort((left, right) => left - right)) {
    if (tiers.get(tier)!.length < mergeAt) continue
    return withinLimits(small.filter((file) => tierOf(file, mergeAt) <= tier))
  }
  return undefined
}

function settledFiles(
  small: readonly LakeFile[],
  mergeAt: number,
  now: number,
): LakeFile[] | undefined {
  const newest = Math.max(...small.map((file) => file.created_at))
  if (small.length < 2 || Math.abs(now - newest) < SETTLED_MS) return undefined
  const chosen: LakeFile[] = []
  let rows = 0
  for (const file of small) {
    if (chosen.length > 0 && file.rows > rows * mergeAt) break
    chosen.push(file)
    rows += file.rows
  }
  return withinLimits(chosen)
}

/** As many of the smallest as make one full file; undefined for fewer than two. */
function withinLimits(ascending: readonly LakeFile[]): LakeFile[] | undefined {
  const chosen: LakeFile[] = []
  let rows = 0
  let bytes = 0
  for (const file of ascending) {
    rows += file.rows
    bytes += file.bytes
    if (chosen.length > 1 && (rows > FULL_ROWS || bytes > FULL_BYTES)) break
    chosen.push(file)
  }
  return chosen.length > 1 ? chosen : undefined
}

/**
 * Merges one group of small files, each event_id once. Few rows are sorted by occurred_at; files of many follow one another as
 * they came, so that the day stays nearly sorted and memory bounded. Returns whether there was a group.
 */
export async function compactOnce(core: LakeCore): Promise<boolean> {
  const files = planCompaction(allFiles(core), core.config.lake_compact_files, core.now())
  if (!files) return false
  const release = core.leases.lease()
  try {
    await mergeFiles(core, files)
  } finally {
    release()
  }
  return true
}

async function mergeFiles(core: LakeCore, files: readonly LakeFile[]): Promise<void> {
  const type = files[0]!.event_type
  const tombstones = core.tombstones
  const source = filesRelation(core, type, files.toSorted(byArrival))
  const counted = await countIds(core, source)
  const once = counted.ids === counted.rows ? source : firstOfEach(source)
  const ledger = once === source ? [] : await repeatsLedger(core, type, source, once)
  const rows = `FROM (${strippedSelect(core, type, once, tombstones)})`
  const done = await rewriteFiles(core, {
    files,
    select: rowsOf(files) <= SORTED_ROWS ? `${rows} ORDER BY occurred_at` : rows,
    uncheckedFrom: 0,
    tombstones,
    ledger,
    moved: once === source && files.every((file) => file.tombstones === tombstones),
    urgent: false,
  })
  if (done) core.metrics.add('shoplake_lake_compactions_total')
}

function byArrival(left: LakeFile, right: LakeFile): number {
  return left.min_received_at - right.min_received_at
}

async function repeatsLedger(
  core: LakeCore,
  type: EventType,
  all: string,
  once: string,
): Promise<LedgerDelta[]> {
  return lateDeltas(
    await ledgerOf(core, type, `FROM ${all}`, core.background),
    await ledgerOf(core, type, `FROM ${once}`, core.background),
  )
}

function firstOfEach(relation: string): string {
  return `(FROM ${relation} QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY received_at) = 1)`
}

/** The stored columns of a type from files, those of an older version with the columns that came later as nulls. */
export function filesRelation(core: LakeCore, type: EventType, files: readonly LakeFile[]): string {
  const table = TABLES[type]
  const keys = new Set(files.map((file) => file.schema))
  const parts = [...keys].map((key) => {
    const paths = files.filter((file) => file.schema === key).map((file) => file.path)
    const text = core.views.schemas.get(key) ?? columnsText(table)
    const has = new Set(text.split('\n').map((line) => line.split(' ')[0]))
    const columns = table.columns.map((field) => {
      const value = has.has(field.name) ? quoteName(field.name) : 'NULL'
      return `CAST(${value} AS ${duckdbType(field.column)}) AS ${quoteName(field.name)}`
    })
    return `SELECT ${columns.join(', ')} FROM ${readFiles(paths, core.lakeDirectory)}`
  })
  return `(${parts.join(' UNION ALL ')})`
}

/** A SELECT of all stored columns with erased customers stripped, where any are known. */
export function strippedSelect(
  core: LakeCore,
  type: EventType,
  relation: string,
  tombstones: number,
): string {
  if (tombstones === 0) return `FROM ${relation}`
  const names = TABLES[type].columns.map((field) => field.name)
  return erasedSelect(type, relation, names, core.tombstoneKey)
}

/** Files of one type and day that are to be compared with others of it. */
interface Comparison {
  readonly files: readonly LakeFile[]
  /** Those that may hold the same ids, though the door let them through. */
  readonly older: readonly LakeFile[]
}

/**
 * The next files that a commit had no time to compare. Looking through the older ones costs by their rows, so that new rows wait
 * until they are a twentieth of them, or as many as are compared at once, or for ten minutes.
 */
export function planComparison(files: readonly LakeFile[], now: number): Comparison | undefined {
  for (const group of groupsOf(files)) {
    const chosen = comparedTogether(group.filter(isUnchecked))
    const until = Math.max(...chosen.map((file) => file.unchecked_from))
    const older = group.filter((file) => file.min_received_at < until && !chosen.includes(file))
    const waited_ms = Math.abs(now - Math.min(...chosen.map((file) => file.created_at)))
    const enough = Math.min(rowsOf(older) / COMPARED_SHARE, COMPARED_AT_ONCE / 2)
    const isDue = rowsOf(chosen) >= enough || waited_ms >= COMPARED_AFTER_MS
    if (chosen.length > 0 && isDue) return { files: chosen, older }
  }
  return undefined
}

/** Those received first, as far as none of them may hold an id of another. */
function comparedTogether(unchecked: readonly LakeFile[]): LakeFile[] {
  const [first, ...rest] = unchecked.toSorted(byArrival)
  if (!first) return []
  const chosen = [first]
  if (first.unchecked_from > first.min_received_at) return chosen
  for (const file of rest) {
    const isApart = file.unchecked_from <= first.min_received_at
    if (!isApart || rowsOf(chosen) + file.rows > COMPARED_AT_ONCE) break
    chosen.push(file)
  }
  return chosen
}

function rowsOf(files: readonly LakeFile[]): number {
  return files.reduce((sum, file) => sum + file.rows, 0)
}

/** Drops rows of files that a commit had no time to compare whose ids stand in older files of their day. Returns whether there were any files. */
export async function compareOnce(core: LakeCore): Promise<boolean> {
  const comparison = planComparison(allFiles(core), core.now())
  if (!comparison) return false
  const release = core.leases.lease()
  try {
    await compareFiles(core, comparison)
  } finally {
    release()
  }
  return true
}

const KNOWN = 'temp.main.known'

async function compareFiles(core: LakeCore, { files, older }: Comparison): Promise<void> {
  const type = files[0]!.event_type
  const idsOf = (some: readonly LakeFile[]) =>
    `(SELECT event_id FROM ${filesRelation(core, type, some)})`
  if (older.length === 0) return restate(core, files)
  const clean: LakeFile[] = []
  try {
    // The new ids are those that memory must hold; the older ones pass by.
    await runStatement(
      core.background,
      `CREATE OR REPLACE TEMP TABLE known AS
       SELECT DISTINCT event_id FROM ${idsOf(older)} SEMI JOIN ${idsOf(files)} AS n USING (event_id)`,
    )
    for (const file of files) {
      const source = filesRelation(core, type, [file])
      const [met] = await queryRows(
        core.background,
        `SELECT count(*) AS n FROM ${source} SEMI JOIN ${KNOWN} USING (event_id)`,
      )
      if (Number(met!.n) === 0) clean.push(file)
      else await dropKnown(core, file, source)
    }
  } finally {
    // It would take memory from what encodes commits.
    await runStatement(core.background, `DROP TABLE IF EXISTS ${KNOWN}`)
  }
  await restate(core, clean)
}

async function dropKnown(core: LakeCore, file: LakeFile, source: string): Promise<void> {
  const tombstones = core.tombstones
  const type = file.event_type
  const fresh = `(SELECT * FROM ${source} ANTI JOIN ${KNOWN} USING (event_id))`
  await rewriteFiles(core, {
    files: [file],
    select: strippedSelect(core, type, fresh, tombstones),
    uncheckedFrom: 0,
    tombstones,
    ledger: await repeatsLedger(core, type, source, fresh),
    moved: false,
    urgent: false,
  })
}

/** Files whose rows stand nowhere else need no new file. */
async function restate(core: LakeCore, files: readonly LakeFile[]): Promise<void> {
  if (files.length === 0) return
  await core.lock(() =>
    changeLake(core, async (change) => {
      for (const file of files) {
        const held = stateOf(core, file.event_type).files.get(file.path)
        if (held) change.restate.push({ ...held, unchecked_from: 0 })
      }
    }),
  )
}
