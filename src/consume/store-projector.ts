import type { Config } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import { createErasure } from '../pipeline/erase.ts'
import type { LiveMemory } from '../pipeline/live-memory.ts'
import { createHorizons, type ProjectContext } from '../pipeline/project-context.ts'
import { createWorkspace, type DocumentSource, storeSource } from '../pipeline/project-workspace.ts'
import type { Positions, Store } from '../ports.ts'
import { createStoreCounts } from './store-counts.ts'
import { type Pace, PoisonedRecord, projectRecord } from './store-record.ts'
import { createScrubbing } from './store-scrub.ts'
import { createSweep } from './store-sweep.ts'

/** Records on their way into the store: documents, counts and positions that belong together until the commit. */
export interface Projector {
  /** Per bucket, the last sequence that was projected, committed or not. */
  positions(): Positions
  committed(): Positions
  /** Whether a record was projected since the last commit. */
  uncommitted(): boolean
  /** Documents changed since the last commit. */
  size(): number
  /** Projects one record. After a rejection everything since the last commit is forgotten and must be taken again. */
  take(bucket: number, sequence: number, data: Uint8Array, pace: Pace): Promise<void>
  /** One `Store.apply` of all that was taken. Rejects as that does: call it again. */
  commit(): Promise<void>
  /** Between commits: takes erased bytes off the disk, deletes what is past keeping, sums up the old ledger. */
  maintain(): Promise<void>
  /** Whether erased bytes are still to be taken off the disk. */
  scrubPending(): boolean
}

const SWEEP_MS = 60_000

export function createProjector(options: {
  store: Store
  config: Config
  secret: Uint8Array
  metrics: Metrics
  live: LiveMemory
  now(): number
  ageNow?(): number
}): Projector {
  const { store, config, secret, metrics, live, now, ageNow = now } = options
  const workspace = createWorkspace(storeSource(store))
  const erasure = erasureOver(workspace, secret)
  const project = projectContext(config, workspace, 0, live)
  const scrubbing = createScrubbing(store, project, now)
  const context = { project, erasure, secret, metrics, erased: scrubbing.request }
  const sweep = createSweep({ store, workspace, dead_letter_days: config.dead_letter_days })
  const counts = createStoreCounts()
  const poisoned = new Set<string>()
  let committed = [...store.checkpoint()]
  let positions = [...committed]
  let sweptAt = now()

  /** Back to the last commit: half a projection must never be committed. */
  function rollBack(): void {
    workspace.discard()
    counts.clear()
    erasure.changed()
    positions = [...committed]
  }

  return {
    positions: () => positions,
    committed: () => committed,
    uncommitted: () => positions.some((position, bucket) => position !== committed[bucket]),
    size: () => workspace.size,
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
      poisoned.delete(name)
    },
    async commit() {
      const changes = workspace.changes()
      const target = [...positions]
      await store.apply(target, changes, counts.deltas())
      workspace.committed()
      counts.clear()
      committed = target
      for (const { table, key, document } of changes) {
        if (table === 'live_minutes') live.minute(key, document)
      }
    },
    async maintain() {
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
  live?: LiveMemory,
): ProjectContext {
  return {
    workspace,
    shop_currency: config.shop_currency,
    low_stock_at: config.low_stock_at,
    horizon: createHorizons(floor),
    ...(live && { live }),
  }
}

function hasTombstones(source: DocumentSource): boolean {
  for (const page of source.pages('tombstones', '')) if (page.length > 0) return true
  return false
}
