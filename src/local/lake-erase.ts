import path from 'node:path'
import { createTableSql, duckdbType } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import type { Tombstone } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { quoteName } from './duckdb.ts'
import { changeLake } from './lake-change.ts'
import { filesRelation, strippedSelect } from './lake-compaction.ts'
import { allFiles, type LakeCore, stateOf } from './lake-core.ts'
import { erasedSelect, idHashes, insertTombstoneSql, isErasedSql } from './lake-erase-sql.ts'
import type { LakeFile } from './lake-files.ts'
import { eraseRefused } from './lake-refused.ts'
import { rewriteFiles } from './lake-rewrite.ts'
import { hotTable, readFiles } from './lake-views.ts'
import { queryRows, runStatement } from './parquet.ts'

/** How far an erase has come in the lake. */
export interface LakeErasure {
  readonly erased_id: string
  /** Milliseconds since 1970. */
  readonly requested_at: number
  /** Files that still have to be looked through, or wait for a query to end before they go. 0 is done. */
  readonly files_pending: number
}

type ErasureMoment = Pick<Tombstone, 'erased_id' | 'requested_at'>

/** Files looked through with one query. */
const SCANNED_FILES = 64

/** See Lake.erase. Within `core.lock`; knowing a tombstone already is fine. The same person's of another moment is another request. */
export async function eraseRows(core: LakeCore, tombstone: Tombstone): Promise<void> {
  const known = core.meta.tombstones()
  await eraseRefused(core.meta, core.refusedDirectory, [
    tombstone.customer_id,
    ...tombstone.anonymous_ids,
  ])
  if (known.some((stored) => isSame(stored, tombstone))) return
  const hashes = idHashes(core.tombstoneKey, tombstone)
  const insert = insertTombstoneSql(hashes, tombstone.erased_id)
  // First where Parquet is made: should the change fail, the erase is called again.
  await runStatement(core.encoder, insert)
  await changeLake(core, async (change) => {
    await runStatement(core.connection, insert)
    for (const [type, state] of core.types) {
      if (state.hot.rows > 0) await eraseHot(core, type)
    }
    change.tombstone = {
      number: core.tombstones + 1,
      erased_id: tombstone.erased_id,
      requested_at: tombstone.requested_at,
      id_hashes: hashes,
    }
  })
}

function isSame(a: ErasureMoment, b: ErasureMoment): boolean {
  return a.erased_id === b.erased_id && a.requested_at === b.requested_at
}

/** The hot table anew, with erased customers stripped. */
async function eraseHot(core: LakeCore, type: EventType): Promise<void> {
  const table = hotTable(type)
  const names = TABLES[type].columns.map((field) => field.name)
  const columns = TABLES[type].columns.map(
    (field) =>
      `CAST(${quoteName(field.name)} AS ${duckdbType(field.column)}) AS ${quoteName(field.name)}`,
  )
  const rows = erasedSelect(type, table, names, core.tombstoneKey)
  await runStatement(
    core.connection,
    `CREATE OR REPLACE TEMP TABLE kept AS SELECT ${columns.join(', ')} FROM (${rows})`,
  )
  await runStatement(core.connection, `DROP TABLE ${table}`)
  await runStatement(core.connection, createTableSql(table, TABLES[type]))
  await runStatement(core.connection, `INSERT INTO ${table} FROM temp.main.kept`)
  await runStatement(core.connection, 'DROP TABLE temp.main.kept')
}

/**
 * Looks through some of the files that were written before the newest tombstone, and rewrites those that hold an erased customer.
 * Returns whether there is more to do.
 */
export async function eraseOnce(core: LakeCore): Promise<boolean> {
  const tombstones = core.tombstones
  const files = planErase(allFiles(core), tombstones)
  if (files.length === 0) return false
  const release = core.leases.lease()
  try {
    const hits = await filesWithErased(core, files)
    const clean = files.filter((file) => !hits.includes(file))
    await core.lock(() => markClean(core, clean, tombstones))
    for (const file of hits) {
      // A rewrite may take seconds, and a lake that closes has not many.
      if (core.closing) break
      await eraseFile(core, file, tombstones)
    }
  } finally {
    release()
  }
  return true
}

/**
 * The next files to be looked through: of one type, first those that are the furthest behind, so that each has its turn while
 * tombstones keep coming.
 */
export function planErase(files: readonly LakeFile[], tombstones: number): LakeFile[] {
  const behind = files
    .filter((file) => file.tombstones < tombstones)
    .sort((left, right) => left.tombstones - right.tombstones)
  return behind.filter((file) => file.event_type === behind[0]!.event_type).slice(0, SCANNED_FILES)
}

async function filesWithErased(core: LakeCore, files: readonly LakeFile[]): Promise<LakeFile[]> {
  const relation = readFiles(
    files.map((file) => file.path),
    core.lakeDirectory,
  )
  const rows = await queryRows(
    core.background,
    `SELECT DISTINCT filename FROM ${relation} WHERE ${isErasedSql(core.tombstoneKey)}`,
  )
  const names = new Set(rows.map((row) => String(row.filename)))
  return files.filter((file) => names.has(path.join(core.lakeDirectory, file.path)))
}

async function eraseFile(core: LakeCore, file: LakeFile, tombstones: number): Promise<void> {
  const type = file.event_type
  await rewriteFiles(core, {
    files: [file],
    select: strippedSelect(core, type, filesRelation(core, type, [file]), tombstones),
    uncheckedFrom: file.unchecked_from,
    tombstones,
    ledger: [],
    moved: false,
    urgent: true,
  })
}

async function markClean(
  core: LakeCore,
  files: readonly LakeFile[],
  tombstones: number,
): Promise<void> {
  const listed = files.filter((file) => stateOf(core, file.event_type).files.has(file.path))
  if (listed.length === 0) return
  await changeLake(core, async (change) => {
    change.restate.push(...listed.map((file) => ({ ...file, tombstones })))
  })
}

/** Every erase so far, the newest last. */
export function listErasures(core: LakeCore): LakeErasure[] {
  const listed = allFiles(core).map((file) => file.tombstones)
  const files = [...listed, ...core.leases.waitingTombstones()].sort((left, right) => left - right)
  // Both ascend: each erase waits for the files of the one before, and some more. All of this is asked for every second.
  let files_pending = 0
  return core.meta.tombstones().map(({ number, erased_id, requested_at }) => {
    while (files_pending < files.length && files[files_pending]! < number) files_pending++
    return { erased_id, requested_at, files_pending }
  })
}
