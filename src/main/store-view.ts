import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { LiveNow, StoreDocument, StoreTable } from '../ports.ts'
import type { ChildOrders, ChildReport, Question, Restarts } from './child.ts'
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
  /** The document with changes that still wait for a commit, where it is in the memory of the process; undefined also while that is away. */
  document(table: StoreTable, key: string): Promise<StoreDocument | undefined>
  /** It commits what is at hand and ends. */
  stop(): Promise<void>
}

/** Appends within it make one message. */
const WAKE_MS = 20
const ANSWER_MS = 1000
/** Nice values above the collect process, which answers. */
const BEHIND = 10

/** Starts the store process and keeps it running. While it is away events are accepted as ever, and it catches up. */
export function startStore(options: {
  orders: ChildOrders
  metrics: Metrics
  log: Logger
}): StoreView {
  const restarted = countRestarts(options.metrics)
  const asked = new Map<number, (answer: unknown) => void>()
  let live: LiveNow | undefined
  let questions = 0
  let restarts: Restarts = { store: 0 }
  let waking: NodeJS.Timeout | undefined

  const child = supervise({
    name: 'store',
    orders: { config: options.orders.config, mode: options.orders.mode },
    log: options.log,
    behind: BEHIND,
    onReport(report: ChildReport) {
      if (report.kind === 'live') live = report.live
      else if (report.kind === 'answer') asked.get(report.id)?.(report.answer)
    },
    onRestart() {
      restarts = { store: restarts.store! + 1 }
      restarted(restarts)
    },
  })

  /** Undefined where it is away or does not answer in time. */
  async function ask(question: Question): Promise<unknown> {
    const id = questions++
    if (!child.send({ kind: 'ask', id, question })) return undefined
    const answer = new Promise<unknown>((resolve) => {
      asked.set(id, resolve)
      setTimeout(resolve, ANSWER_MS).unref()
    })
    return answer.finally(() => asked.delete(id))
  }

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
    metrics: async () => ((await ask({ of: 'metrics' })) ?? []) as MetricSnapshot,
    document: async (table, key) =>
      (await ask({ of: 'document', table, key })) as StoreDocument | undefined,
    async stop() {
      clearTimeout(waking)
      await child.stop()
    },
  }
}
