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
  /** Whether a record was projected that is not in the store, or not even on its way there. */
  uncommitted(): boolean
  unsent(): boolean
  /** Documents changed since the last commit. */
  size(): number
  /** Projects one record. After a rejection everything since the last commit is forgotten and `positions` says what to take again. */
  take(bucket: number, sequence: number, data: Uint8Array, pace: Pace): Promise<void>
  /**
   * Begins one `Store.apply` of all that was taken; resolves when the one before is in the store, so that projecting goes
   * on while the disk writes. After a rejection, the last one's too, it is as after one of `take`.
   */
  commit(): Promise<void>
  /** Resolves when all commits are in the store. Rejects as `commit` does. */
  landed(): Promise<void>
  /** While all is committed: takes erased bytes off the disk, deletes what is past keeping, sums up the old ledger. */
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
}): Projector {
  const { store, config, secret, metrics, live, now } = options
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
  let sent: Positions = committed
  let sweptAt = now()
  let flight: Promise<void> | undefined

  /** Back to what is in the store: half a projection must never be committed, nor what follows from a commit that failed. */
  async function rollBack(): Promise<void> {
    // Its outcome counts by the checkpoint that it has left.
    await flight?.catch(() => undefined)
    flight = undefined
    workspace.reset()
    counts.clear()
    erasure.changed()
    committed = [...store.checkpoint()]
    sent = committed
    positions = [...committed]
  }

  async function fly(): Promise<void> {
    const changes = workspace.changes()
    const target = [...positions]
    const minutes = changes.filter(({ table }) => table === 'live_minutes')
    const shown = minutes.map(({ key, document }) => ({
      key,
      document: document && { ...document },
    }))
    sent = target
    const applied = store.apply(target, changes, counts.deltas())
    workspace.launch()
    counts.clear()
    await applied
    workspace.landed()
    committed = target
    for (const { key, document } of shown) live.minute(key, document)
  }

  async function land(): Promise<void> {
    try {
      await flight
      flight = undefined
    } catch (error) {
      await rollBack()
      throw error
    }
  }

  return {
    positions: () => positions,
    committed: () => committed,
    uncommitted: () => !isSame(positions, committed),
    unsent: () => !isSame(positions, sent),
    size: () => workspace.size,
    async take(bucket, sequence, data, pace) {
      const name = `${bucket}/${sequence}`
      const record = { bucket, sequence, data, poisoned: poisoned.has(name) }
      try {
        const header = await projectRecord(record, context, pace)
        if (header) counts.book(header)
      } catch (error) {
        if (error instanceof PoisonedRecord) poisoned.add(name)
        await rollBack()
        throw error
      }
      positions[bucket] = sequence
      poisoned.delete(name)
    },
    async commit() {
      await land()
      flight = fly()
      // Whoever awaits it hears of a failure; until then nobody does.
      flight.catch(() => undefined)
    },
    landed: land,
    async maintain() {
      await scrubbing.run()
      if (now() - sweptAt < SWEEP_MS) return
      sweptAt = now()
      if (sweep.step(now()) > 0) {
        await store.change(workspace.changes())
        workspace.committed()
      }
      await store.rollLedger(now())
    },
    scrubPending: scrubbing.pending,
  }
}

function isSame(one: Positions, other: Positions): boolean {
  return one.every((position, bucket) => position === other[bucket])
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
