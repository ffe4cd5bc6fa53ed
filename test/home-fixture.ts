import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Config, type RawSettings, resolveConfig } from '../src/config.ts'
import { createLakeWriter } from '../src/consume/lake.ts'
import { createStoreUpdater } from '../src/consume/store.ts'
import { openDuckdb } from '../src/local/duckdb.ts'
import { openFileLake } from '../src/local/file-lake.ts'
import { openLakeMeta } from '../src/local/lake-meta.ts'
import { openLmdbStore } from '../src/local/lmdb-store.ts'
import { openLmdbStream } from '../src/local/lmdb-stream.ts'
import { createAgeClock } from '../src/main/age-clock.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { createLedger, type LedgerGrain, type LedgerReport } from '../src/monitor/ledger.ts'
import { createLedgerTail } from '../src/monitor/ledger-tail.ts'
import { type CollectAnswer, type CollectRequest, createDoor } from '../src/pipeline/collect.ts'
import { createDedupWindow } from '../src/pipeline/dedup.ts'
import { rebuildWindow } from '../src/pipeline/dedup-rebuild.ts'
import { NO_RATES } from '../src/pipeline/enrich-fx.ts'
import { decodeHeader } from '../src/pipeline/record.ts'
import type { Positions, Store, Tombstone } from '../src/ports.ts'
import { isEventType } from '../src/schema/registry.ts'

const BUCKETS = 16
const SECRET = Buffer.alloc(32, 9)
const HOUR_MS = 3_600_000

/** The embedded home in one process, every part real, under a clock that the test moves. */
export interface WholeHome {
  readonly directory: string
  readonly store: Store
  /** Lets time pass. */
  pass(hours: number): void
  /** Sets the clock wrong, or right again: forward or, below 0, back. */
  leap(hours: number): void
  now(): number
  send(events: readonly object[], source?: CollectRequest['source']): Promise<CollectAnswer>
  erase(tombstone: Omit<Tombstone, 'requested_at'>): Promise<void>
  /** Until store and lake have handled everything, and the lake has done what it does beside commits. */
  settle(): Promise<void>
  /** One look of the lake writer at the stream; what comes few by few stays in memory. */
  tick(): Promise<void>
  /** What the lake does beside commits. */
  maintain(): Promise<void>
  /** Deletes what the stream need not keep any longer. */
  trim(): Promise<void>
  query(sql: string): Promise<unknown[][]>
  /** First sequences that the stream still has. */
  tails(): Positions
  ledger(): Promise<LedgerReport>
  /** Minutes since 1970. */
  ledgerBetween(from: number, to: number, grain: LedgerGrain): Promise<LedgerReport>
  close(): Promise<void>
}

/** Opens a home over a directory; a new one unless the directory of a closed home is given, whose time goes on at `startedAt`. */
export async function openWholeHome(
  options: {
    directory?: string
    startedAt?: number
    settings?: RawSettings
    /** How many ids the door remembers. */
    maxIds?: number
  } = {},
): Promise<WholeHome> {
  const directory = options.directory ?? mkdtempSync(path.join(tmpdir(), 'shoplake-home-'))
  const config = settingsOf(options.settings ?? {})
  let clock = options.startedAt ?? Date.parse('2026-03-02T10:00:00Z')
  const now = () => clock
  let ticks = 0
  const ageNow = createAgeClock({ now, ticks: () => ticks, lastSeen: undefined })
  const at = (name: string) => path.join(directory, name)
  const metrics = NO_METRICS
  const stream = await openLmdbStream({
    directory: at('stream'),
    buckets: BUCKETS,
    config,
    metrics,
    now,
  })
  const store = await openLmdbStore({ directory: at('store'), buckets: BUCKETS })
  const meta = openLakeMeta({ directory: at('lake-meta'), buckets: BUCKETS })
  const duckdb = await openDuckdb({
    lakeDirectory: at('lake'),
    tempDirectory: at('tmp'),
    memory_mb: 512,
    threads: 2,
  })
  const lake = await openFileLake({
    duckdb,
    directory: at('lake'),
    lakeSqlFile: at('lake.sql'),
    tempDirectory: at('tmp'),
    refusedDirectory: at('refused'),
    meta,
    config,
    buckets: BUCKETS,
    secret: SECRET,
    metrics,
    now,
    ageNow,
    background: false,
  })
  const window = createDedupWindow({
    maxIds: options.maxIds ?? 100_000,
    windowMs: 24 * HOUR_MS,
    now,
  })
  await rebuildWindow(window, stream, now(), 24 * HOUR_MS)
  const door = createDoor({ stream, window, config, secret: SECRET, rates: NO_RATES, metrics, now })
  const updater = createStoreUpdater({
    stream,
    store,
    config,
    secret: SECRET,
    metrics,
    now,
    ageNow,
  })
  const writer = createLakeWriter({ stream, lake, config, metrics, now })
  const ledger = createLedger({
    tail: createLedgerTail({ stream, headerOf: decodeHeader, isEventType, maxRecords: 100_000 }),
    lake: (from, to) => meta.snapshot(from, to),
    store: (from, to) => store.ledgerSnapshot(from, to),
    heads: () => stream.heads(),
    now,
  })
  updater.start()
  let requests = 0
  return {
    directory,
    store,
    pass: (hours) => {
      clock += hours * HOUR_MS
      ticks += hours * HOUR_MS
    },
    leap: (hours) => {
      clock += hours * HOUR_MS
    },
    now,
    send: (events, source = { name: 'shop', kind: 'server' }) =>
      door.collectValues(events, {
        source,
        received_at: clock,
        request_id: `r${requests++}`,
      }),
    erase: (tombstone) => door.erase({ ...tombstone, requested_at: clock }),
    async settle() {
      await updater.settled()
      while (await writer.tick());
      await lake.flush()
      await lake.maintain()
    },
    tick: async () => void (await writer.tick()),
    maintain: () => lake.maintain(),
    tails: () => stream.tails(),
    trim: () => stream.trim([lowest([...meta.checkpoints().values()]), store.checkpoint()]),
    async query(sql) {
      const connection = await duckdb.connect()
      try {
        return (await connection.runAndReadAll(sql)).getRowsJson()
      } finally {
        connection.closeSync()
      }
    },
    ledgerBetween: ledger,
    ledger: () => ledger(0, Math.floor(clock / 60_000) + 1),
    async close() {
      await updater.stop()
      await writer.stop()
      await lake.close()
      await duckdb.close()
      await meta.close()
      await store.close()
      await stream.close()
    },
  }
}

export async function removeHome(home: WholeHome): Promise<void> {
  await home.close()
  rmSync(home.directory, { recursive: true })
}

function lowest(positions: readonly Positions[]): Positions {
  return Array.from({ length: BUCKETS }, (_, bucket) =>
    Math.min(...positions.map((position) => position[bucket] ?? 0)),
  )
}

function settingsOf(flags: RawSettings): Config {
  const result = resolveConfig({ flags: { store_commit_ms: 10, disk_reserve_bytes: 0, ...flags } })
  if ('problems' in result) throw new Error(result.problems.join('\n'))
  return result.resolved.config
}
