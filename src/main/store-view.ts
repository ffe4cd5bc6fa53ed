import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { LiveNow } from '../ports.ts'
import type { ChildOrders, ChildReport, Restarts } from './child.ts'
import type { Logger } from './logger.ts'
import { countRestarts, type MetricSnapshot } from './prometheus.ts'
import { supervise } from './supervisor.ts'

/** The store process, as the collect process that started it knows it. */
export interface StoreView {
  /** Its store can be opened to read. Rejects with what kept it from starting. */
  readonly ready: Promise<unknown>
  /** There may be new records: call it after each append. */
  wake(): void
  /** What it told last, at most about a quarter of a second old. Throws store_unavailable before it has told anything. */
  liveNow(): LiveNow
  /** Empty while it is away. */
  metrics(): Promise<MetricSnapshot>
  /** It commits what is at hand and ends. */
  stop(): Promise<void>
}

/** Appends within it make one message. */
const WAKE_MS = 20
const METRICS_MS = 1000

/** Starts the store process and keeps it running. While it is away events are accepted as ever, and it catches up. */
export function startStore(options: {
  orders: ChildOrders
  metrics: Metrics
  log: Logger
}): StoreView {
  const restarted = countRestarts(options.metrics)
  const asked = new Map<number, (metrics: MetricSnapshot) => void>()
  let live: LiveNow | undefined
  let questions = 0
  let restarts: Restarts = { store: 0 }
  let waking: NodeJS.Timeout | undefined

  const child = supervise({
    name: 'store',
    orders: { config: options.orders.config, mode: options.orders.mode },
    log: options.log,
    behind: true,
    onReport(report: ChildReport) {
      if (report.kind === 'live') live = report.live
      else if (report.kind === 'metrics') asked.get(report.id)?.(report.metrics)
    },
    onRestart() {
      restarts = { store: restarts.store! + 1 }
      restarted(restarts)
    },
  })

  return {
    ready: child.ready,
    wake() {
      waking ??= setTimeout(() => {
        waking = undefined
        child.send({ kind: 'wake' })
      }, WAKE_MS)
    },
    liveNow() {
      if (live) return live
      throw new ShoplakeError('store_unavailable', 'the store process is starting', {
        retryAfterS: 1,
      })
    },
    async metrics() {
      const id = questions++
      const answer = new Promise<MetricSnapshot>((resolve) => {
        asked.set(id, resolve)
        setTimeout(() => resolve([]), METRICS_MS).unref()
      })
      child.send({ kind: 'metrics', id })
      return answer.finally(() => asked.delete(id))
    },
    async stop() {
      clearTimeout(waking)
      await child.stop()
    },
  }
}
