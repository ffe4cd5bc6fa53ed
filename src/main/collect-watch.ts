import type { Config } from '../config.ts'
import { lagBehind } from '../consume/lag.ts'
import { freeBytesOf } from '../local/stream-bounds.ts'
import type { Metrics } from '../metrics.ts'
import { createAlertDelivery } from '../monitor/alert-delivery.ts'
import { ALERT_RULES } from '../monitor/alert-rules.ts'
import { alertSignals, SIGNAL_MINUTES } from '../monitor/alert-signals.ts'
import { createAlertWatch } from '../monitor/alert-watch.ts'
import { type HealthParts, healthOf } from '../monitor/health.ts'
import { createLedger, type LedgerReport } from '../monitor/ledger.ts'
import { createLedgerTail } from '../monitor/ledger-tail.ts'
import { decodeHeader } from '../pipeline/record.ts'
import type { Positions } from '../ports.ts'
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
  stop(): Promise<void>
}

/** What looks after a running collect process: ledger, health, gauges, alerts, and the retention of the stream. */
export function watchCollect(options: {
  parts: CollectParts
  config: Config
  metrics: Metrics
  log: Log
  /** Whether the lake process answers. */
  lakeUp(): boolean
  /** Up to which moment received events are visible to SQL. */
  lakeVisibleUntil(): number | undefined
}): CollectWatch {
  const { parts, config, metrics, log } = options
  const { stream, store, lakeMeta } = parts
  const ledger = createLedger({
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
  const progress = followStore(parts)
  const healthParts = (): HealthParts => {
    const writable = stream.writable()
    const heads = stream.heads()
    return {
      stream: writable.ok ? writable : { ok: false, detail: writable.detail },
      disk_free_bytes: freeBytesOf(parts.layout.root),
      disk_reserve_bytes: config.disk_reserve_bytes,
      store_lag_records: lagBehind(heads, store.checkpoint()),
      store_idle_s: progress.idleS(),
      lake_up: options.lakeUp(),
      lake_lag_records: lagBehind(
        heads,
        lowest([...lakeMeta.checkpoints().values()], stream.buckets),
      ),
      lake_lag_s: secondsSince(options.lakeVisibleUntil()),
    }
  }
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
      const minute = Math.floor(at / 60_000)
      const deltas = [
        ...store.ledger(minute - SIGNAL_MINUTES, minute + 1),
        ...lakeMeta.ledger(minute - SIGNAL_MINUTES, minute + 1),
      ]
      const report = await ledger(minute - SIGNAL_MINUTES, minute + 1)
      return {
        at,
        signals: alertSignals({ at, ledger: deltas, parts: healthParts() }),
        ledger: report,
      }
    },
  })
  alerts.start()
  const trim = async () => {
    const lake = lowest([...lakeMeta.checkpoints().values()], stream.buckets)
    await stream.trim([lake, store.checkpoint()])
  }
  const timers = [
    setInterval(
      () =>
        trim().catch((error: unknown) =>
          log.error({ err: error }, 'the stream could not be trimmed'),
        ),
      TRIM_MS,
    ),
    setInterval(() => {
      progress.look()
      measure(metrics, healthParts(), stream.bytes())
    }, GAUGE_MS),
  ]
  return {
    ledger: (from, to) => ledger(from, to),
    health: () => healthOf(healthParts()),
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await alerts.stop()
      await delivery.stop()
    },
  }
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
