import type { LedgerDelta } from '../ports.ts'
import { changeLake } from './lake-change.ts'
import { type LakeCore, stateOf } from './lake-core.ts'
import { publish, withUnfinished } from './lake-encode.ts'
import type { LakeFile } from './lake-files.ts'
import { copyToParquet, queryRows } from './parquet.ts'

/** A file that stands in for others of the same type and day. */
export interface Rewrite {
  readonly files: readonly LakeFile[]
  /** The rows of the new file, from relations over the old ones. */
  readonly select: string
  /** What the new rows were compared with; 0 where nothing is left to compare. */
  readonly uncheckedFrom: number
  /** Tombstones that the SELECT applies. */
  readonly tombstones: number
  readonly ledger: readonly LedgerDelta[]
  /** Whether the new file holds exactly the rows of the old ones. */
  readonly moved: boolean
  /** Whether the old files must go as soon as no query of ours reads them. */
  readonly urgent: boolean
}

/**
 * Writes the new file beside everything else, then switches. Returns false, with nothing changed, where one of the old
 * files has been replaced in the meantime. Rejects with lake_unavailable.
 */
export async function rewriteFiles(core: LakeCore, rewrite: Rewrite): Promise<boolean> {
  return withUnfinished(core, async (file) => {
    const stats = await copyToParquet(core.background, rewrite.select, file)
    return core.lock(() => replaceFiles(core, rewrite, file, stats))
  })
}

async function replaceFiles(
  core: LakeCore,
  rewrite: Rewrite,
  file: string,
  stats: { rows: number; bytes: number },
): Promise<boolean> {
  const state = stateOf(core, rewrite.files[0]!.event_type)
  if (!rewrite.files.every((old) => state.files.get(old.path)?.rows === old.rows)) return false
  await changeLake(core, async (change) => {
    if (stats.rows > 0) {
      const made = await publish(core, { file, facts: factsOf(rewrite, stats) })
      change.add.push({ ...made, tombstones: rewrite.tombstones })
    }
    change.remove.push(...rewrite.files)
    change.ledger.push(...rewrite.ledger)
    change.moved = rewrite.moved
    change.urgent = rewrite.urgent
  })
  return true
}

function factsOf(rewrite: Rewrite, stats: { rows: number; bytes: number }) {
  const { files, uncheckedFrom } = rewrite
  return {
    ...stats,
    event_type: files[0]!.event_type,
    dt: files[0]!.dt,
    min_received_at: Math.min(...files.map((file) => file.min_received_at)),
    max_received_at: Math.max(...files.map((file) => file.max_received_at)),
    unchecked_from: uncheckedFrom,
  }
}

/** Rows and distinct ids of a relation with event_id. By hashes of 64 bits, in a third of the memory: never more than there are. */
export async function countIds(
  core: LakeCore,
  relation: string,
): Promise<{ rows: number; ids: number }> {
  const [counted] = await queryRows(
    core.background,
    `SELECT count(*) AS n, count(DISTINCT hash(event_id)) AS ids FROM ${relation}`,
  )
  return { rows: Number(counted!.n), ids: Number(counted!.ids) }
}
