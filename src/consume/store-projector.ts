import type { Config } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import type { Pace } from '../pace.ts'
import { createErasure } from '../pipeline/erase.ts'
import type { LiveMemory, VisitWatch } from '../pipeline/live-memory.ts'
import { createHorizons, type ProjectContext } from '../pipeline/project-context.ts'
import { PATIENCE, type Patience } from '../pipeline/project-waiting.ts'
import { createWorkspace, type DocumentSource, storeSource } from '../pipeline/project-workspace.ts'
import type {
  LedgerDelta,
  Positions,
  Store,
  StoreChange,
  StoreDocument,
  StoreTable,
  Stream,
  TakenChanges,
} from '../ports.ts'
import { createStoreCounts } from './store-counts.ts'
import { PoisonedRecord, projectAgain, projectRecord } from './store-record.ts'
import { createScrubbing } from './store-scrub.ts'
import { createSweep } from './store-sweep.ts'

/** Records on their way into the store: documents, counts and positions that belong together until the commit. */
export interface Projector {
  /** Per bucket, the last sequence that was projected, committed or not. */
  positions(): Positions
  committed(): Positions
  /** Whether a record was projected that is in no commit yet, also in none that is on its way. */
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
   * Sends off one `Store.apply` of all that was taken, when the one before has landed: what is taken from then on belongs to the next.
   * Without `all`, changes of visits and of when customers were seen may wait for one of the next. Rejects where it could
   * not be sent off: call it again.
   */
  commit(all: boolean): Promise<void>
  /**
   * Writes some of what waits, when nothing is uncommitted; whether many still do. Rejects as `Store.change` does: call it
   * again.
   */
  relieve(): Promise<boolean>
  /** Resolves when no commit is on its way; rejects where one was given up. */
  landed(): Promise<void>
  /** When nothing is uncommitted: takes erased bytes off the disk, deletes what is past keeping, sums up the old ledger. */
  maintain(): Promise<void>
  /** Whether erased bytes are still to be taken off the disk. */
  scrubPending(): boolean
  /** A document with all changes, also those that no commit holds yet; undefined where it is not in memory. */
  document(table: StoreTable, key: string): StoreDocument | undefined
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
  /** Does it again and again until it succeeds; rejects where it is given up. */
  retry(work: () => Promise<unknown>): Promise<void>
  /** Told of each commit that has landed. */
  onCommit(): void
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
  let committed = store.checkpoint()
  /** Up to where commits hold everything, also one that is on its way. */
  let sent = committed
  let positions = [...committed]
  let flight: Promise<void> = Promise.resolve()
  let settled = store.redo()
  let isWhole = false
  let hasRefused = false
  let sweptAt = now()

  /** Those that stand in a commit are not met again; the others are, after each rollback. */
  function forgetPoisoned(target: Positions): void {
    for (const name of poisoned) {
      const [bucket, sequence] = name.split('/').map(Number)
      if (sequence! <= target[bucket!]!) poisoned.delete(name)
    }
  }

  /** Back to the last commit: half a projection must never be committed. */
  async function rollBack(): Promise<void> {
    await flight
    workspace.discard()
    isWhole = false
    counts.clear()
    erasure.changed()
    sent = committed
    positions = [...committed]
  }

  /** Writes what was taken over until it is written: the documents go on changing meanwhile. */
  async function fly(commit: Commit): Promise<void> {
    await options.retry(() => store.apply(commit.target, commit.taken, commit.deltas, commit.redo))
    workspace.committed()
    committed = commit.target
    settled = commit.redo
    for (const { key, document } of commit.minutes) live.minute(key, document)
    options.onCommit()
  }

  return {
    positions: () => positions,
    committed: () => committed,
    uncommitted: () => positions.some((position, bucket) => position !== sent[bucket]),
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
        await rollBack()
        throw error
      }
      workspace.underWay(committed)
      workspace.committed()
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
        await rollBack()
        throw error
      }
      positions[bucket] = sequence
      if (record.poisoned) hasRefused = true
    },
    async commit(all) {
      await flight
      // Erased people and rows that were put aside must not be met again.
      if (all || scrubbing.pending() || hasRefused) await workspace.drain(store.change)
      const changes = workspace.changes()
      const taken = await store.take(changes)
      const target = [...positions]
      const redo = workspace.waitingSince() ?? target
      const commit = { target, redo, taken, deltas: counts.deltas(), minutes: minutesOf(changes) }
      workspace.underWay(target)
      counts.clear()
      sent = target
      hasRefused = false
      forgetPoisoned(target)
      flight = fly(commit)
      // Whoever waits for it is told; until then nobody may.
      flight.catch(() => undefined)
    },
    async relieve() {
      await flight
      return workspace.drain(store.change, 1)
    },
    landed: () => flight,
    async maintain() {
      const isTime = Math.abs(now() - sweptAt) >= SWEEP_MS
      if (!isTime && !scrubbing.pending()) return
      await flight
      if (scrubbing.pending()) await workspace.drain(store.change)
      await scrubbing.run()
      if (!isTime) return
      sweptAt = now()
      if (sweep.step(ageNow()) > 0) {
        await store.change(workspace.changes())
        workspace.committed()
      }
      await store.rollLedger(ageNow())
    },
    scrubPending: scrubbing.pending,
    document: (table, key) => workspace.peek(table, key) as StoreDocument | undefined,
  }
}

/** A commit as it was sent off. */
interface Commit {
  readonly target: Positions
  readonly redo: Positions
  readonly taken: TakenChanges
  readonly deltas: readonly LedgerDelta[]
  readonly minutes: readonly Pick<StoreChange, 'key' | 'document'>[]
}

/** Minutes of the live view, as they are now. */
function minutesOf(changes: readonly StoreChange[]): Commit['minutes'] {
  return changes
    .filter(({ table }) => table === 'live_minutes')
    .map(({ key, document }) => ({ key, document: document && { ...document } }))
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
