import type { LedgerDelta } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { type LakeCore, stateOf, type TypeState } from './lake-core.ts'
import { withLines } from './lake-encode.ts'
import type { LakeFile } from './lake-files.ts'
import { createTally, type LedgerTally } from './lake-ledger.ts'
import type { RoutedRows } from './lake-rows.ts'
import { hotTable, readFiles } from './lake-views.ts'
import { queryRows, runStatement } from './parquet.ts'

/** The connection's table of rows that are compared before they go on. */
export const STAGE = 'temp.main.stage'

/** Rows of older files that a commit compares with at most; beyond it upkeep does, for many files at once. */
const COMPARED_ROWS = 500_000

/** Where ids of new rows may stand already, although the door let them through. */
export interface LateCandidates {
  readonly files: readonly LakeFile[]
  /** Hot rows, or the new rows among themselves. */
  readonly memory: boolean
  /** Set where there are too many rows to compare now: what the new files are marked with. */
  readonly uncheckedFrom: number
}

/**
 * Which rows the dedup window at the door did not cover. A row was compared there with all ids received since its
 * `dedup_from`; only what was received before can hold its id too. Normally that is nothing, and costs nothing.
 */
export function lateCandidates(state: TypeState, routed: RoutedRows): LateCandidates {
  const { dedup_from } = routed
  const oldest = Math.min(state.hot.min_received_at, routed.min_received_at)
  const days = new Set(routed.days.map((day) => day.dt))
  const files = [...state.files.values()].filter(
    (file) => file.min_received_at < dedup_from && days.has(file.dt),
  )
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const tooMany = rows > COMPARED_ROWS
  return {
    files: tooMany ? [] : files,
    memory: oldest < dedup_from,
    uncheckedFrom: tooMany ? dedup_from : 0,
  }
}

/**
 * Puts the rows into STAGE, each (dt, event_id) once and only if it is neither in the hot table nor in the candidate
 * files. Returns how many stayed, and what to book: in_lake and duplicate_late.
 */
export async function stageOnce(
  core: LakeCore,
  routed: RoutedRows,
  candidates: LateCandidates,
): Promise<{ rows: number; tally: LedgerTally }> {
  const type = routed.event_type
  await withLines(core, type, routed.rows, async (select) => {
    await runStatement(core.connection, `CREATE OR REPLACE TEMP TABLE stage AS ${select}`)
  })
  const before = await ledgerOf(core, type, `FROM ${STAGE}`)
  await runStatement(core.connection, repeatsWithin(STAGE))
  const day = 'CAST(occurred_at AS DATE)'
  if (stateOf(core, type).hot.rows > 0) {
    await dropKnown(core, `SELECT ${day} AS dt, event_id FROM ${hotTable(type)}`)
  }
  if (candidates.files.length > 0) {
    const paths = candidates.files.map((file) => file.path)
    await dropKnown(core, `SELECT dt, event_id FROM ${readFiles(paths, core.lakeDirectory)}`)
  }
  const after = await ledgerOf(core, type, `FROM ${STAGE}`)
  const tally = createTally()
  for (const delta of [...before, ...lateDeltas(before, after)]) tally.add(delta)
  const rows = after.reduce((sum, delta) => sum + delta.counts.in_lake!, 0)
  return { rows, tally }
}

/** Deletes all but the first received row of each (dt, event_id) of a table. */
export function repeatsWithin(table: string): string {
  return `DELETE FROM ${table} WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, row_number() OVER (
    PARTITION BY event_id, CAST(occurred_at AS DATE) ORDER BY received_at, rowid) AS n FROM ${table}) WHERE n > 1)`
}

/** What moves from in_lake to duplicate_late when the rows counted in `before` shrink to those in `after`. */
export function lateDeltas(
  before: readonly LedgerDelta[],
  after: readonly LedgerDelta[],
): LedgerDelta[] {
  const kept = new Map(after.map((delta) => [keyOf(delta), delta.counts.in_lake!]))
  return before
    .map((delta) => ({ delta, late: delta.counts.in_lake! - (kept.get(keyOf(delta)) ?? 0) }))
    .filter(({ late }) => late > 0)
    .map(({ delta, late }) => ({ ...delta, counts: { in_lake: -late, duplicate_late: late } }))
}

function keyOf(delta: LedgerDelta): string {
  return `${delta.minute} ${delta.source}`
}

async function dropKnown(core: LakeCore, known: string): Promise<void> {
  await runStatement(
    core.connection,
    `DELETE FROM ${STAGE} WHERE rowid IN (SELECT s.rowid FROM ${STAGE} s
     SEMI JOIN (${known}) k ON k.event_id = s.event_id AND k.dt = CAST(s.occurred_at AS DATE))`,
  )
}

/** Rows of a relation with source and received_at, counted as in_lake under their minutes. */
export async function ledgerOf(
  core: LakeCore,
  type: EventType,
  relation: string,
  connection = core.connection,
): Promise<LedgerDelta[]> {
  const rows = await queryRows(
    connection,
    `SELECT source, epoch_ms(received_at) // 60000 AS minute, count(*) AS n FROM (${relation}) GROUP BY ALL`,
  )
  return rows.map((row) => ({
    source: String(row.source),
    event_type: type,
    minute: Number(row.minute),
    counts: { in_lake: Number(row.n) },
  }))
}
