import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { createPace } from '../pace.ts'
import type { Row } from '../pipeline/erase.ts'
import { projectAlone, projectRow } from '../pipeline/project.ts'
import { claimRow } from '../pipeline/project-dead-letter.ts'
import { createWorkspace, storeSource } from '../pipeline/project-workspace.ts'
import type { Store, StoreTable } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { erasureOver, projectContext } from './store-projector.ts'

/** Tables that do not follow from the lake's rows. */
const KEPT: readonly StoreTable[] = ['dead_letters', 'tombstones']
const CHANGES_PER_COMMIT = 3000
/** Rows that are held to be projected once more should one of them throw. */
const ROWS_PER_COMMIT = 10_000
const ROWS_PER_LOOK = 64

export interface LakeRow {
  readonly type: EventType
  readonly row: Row
}

export interface RebuildReport {
  readonly rows: number
  /** Rows that no projection takes, with the first such message; they are left out. */
  readonly refused: number
  readonly first_refusal?: string
}

/**
 * Makes the projected tables anew from the lake's rows, in any order, and switches readers over at the end. Gives the
 * documents that the live path gives; ledger, dead letters, tombstones and checkpoint stay. Sessions come back for 30
 * days, live minutes for 8; an erased person's visits do not, since their rows no longer name one.
 *
 * The caller sees to it that store and lake have handled the same records and that nothing is being applied meanwhile:
 * the store goes on from its checkpoint afterwards. Rejects as `Store.change` does, and then the store is as it was.
 */
export async function rebuildStore(
  rows: AsyncIterable<LakeRow>,
  store: Store,
  options: {
    config: Config
    secret: Uint8Array
    now(): number
    progress?(rows: number): void
  },
): Promise<RebuildReport> {
  const made = await store.rebuild(KEPT)
  try {
    const report = await fill(rows, made, options)
    await made.finish()
    return report
  } catch (error) {
    await made.discard()
    throw error
  }
}

async function fill(
  rows: AsyncIterable<LakeRow>,
  made: Awaited<ReturnType<Store['rebuild']>>,
  options: Parameters<typeof rebuildStore>[2],
): Promise<RebuildReport> {
  const workspace = createWorkspace(storeSource(made))
  const erasure = erasureOver(workspace, options.secret)
  const context = projectContext(options.config, workspace, options.now())
  const pace = createPace()
  const refusals: string[] = []
  let pending: LakeRow[] = []
  let [count, refused] = [0, 0]

  async function commit(): Promise<void> {
    await made.change(workspace.changes())
    workspace.committed()
    pending = []
    options.progress?.(count)
  }

  /** What was projected since the commit, once more and each row by itself: a throw has left documents half changed. */
  async function redo(): Promise<void> {
    workspace.discard()
    for (const { type, row } of pending) {
      await pace.rest()
      const refusal = attempt(() => projectAlone(type, row, erasure, context))
      if (refusal === undefined) continue
      refused++
      refusals[0] ??= refusal
    }
    await commit()
  }

  for await (const lakeRow of rows) {
    pending.push(lakeRow)
    const { type, row } = lakeRow
    if (attempt(() => projectRow(type, row, erasure, context)) !== undefined) await redo()
    if (++count % ROWS_PER_LOOK === 0) await pace.rest()
    if (workspace.size >= CHANGES_PER_COMMIT || pending.length >= ROWS_PER_COMMIT) await commit()
  }
  await commit()
  // Dead letters were kept; which rows of files they stand for is made anew with them.
  for (const page of workspace.pages('dead_letters', '')) {
    for (const [, letter] of page) claimRow(letter, context)
    await pace.rest()
    await commit()
  }
  const [first_refusal] = refusals
  return { rows: count, refused, ...(first_refusal !== undefined && { first_refusal }) }
}

/** The message of what was thrown; a store that cannot be read or written is no fault of the row and goes on being thrown. */
function attempt(project: () => void): string | undefined {
  try {
    project()
    return undefined
  } catch (error) {
    if (error instanceof ShoplakeError) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
