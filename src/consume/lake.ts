import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Lake, Stream } from '../ports.ts'
import { createAlarm } from './alarm.ts'
import { codeOf, createBackOff } from './back-off.ts'
import { lagBehind } from './lag.ts'
import { type LakeTick, readTick } from './lake-read.ts'
import { findCulprits, withoutCulprits } from './lake-refusal.ts'

export interface LakeWriter {
  /** Begins to follow the stream from the lake's checkpoint. */
  start(): void
  /** There may be new records: looks at once instead of at the next tick. */
  wake(): void
  /** Takes what the stream holds now, at most about TICK_BYTES, into the lake. Resolves to whether there was anything. */
  tick(): Promise<boolean>
  /** Everything received up to then is visible to SQL, milliseconds since 1970; undefined before it first caught up. */
  visibleUntil(): number | undefined
  /** Ends after the tick under way. Hot rows are made durable by closing the lake afterwards. */
  stop(): Promise<void>
}

/** Most bytes of records in memory at once; a record alone may exceed it. */
const TICK_BYTES = 24_000_000
/** A tick costs some ten milliseconds whatever it holds: where one brought more, the next waits twice as long. */
const BUSY_BYTES = 1_000_000
/** After a tick that brought as much there is a backlog: the next begins at once. */
const BACKLOG_BYTES = TICK_BYTES / 2

/**
 * The loop from stream to lake. The lake keeps the checkpoint; broken infrastructure is retried with growing pauses, and
 * a row that no encoder takes is put aside so that the rest goes on. `onFatal` is told when only a new process helps
 * (the lake says `internal`); the loop has ended then.
 */
export function createLakeWriter(options: {
  stream: Stream
  lake: Lake
  config: Pick<Config, 'lake_tick_ms'>
  metrics: Metrics
  now(): number
  onFatal?(error: unknown): void
  /** Told of each attempt that failed and is made again. */
  onRetry?(error: unknown): void
}): LakeWriter {
  const { stream, lake, config, metrics, now } = options
  const backOff = createBackOff((error) => {
    metrics.add('shoplake_consumer_retries_total', 1, { consumer: 'lake', code: codeOf(error) })
    options.onRetry?.(error)
  })
  const alarm = createAlarm()
  let positions = [...lake.checkpoint()]
  let running: Promise<void> | undefined
  let stopping = false
  let visibleUntil: number | undefined
  /** What a failed commit left: the same is tried again, so that a retry is the same call. */
  let pending: { readonly tick: LakeTick; readonly lookedAt: number } | undefined

  async function step(): Promise<number> {
    pending ??= { lookedAt: now(), tick: await readTick(stream, positions, TICK_BYTES) }
    const { tick, lookedAt } = pending
    if (tick.spans.length > 0) {
      // An erased customer's rows are stripped whether they came before or after: so tombstones go first.
      for (const { tombstone, at } of tick.tombstones) await lake.erase(tombstone, at)
      await commit(tick)
      for (const span of tick.spans) positions[span.bucket] = span.last
    }
    pending = undefined
    const lag = lagBehind(stream.heads(), positions)
    if (lag === 0 || tick.bytes < TICK_BYTES) visibleUntil = lookedAt
    metrics.set('shoplake_consumer_lag_records', lag, { consumer: 'lake' })
    return tick.bytes
  }

  async function commit(tick: LakeTick): Promise<void> {
    try {
      await lake.commit(tick.spans, tick.rows)
    } catch (error) {
      if (codeOf(error) !== 'encoder_refused') throw error
      const culprits = await findCulprits(lake, tick.rows)
      if (culprits.length === 0) throw error
      for (const { type, row, message } of culprits) await lake.refuse(type, row, message)
      await lake.commit(tick.spans, withoutCulprits(tick.rows, culprits))
    }
  }

  async function run(): Promise<void> {
    while (!stopping) {
      alarm.arm()
      const began = performance.now()
      const bytes = await backOff.once(attempt)
      if (stopping || bytes === undefined || bytes >= BACKLOG_BYTES) continue
      const isBusy = bytes >= BUSY_BYTES
      const every_ms = config.lake_tick_ms * (isBusy ? 2 : 1)
      await alarm.sleep(every_ms - (performance.now() - began), !isBusy)
    }
  }

  /** Throws only what is worth another try. */
  async function attempt(): Promise<number> {
    try {
      return await step()
    } catch (error) {
      if (!isFatal(error)) throw error
      stopping = true
      options.onFatal?.(error)
      return 0
    }
  }

  return {
    start() {
      positions = [...lake.checkpoint()]
      running ??= run()
    },
    wake: alarm.wake,
    tick: async () => (await step()) > 0,
    visibleUntil: () => visibleUntil,
    async stop() {
      stopping = true
      backOff.stop()
      alarm.stop()
      await running
    },
  }
}

/** Nothing was changed by the call, but every further one would fail. */
function isFatal(error: unknown): boolean {
  return error instanceof ShoplakeError && (error.code === 'internal' || !error.retryable)
}
