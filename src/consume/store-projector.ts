import type { Config } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import { createErasure } from '../pipeline/erase.ts'
import type { LiveMemory, VisitWatch } from '../pipeline/live-memory.ts'
import { createHorizons, type ProjectContext } from '../pipeline/project-context.ts'
import { PATIENCE, type Patience } from '../pipeline/project-waiting.ts'
import { createWorkspace, type DocumentSource, storeSource } from '../pipeline/project-workspace.ts'
import type { Positions, Store, Stream } from '../ports.ts'
import { createStoreCounts } from './store-counts.ts'
import { type Pace, PoisonedRecord, projectAgain, projectRecord } from './store-record.ts'
import { createScrubbing } from './store-scrub.ts'
import { createSweep } from './store-sweep.ts'

/** Records on their way into the store: documents, counts and positions that belong together until the commit. */
export interface Projector {
  /** Per bucket, the last sequence that was projected, committed or not. */
  positions(): Positions
  committed(): Positions
  /** Whether a record was projected since the last commit. */
  uncommitted(): boolean
  /** Positions up to which every document in the store has everything. */
  settled(): Positions
  /** Whether changes of committed records wait for a later commit. */
  isWaiting(): boolean
  /** Documents changed since the last commit. */
  size(): number
  /** Makes again what waited in memory when that was lost, in a crash or by a rejection of `take`. To be called before `take`. */
  restore(pace: Pace): Promise<void>
  /** Projects one record. After a rejection everything since the last commit is forgotten and must be taken again. */
  take(bucket: number, sequence: number, data: Uint8Array, pace: Pace): Promise<void>
  /**
   * One `Store.apply` of all that was taken; without `all`, changes of visits and of when customers were seen may wait for one
   * of the next. Rejects as that does: call it again.
   */
  commit(all: boolean): Promise<void>
  /** Between commits: takes erased bytes off the disk, deletes what is past keeping, sums up the old ledger. */
  maintain(): Promise<void>
  /** Whether erased bytes are still to be taken off the disk. */
  scrubPending(): boolean
}

const SWEEP_MS = 60_000
const READ_BYTES = 256 * 1024

export function createProjector(options: {
  stream: Stream
  store: Store
  config: Config
  secret: Uint8Array
  metrics: Metrics
  live: LiveMemory
  now(): number
  ageNow?(): number
  patience?: Patience | undefined
}): Projector {
  const { stream, store, config, secret, metrics, live, now, ageNow = now } = options
  const workspace = createWorkspace(storeSource(store), 1, options.patience ?? PATIENCE)
  const erasure = erasureOver(workspace, secret)
  const project = projectContext(config, workspace, 0, live)
  const scrubbing = createScrubbing(store, project, now)
  const context = { project, erasure, secret, metrics, erased: scrubbing.request }
  const sweep = createSweep({ store, workspace, dead_letter_days: config.dead_letter_days })
  const counts = createStoreCounts()
  const poisoned = new Set<string>()
  let committed = [...store.checkpoint()]
  let positions = [...committed]
  let settled = store.redo()
  let isWhole = false
  let hasRefused = false
  let sweptAt = now()

  /** Back to the last commit: half a projection must never be committed. */
  function rollBack(): void {
    workspace.discard()
    isWhole = false
    counts.clear()
    erasure.changed()
    positions = [...committed]
  }

  return {
    positions: () => positions,
    committed: () => committed,
    uncommitted: () => positions.some((position, bucket) => position !== committed[bucket]),
    settled: () => settled,
    isWaiting: () => workspace.waitingSince() !== undefined,
    size: () => workspace.size,
    async restore(pace) {
      if (isWhole) return
      try {
        for (const [bucket, to] of committed.entries()) {
          for await (const record of recordsOf(stream, bucket, settled[bucket]!, to)) {
            await projectAgain(record, context, pace)
          }
        }
        await workspace.drain(store.change)
        await store.change(workspace.changes())
      } catch (error) {
        rollBack()
        throw error
      }
      workspace.committed(committed)
      settled = committed
      isWhole = true
    },
    async take(bucket, sequence, data, pace) {
      const name = `${bucket}/${sequence}`
      const record = { bucket, sequence, data, poisoned: poisoned.has(name) }
      try {
        const header = await projectRecord(record, context, pace)
        if (header) counts.book(header)
      } catch (error) {
        if (error instanceof PoisonedRecord) poisoned.add(name)
        rollBack()
        throw error
      }
      positions[bucket] = sequence
      if (poisoned.delete(name)) hasRefused = true
    },
    async commit(all) {
      // Erased people and rows that were put aside must not be met again.
      if (all || scrubbing.pending() || hasRefused) await workspace.drain(store.change)
      const changes = workspace.changes()
      const target = [...positions]
      const redo = workspace.waitingSince() ?? target
      await store.apply(target, changes, counts.deltas(), redo)
      workspace.committed(target)
      counts.clear()
      committed = target
      settled = redo
      hasRefused = false
      for (const { table, key, document } of changes) {
        if (table === 'live_minutes') live.minute(key, document)
      }
    },
    async maintain() {
      if (scrubbing.pending()) await workspace.drain(store.change)
      await scrubbing.run()
      if (Math.abs(now() - sweptAt) < SWEEP_MS) return
      sweptAt = now()
      if (sweep.step(ageNow()) > 0) {
        await store.change(workspace.changes())
        workspace.committed()
      }
      await store.rollLedger(ageNow())
    },
    scrubPending: scrubbing.pending,
  }
}

async function* recordsOf(stream: Stream, bucket: number, after: number, to: number) {
  if (after >= to) return
  for await (const { records } of stream.read('store', bucket, after, READ_BYTES)) {
    for (const record of records) {
      if (record.sequence > to) return
      yield record
    }
  }
}

/** Erased people as the tombstones of a source know them. */
export function erasureOver(source: DocumentSource, secret: Uint8Array) {
  return createErasure({
    secret,
    lookup: (key) => source.get('tombstones', key)?.erased_id,
    any: () => hasTombstones(source),
  })
}

/** The part of the settings that projections follow. `floor`: see createHorizons. */
export function projectContext(
  config: Config,
  workspace: ProjectContext['workspace'],
  floor: number,
  live?: VisitWatch,
): ProjectContext {
  return {
    workspace,
    shop_currency: config.shop_currency,
    low_stock_at: config.low_stock_at,
    horizon: createHorizons(floor),
    place: 0,
    ...(live && { live }),
  }
}

function hasTombstones(source: DocumentSource): boolean {
  for (const page of source.pages('tombstones', '')) if (page.length > 0) return true
  return false
}
