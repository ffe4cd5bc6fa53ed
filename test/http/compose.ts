import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Config, type RawSettings, resolveConfig } from '../../src/config.ts'
import { erasedIdOf } from '../../src/consume/erased-id.ts'
import { createStoreUpdater, type StoreUpdater } from '../../src/consume/store.ts'
import { ShoplakeError } from '../../src/errors.ts'
import { createApp } from '../../src/http/app.ts'
import type { AppDeps } from '../../src/http/deps.ts'
import { openFileKeys } from '../../src/local/file-keys.ts'
import { type LakeMeta, openLakeMeta } from '../../src/local/lake-meta.ts'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'
import { type LmdbStream, openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { createRecentEvents } from '../../src/main/recent-events.ts'
import type { MetricName, Metrics } from '../../src/metrics.ts'
import { createLedger } from '../../src/monitor/ledger.ts'
import { createLedgerTail } from '../../src/monitor/ledger-tail.ts'
import { createDoor } from '../../src/pipeline/collect.ts'
import { createDedupWindow } from '../../src/pipeline/dedup.ts'
import { NO_RATES } from '../../src/pipeline/enrich-fx.ts'
import { createErasure, type Erasure } from '../../src/pipeline/erase.ts'
import { decodeHeader } from '../../src/pipeline/record.ts'
import type { SqlEngine, Store } from '../../src/ports.ts'
import type { Report } from '../../src/reports/compile.ts'
import { isEventType } from '../../src/schema/registry.ts'
import { allModels } from '../reports/lake.ts'

/** The collect process without its server: real stream, store, door, keys and ledger over a directory of its own. */
export interface Composed {
  readonly deps: AppDeps
  readonly directory: string
  readonly store: Store
  readonly stream: LmdbStream
  readonly lakeMeta: LakeMeta
  readonly updater: StoreUpdater
  readonly metrics: CountedMetrics
  /** Lines that were logged, oldest first. */
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[]
  /** A request as the development key that fits; `headers` may say otherwise. */
  request(target: string, init?: RequestInit): Promise<Response>
  /** A request as it is, to this machine: no key is added. */
  bare(target: string, init?: RequestInit): Promise<Response>
  /** Sends events as `sk_dev` and waits until the store has them. */
  send(events: unknown): Promise<Response>
  close(): Promise<void>
  stop(): void
}

/** Metrics that a test can read. */
export interface CountedMetrics extends Metrics {
  total(name: MetricName, labels?: { readonly [label: string]: string }): number
}

export interface ComposeOptions {
  readonly settings?: RawSettings
  readonly mode?: 'dev' | 'start'
  readonly sql?: SqlEngine
  readonly reports?: readonly Report[]
  readonly console_directory?: string
  /** Of the lake; unknown when missing. */
  freshness?(): number | undefined
  /** Milliseconds since 1970; the machine's own clock when missing. */
  now?(): number
}

/** SQL as it is while the lake process is away. */
const NO_SQL: SqlEngine = {
  run: async () => {
    throw new ShoplakeError('sql_unavailable', 'the lake process is starting')
  },
}

const SECRET = Buffer.alloc(32, 7)

export async function compose(options: ComposeOptions = {}): Promise<Composed> {
  const { mode = 'dev', now = Date.now } = options
  const directory = mkdtempSync(path.join(tmpdir(), 'shoplake-http-'))
  const config = settingsOf(options.settings ?? {})
  const metrics = countMetrics()
  const at = (name: string) => path.join(directory, name)
  const stream = await openLmdbStream({
    directory: at('stream'),
    buckets: 16,
    config,
    metrics,
    now,
  })
  const store = await openLmdbStore({ directory: at('store') })
  const lakeMeta = openLakeMeta({ directory: at('lake-meta') })
  const updater = createStoreUpdater({ stream, store, config, secret: SECRET, metrics, now })
  const window = createDedupWindow({ maxIds: 100_000, windowMs: 86_400_000, now })
  const stopping = new AbortController()
  const logged: Composed['logged'] = []
  const log = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields, message })
  }
  const deps: AppDeps = {
    mode,
    config,
    build: { version: '0.0.0-test' },
    keys: openFileKeys({ file: at('keys.json'), mode, now }),
    door: createDoor({ stream, window, config, secret: SECRET, rates: NO_RATES, metrics, now }),
    store,
    storeCaughtUp: () => updater.settled(),
    erasedId: (customer_id) => erasedIdOf(store, SECRET, customer_id),
    recent: createRecentEvents({ stream, erasure: erasureOf(store) }),
    live: () => updater.liveNow(),
    sql: options.sql ?? NO_SQL,
    reports: options.reports ?? [],
    models: allModels(),
    ledger: ledgerOf(stream, store, lakeMeta, now),
    lake: {
      notEncodable: () => [],
      eraseState: () => undefined,
      freshness: () => options.freshness?.(),
    },
    health: async () => ({ ready: true, checks: [] }),
    alerts: () =>
      new Map([
        ['disk_low', { phase: 'firing', since: 0, changed_at: 0, detail: 'nearly full' } as const],
      ]),
    metrics,
    metricsText: async () => 'shoplake_requests_total 1\n',
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    now,
    shutdown: stopping.signal,
    ...(options.console_directory ? { console_directory: options.console_directory } : {}),
  }
  const app = createApp(deps)
  updater.start()
  stream.onAppend(() => updater.wake())
  const bare = async (target: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('host')) headers.set('host', '127.0.0.1:4600')
    return app.request(target, { ...init, headers })
  }
  const request = (target: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('x-api-key')) headers.set('x-api-key', 'sk_dev')
    return bare(target, { ...init, headers })
  }
  return {
    deps,
    directory,
    store,
    stream,
    lakeMeta,
    updater,
    metrics,
    logged,
    bare,
    request,
    async send(events) {
      const response = await request('/v1/events', postJson(events))
      await updater.settled()
      return response
    },
    stop: () => stopping.abort(),
    async close() {
      stopping.abort()
      await updater.stop()
      await stream.close()
      await store.close()
      await lakeMeta.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** A POST with a JSON body. */
export function postJson(value: unknown, headers: { [name: string]: string } = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }
}

function settingsOf(flags: RawSettings): Config {
  const result = resolveConfig({ flags: { store_commit_ms: 10, disk_reserve_bytes: 0, ...flags } })
  if ('problems' in result) throw new Error(result.problems.join('\n'))
  return result.resolved.config
}

function ledgerOf(
  stream: LmdbStream,
  store: Store,
  lakeMeta: LakeMeta,
  now: () => number,
): AppDeps['ledger'] {
  const tail = createLedgerTail({
    stream,
    headerOf: decodeHeader,
    isEventType,
    maxRecords: 100_000,
  })
  return createLedger({
    tail,
    lake: (from, to) => lakeMeta.snapshot(from, to),
    store: (from, to) => store.ledgerSnapshot(from, to),
    heads: () => stream.heads(),
    now,
  })
}

function countMetrics(): CountedMetrics {
  const counted: { name: MetricName; value: number; labels: { [label: string]: string } }[] = []
  return {
    add: (name, value = 1, labels = {}) => counted.push({ name, value, labels }),
    set() {},
    observe() {},
    total: (name, labels = {}) =>
      counted
        .filter((one) => one.name === name)
        .filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((sum, one) => sum + one.value, 0),
  }
}

function erasureOf(store: Store): Erasure {
  return createErasure({
    secret: SECRET,
    lookup: (key) => store.get('tombstones', key)?.erased_id as string | undefined,
    any: () => store.list('tombstones', { limit: 1 }).length > 0,
  })
}
