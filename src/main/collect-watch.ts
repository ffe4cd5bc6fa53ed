import type { Config } from '../config.ts'
import { lagBehind } from '../consume/lag.ts'
import { freeBytesOf } from '../local/stream-bounds.ts'
import type { Metrics } from '../metrics.ts'
import { createAlertDelivery } from '../monitor/alert-delivery.ts'
import { ALERT_RULES } from '../monitor/alert-rules.ts'
import { alertSignals, SIGNAL_MINUTES } from '../monitor/alert-signals.ts'
import { createAlertWatch } from '../monitor/alert-watch.ts'
import type { AlertStates } from '../monitor/alerts.ts'
import { type HealthParts, healthOf } from '../monitor/health.ts'
import { createLedger, type LedgerReport, type LedgerRow } from '../monitor/ledger.ts'
import { createLedgerTail } from '../monitor/ledger-tail.ts'
import { decodeHeader } from '../pipeline/record.ts'
import type { LedgerDelta, Positions } from '../ports.ts'
import { isEventType } from '../schema/registry.ts'
import type { CollectParts } from './collect-parts.ts'
import type { Log } from './steady-log.ts'

const TRIM_MS = 10_000
const GAUGE_MS = 2000
/** Bounds the memory of a ledger question: about 200 bytes a record. */
const TAIL_RECORDS = 200_000

export interface CollectWatch {
  ledger(from: number, to: number): Promise<LedgerReport>
  health(): ReturnType<typeof healthOf>
  /** What health is made of. */
  healthParts(): HealthParts
  alerts(): AlertStates
  stop(): Promise<void>
}

interface WatchOptions {
  readonly parts: CollectParts
  readonly config: Config
  readonly metrics: Metrics
  readonly log: Log
  /** Whether the lake process answers. */
  lakeUp(): boolean
  /** Up to which moment received events are visible to SQL. */
  lakeVisibleUntil(): number | undefined
}

/** What looks after a running collect process: ledger, health, gauges, alerts, and the retention of the stream. */
export function watchCollect(options: WatchOptions): CollectWatch {
  const { parts, metrics, log } = options
  const { stream, store } = parts
  const ledger = ledgerOf(parts)
  const progress = followStore(parts)
  const health = () => healthParts(options, progress.idleS())
  const alerts = watchAlerts(options, ledger, health)
  const trim = () =>
    stream
      .trim([lakePassed(parts), store.redo()])
      .catch((error: unknown) => log.error({ err: error }, 'the stream could not be trimmed'))
  const gauge = () => {
    progress.look()
    measure(metrics, health(), stream.bytes())
  }
  const timers = [setInterval(trim, TRIM_MS), setInterval(gauge, GAUGE_MS)]
  return {
    ledger,
    health: () => healthOf(health()),
    healthParts: health,
    alerts: alerts.states,
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await alerts.stop()
    },
  }
}

function ledgerOf({ stream, store, lakeMeta }: CollectParts): ReturnType<typeof createLedger> {
  return createLedger({
    tail: createLedgerTail({
      stream,
      headerOf: decodeHeader,
      isEventType,
      maxRecords: TAIL_RECORDS,
    }),
    lake: (from, to) => lakeMeta.snapshot(from, to),
    store: (from, to) => store.ledgerSnapshot(from, to),
    heads: () => stream.heads(),
    now: Date.now,
  })
}

function healthParts(options: WatchOptions, store_idle_s: number): HealthParts {
  const { parts, config } = options
  const writable = parts.stream.writable()
  const heads = parts.stream.heads()
  return {
    stream: writable.ok ? writable : { ok: false, detail: writable.detail },
    disk_free_bytes: freeBytesOf(parts.layout.root),
    disk_reserve_bytes: config.disk_reserve_bytes,
    store_lag_records: lagBehind(heads, parts.store.checkpoint()),
    store_idle_s,
    lake_up: options.lakeUp(),
    lake_lag_records: lagBehind(heads, lakePassed(parts)),
    lake_lag_s: secondsSince(options.lakeVisibleUntil()),
  }
}

/** Begins to look at the alert rules. */
function watchAlerts(
  { config, metrics, log }: WatchOptions,
  ledger: ReturnType<typeof createLedger>,
  health: () => HealthParts,
): { states(): AlertStates; stop(): Promise<void> } {
  const delivery = createAlertDelivery({
    url: config.alert_webhook_url,
    shop: config.shop_name,
    metrics,
  })
  const alerts = createAlertWatch({
    rules: ALERT_RULES,
    delivery,
    metrics,
    onError: (error) => log.error({ err: error }, 'alert rules could not be evaluated'),
    async input() {
      const at = Date.now()
      const end = Math.floor(at / 60_000) + 1
      const from = end - 1 - SIGNAL_MINUTES
      const report = await ledger(from, end, 1)
      const signals = alertSignals({ at, ledger: report.rows.map(deltaOf), parts: health() })
      return { at, signals, ledger: report }
    },
  })
  alerts.start()
  return {
    states: alerts.states,
    async stop() {
      await alerts.stop()
      await delivery.stop()
    },
  }
}

function deltaOf({ source, event_type, minute, ...counts }: LedgerRow): LedgerDelta {
  return { source, event_type, minute: Date.parse(minute) / 60_000, counts }
}

/** Up to where each event type is in Parquet, per bucket. */
function lakePassed({ lakeMeta, stream }: CollectParts): Positions {
  return lowest([...lakeMeta.checkpoints().values()], stream.buckets)
}

function secondsSince(moment: number | undefined): number | undefined {
  return moment === undefined ? undefined : Math.max(0, (Date.now() - moment) / 1000)
}

function measure(metrics: Metrics, parts: HealthParts, streamBytes: number): void {
  metrics.set('shoplake_stream_bytes', streamBytes)
  metrics.set('shoplake_disk_free_bytes', parts.disk_free_bytes)
  metrics.set('shoplake_consumer_lag_records', parts.store_lag_records, { consumer: 'store' })
  metrics.set('shoplake_consumer_lag_records', parts.lake_lag_records, { consumer: 'lake' })
}

/** How long the store updater has had something to do without committing anything. */
function followStore({ stream, store }: CollectParts): { look(): void; idleS(): number } {
  let last = ''
  let since = performance.now()
  const look = () => {
    const position = store.checkpoint().join()
    if (position === last && lagBehind(stream.heads(), store.checkpoint()) > 0) return
    last = position
    since = performance.now()
  }
  return { look, idleS: () => (performance.now() - since) / 1000 }
}

function lowest(positions: readonly Positions[], buckets: number): Positions {
  return Array.from({ length: buckets }, (_, bucket) =>
    positions.length === 0 ? 0 : Math.min(...positions.map((position) => position[bucket] ?? 0)),
  )
}
