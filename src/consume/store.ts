import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { createPace, type Pace } from '../pace.ts'
import { createLiveMemory } from '../pipeline/live-memory.ts'
import type { Patience } from '../pipeline/project-waiting.ts'
import type { LiveNow, Store, StoreDocument, StoreTable, Stream } from '../ports.ts'
import { createAlarm } from './alarm.ts'
import { codeOf, createBackOff } from './back-off.ts'
import { lagBehind } from './lag.ts'
import { warmLive } from './store-live.ts'
import { createProjector, type Projector } from './store-projector.ts'
import { PoisonedRecord } from './store-record.ts'
import { createWaiters, type Waiters } from './store-waiting.ts'

export interface StoreUpdater {
  /** Begins to follow the stream from the store's checkpoint. */
  start(): void
  /** There may be new records: call it after each append. */
  wake(): void
  /**
   * Resolves when everything that is in the stream now is committed, and erased bytes are off the disk. Needs a started
   * updater; rejects with shutting_down when it is stopped before.
   */
  settled(): Promise<void>
  /** Commits what is at hand and ends; a store that cannot be written is given up. */
  stop(): Promise<void>
  liveNow(): LiveNow
  /** A document with what no commit holds yet; undefined where it is not in memory: then the store has it, or nobody. */
  document(table: StoreTable, key: string): StoreDocument | undefined
}

export interface StoreUpdaterOptions {
  readonly stream: Stream
  readonly store: Store
  readonly config: Config
  /** Secret of the data directory: what tombstones are kept under. */
  readonly secret: Uint8Array
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  now(): number
  /** The moment that ages are counted from where something is deleted or summed up for its age. Default: `now`. */
  ageNow?(): number
  /** Told of each attempt that failed and is made again. */
  onRetry?(error: unknown): void
  /** How long changes may wait to be written together; see PATIENCE. */
  readonly patience?: Patience
}

/** Changed documents at which a commit is made; one record may bring more. */
const CHANGES_PER_COMMIT = 10_000
const READ_BYTES = 256 * 1024
/** Least time from one commit to the next, so that under load a commit takes many events and idle the first goes at once. */
const COMMIT_PAUSE_MS = 400
/** How often an idle updater looks by itself. */
const LOOK_MS = 1000

/**
 * The loop that turns records into documents. State, ledger and checkpoint of a stretch are one `Store.apply`, so that a kill at
 * any moment loses and doubles nothing. It gives the event loop back every few milliseconds, retries broken infrastructure
 * with growing pauses, and puts a row that no projection takes aside as a dead letter.
 */
export function createStoreUpdater(options: StoreUpdaterOptions): StoreUpdater {
  const { stream, store, config, metrics, now } = options
  const live = createLiveMemory({
    currency: config.shop_currency,
    time_zone: config.shop_time_zone,
  })
  const alarm = createAlarm()
  const waiters = createWaiters()
  const failed = (error: unknown) => {
    metrics.add('shoplake_consumer_retries_total', 1, {
      consumer: 'store',
      code: retryCode(error),
    })
    options.onRetry?.(error)
  }
  const backOff = createBackOff(failed)
  // A commit is on its way while the next stretch is projected: each has pauses of its own.
  const flightBackOff = createBackOff(failed)
  const projector: Projector = createProjector({
    ...options,
    live,
    retry: async (work) => void (await flightBackOff.until(work, () => stopping)),
    onCommit() {
      const lag = lagBehind(stream.heads(), projector.committed())
      metrics.set('shoplake_consumer_lag_records', lag, { consumer: 'store' })
      answer()
    },
  })
  let running: Promise<void> | undefined
  let stopping = false
  let warm = false

  async function commit(all: boolean): Promise<void> {
    await backOff.until(
      () => projector.commit(all),
      () => stopping,
    )
  }

  function answer(): void {
    if (warm && !projector.scrubPending()) waiters.answer(projector.settled())
  }

  async function run(): Promise<void> {
    const pace = createPace()
    const schedule = createSchedule(config.store_commit_ms)
    while (!stopping && !warm) {
      await backOff.once(async () => {
        await projector.restore(pace)
        await warmLive({ stream, store, live, positions: projector.committed(), now })
        warm = true
      })
    }
    answer()
    let foundAt = performance.now()
    while (!stopping) {
      alarm.arm()
      const began = performance.now()
      const found = await backOff.once(() =>
        pass(options, projector, { pace, schedule, waiters, commit, stopping: () => stopping }),
      )
      if (found === undefined || stopping) continue
      if (projector.uncommitted()) continue
      await backOff.once(projector.maintain)
      answer()
      if (found) foundAt = performance.now()
      const isQuiet = performance.now() - foundAt > LOOK_MS
      if (!found && projector.isWaiting() && (isQuiet || waiters.any())) {
        // A little at a time: whatever comes meanwhile goes first.
        const many = await backOff.once(projector.relieve)
        if (many === false) await backOff.once(() => commit(true))
        continue
      }
      if (found && lagBehind(stream.heads(), projector.positions()) > stream.buckets) continue
      const pause_ms = Math.min(COMMIT_PAUSE_MS, config.store_commit_ms)
      if (found) await alarm.sleep(pause_ms - (performance.now() - began), false)
      await alarm.sleep(LOOK_MS, true)
    }
    await backOff.once(async () => {
      if (projector.uncommitted() || projector.isWaiting()) await projector.commit(true)
      await projector.landed()
    })
  }

  return {
    start() {
      running ??= run()
    },
    wake: alarm.wake,
    settled() {
      if (stopping) return Promise.reject(stopped())
      const reached = waiters.until(stream.heads())
      answer()
      alarm.wake()
      return reached
    },
    async stop() {
      stopping = true
      backOff.stop()
      flightBackOff.stop()
      alarm.stop()
      await running
      waiters.reject(stopped())
    },
    liveNow: () => live.now(now()),
    document: projector.document,
  }
}

/** When the next commit is due while there is more to project. */
interface Schedule {
  isDue(): boolean
  /** A pass has ended with everything committed. */
  begin(): void
}

function createSchedule(commit_ms: number): Schedule {
  let since = performance.now()
  return {
    isDue: () => performance.now() - since > commit_ms,
    begin() {
      since = performance.now()
    },
  }
}

/** What the loop gives to each pass. */
interface Loop {
  readonly pace: Pace
  readonly schedule: Schedule
  readonly waiters: Waiters
  commit(all: boolean): Promise<void>
  stopping(): boolean
}

/**
 * Projects what the stream holds, bucket by bucket. Commits at its end when that is due, and when it has reached the heads: under load
 * a document that many rows touch is written once for all of them. Whether there was anything.
 */
async function pass(
  { stream }: StoreUpdaterOptions,
  projector: Projector,
  loop: Loop,
): Promise<boolean> {
  const { schedule, waiters, commit, stopping } = loop
  let found = false
  await projector.restore(loop.pace)
  for (const [bucket, head] of stream.heads().entries()) {
    const position = projector.positions()[bucket]!
    if (head <= position) continue
    found = true
    for await (const batch of stream.read('store', bucket, position, READ_BYTES)) {
      for (const { sequence, data } of batch.records) {
        await projector.take(bucket, sequence, data, loop.pace)
        if (projector.size() < CHANGES_PER_COMMIT) continue
        await commit(false)
        if (stopping()) return true
      }
      // One batch per bucket and turn: a long backlog in one must not keep the others waiting.
      break
    }
  }
  const isCaughtUp = lagBehind(stream.heads(), projector.positions()) === 0
  if (!isCaughtUp && !schedule.isDue() && !stopping()) return found
  if (projector.uncommitted()) await commit(isCaughtUp && waiters.any())
  schedule.begin()
  return found
}

function retryCode(error: unknown): string {
  return error instanceof PoisonedRecord ? 'poisoned' : codeOf(error)
}

function stopped(): ShoplakeError {
  return new ShoplakeError('shutting_down', 'the store updater was stopped')
}
