import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { createErasure } from '../pipeline/erase.ts'
import { createHorizons, type ProjectContext } from '../pipeline/project-context.ts'
import { createLiveMemory } from '../pipeline/project-live.ts'
import type { DocumentSource } from '../pipeline/project-workspace.ts'
import { createWorkspace, storeSource } from '../pipeline/project-workspace.ts'
import type { LiveNow, Store, Stream } from '../ports.ts'
import { createBackOff } from './back-off.ts'
import { createStoreCounts } from './store-counts.ts'
import { warmLive } from './store-live.ts'
import { createPace, type Pace, PoisonedRecord, projectRecord } from './store-record.ts'
import { createScrubbing } from './store-scrub.ts'
import { createSweep } from './store-sweep.ts'

export interface StoreUpdater {
  /** Begins to follow the stream from the store's checkpoint. */
  start(): void
  /** There may be new records: call it after each append. */
  wake(): void
  /** Resolves when everything that is in the stream now is committed, and erased bytes are gone; needs a started updater. Rejects with shutting_down when it is stopped before. */
  settled(): Promise<void>
  /** Commits what is at hand and ends; a store that cannot be written is given up. */
  stop(): Promise<void>
  liveNow(): LiveNow
}

/** Changed documents at which a commit is made; one record may bring more. */
const CHANGES_PER_COMMIT = 4500
const READ_BYTES = 256 * 1024
/** Least time from one commit to the next while little is coming, so that fsyncs don't follow each request. */
const COMMIT_PAUSE_MS = 200
/** How often an idle updater looks by itself. */
const LOOK_MS = 1000
const SWEEP_MS = 60_000

/**
 * The loop that turns records into documents. State, ledger and checkpoint of a stretch are one `Store.apply`, so a kill at any
 * moment loses and doubles nothing. It gives the event loop back every few milliseconds, retries broken infrastructure
 * with growing pauses, and puts a row that no projection takes aside as a dead letter.
 */
export function createStoreUpdater(options: {
  stream: Stream
  store: Store
  config: Config
  secret: Uint8Array
  metrics: Metrics
  now(): number
}): StoreUpdater {
  const { stream, store, config, metrics, secret, now } = options
  const workspace = createWorkspace(storeSource(store))
  const live = createLiveMemory({
    currency: config.shop_currency,
    time_zone: config.shop_time_zone,
  })
  const project = projectContext(config, workspace, 0, live)
  const erasure = createErasure({
    secret,
    lookup: (key) => workspace.get('tombstones', key)?.erased_id,
    any: () => hasAny(workspace),
  })
  const counts = createStoreCounts()
  const scrubbing = createScrubbing(store, workspace, now)
  const record = { project, erasure, secret, metrics, erased: scrubbing.request }
  const sweep = createSweep({ store, workspace, dead_letter_days: config.dead_letter_days })
  const backOff = createBackOff((error) =>
    metrics.add('shoplake_consumer_retries_total', 1, { consumer: 'store', code: codeOf(error) }),
  )
  const poisoned = new Set<string>()
  let committed = [...store.checkpoint()]
  let positions = [...committed]
  let running: Promise<void> | undefined
  let stopping = false
  let warm = false
  let woken = false
  let wakeUp: (() => void) | undefined
  let waiters: { target: readonly number[]; resolve(): void; reject(error: Error): void }[] = []
  let sweptAt = now()

  /** Projects what the stream holds, bucket by bucket, committing on the way. Whether there was anything. */
  async function pass(pace: Pace): Promise<boolean> {
    const heads = stream.heads()
    let found = false
    let since = performance.now()
    for (let bucket = 0; bucket < heads.length; bucket++) {
      if (heads[bucket]! <= positions[bucket]!) continue
      found = true
      for await (const batch of stream.read('store', bucket, positions[bucket]!, READ_BYTES)) {
        for (const { sequence, data } of batch.records) {
          await take(bucket, sequence, data, pace)
          const late = performance.now() - since > config.store_commit_ms
          if (workspace.size < CHANGES_PER_COMMIT && !late) continue
          await commit()
          if (stopping) return true
          since = performance.now()
        }
        // One batch per bucket and turn: a long backlog in one must not keep the others waiting.
        break
      }
    }
    if (found) await commit()
    return found
  }

  async function take(bucket: number, sequence: number, data: Uint8Array, pace: Pace) {
    const name = `${bucket}/${sequence}`
    const placed = { bucket, sequence, data, poisoned: poisoned.has(name) }
    try {
      const header = await projectRecord(placed, record, pace)
      if (header) counts.book(header)
      positions[bucket] = sequence
      poisoned.delete(name)
    } catch (error) {
      if (error instanceof PoisonedRecord) poisoned.add(name)
      rollBack()
      throw error
    }
  }

  /** Back to the last commit: half a projection must never be committed. */
  function rollBack(): void {
    workspace.discard()
    counts.clear()
    erasure.changed()
    positions = [...committed]
  }

  async function commit(): Promise<void> {
    const changes = workspace.changes()
    const target = [...positions]
    await backOff.until(
      () => store.apply(target, changes, counts.deltas()),
      () => stopping,
    )
    workspace.committed()
    counts.clear()
    committed = target
    for (const { table, key, document } of changes) {
      if (table === 'live_minutes') live.minute(key, document)
    }
    metrics.set('shoplake_consumer_lag_records', lag(stream.heads(), committed), {
      consumer: 'store',
    })
    answerWaiters()
  }

  function answerWaiters(): void {
    if (waiters.length === 0 || !warm || scrubbing.pending()) return
    const [done, open] = [[] as typeof waiters, [] as typeof waiters]
    for (const waiter of waiters) (lag(waiter.target, committed) === 0 ? done : open).push(waiter)
    waiters = open
    for (const waiter of done) waiter.resolve()
  }

  async function maintain(): Promise<void> {
    await scrubbing.run()
    answerWaiters()
    if (now() - sweptAt < SWEEP_MS) return
    sweptAt = now()
    if (sweep.step(now()) > 0) {
      await store.change(workspace.changes())
      workspace.committed()
    }
    await store.rollLedger(now())
  }

  async function run(): Promise<void> {
    const pace = createPace()
    await backOff.once(() => warmLive({ stream, store, live, positions: committed, now }))
    warm = true
    answerWaiters()
    while (!stopping) {
      woken = false
      const began = performance.now()
      const found = await backOff.once(() => pass(pace))
      if (found === undefined || stopping) continue
      await backOff.once(maintain)
      if (found && lag(stream.heads(), committed) > stream.buckets) continue
      const pause = Math.min(COMMIT_PAUSE_MS, config.store_commit_ms)
      if (found) await sleep(pause - (performance.now() - began), false)
      await sleep(LOOK_MS, true)
    }
  }

  /** Ends early when stopping, and on `wake` where it may. */
  async function sleep(ms: number, wakeable: boolean): Promise<void> {
    if (ms <= 0 || stopping || (wakeable && woken)) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wakeUp = () => {
        if (!wakeable && !stopping) return
        clearTimeout(timer)
        resolve()
      }
    })
    wakeUp = undefined
  }

  function wake(): void {
    woken = true
    wakeUp?.()
  }

  return {
    start() {
      running ??= run()
    },
    wake,
    settled() {
      if (stopping) return Promise.reject(stopped())
      const target = stream.heads()
      return new Promise((resolve, reject) => {
        waiters.push({ target, resolve, reject })
        answerWaiters()
        wake()
      })
    },
    async stop() {
      stopping = true
      backOff.stop()
      wake()
      await running
      for (const waiter of waiters) waiter.reject(stopped())
      waiters = []
    },
    liveNow: () => live.now(now()),
  }
}

/** The part of the settings that projections follow. `floor`: see createHorizons. */
export function projectContext(
  config: Config,
  workspace: ProjectContext['workspace'],
  floor: number,
  live?: ProjectContext['live'],
): ProjectContext {
  return {
    workspace,
    shop_currency: config.shop_currency,
    low_stock_at: config.low_stock_at,
    horizon: createHorizons(floor),
    ...(live && { live }),
  }
}

/** Whether anybody was ever erased. */
export function hasAny(source: DocumentSource): boolean {
  for (const page of source.pages('tombstones', '')) if (page.length > 0) return true
  return false
}

function lag(heads: readonly number[], positions: readonly number[]): number {
  let records = 0
  for (const [bucket, head] of heads.entries()) {
    records += Math.max(0, head - (positions[bucket] ?? 0))
  }
  return records
}

function codeOf(error: unknown): string {
  if (error instanceof PoisonedRecord) return 'poisoned'
  return error instanceof ShoplakeError ? error.code : 'internal'
}

function stopped(): ShoplakeError {
  return new ShoplakeError('shutting_down', 'the store updater was stopped')
}
