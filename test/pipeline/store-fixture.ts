import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createStoreUpdater, type StoreUpdater } from '../../src/consume/store.ts'
import { type LmdbStore, openLmdbStore } from '../../src/local/lmdb-store.ts'
import type { MetricName, Metrics } from '../../src/metrics.ts'
import type { SessionDocument } from '../../src/pipeline/documents.ts'
import type { Patience } from '../../src/pipeline/project-waiting.ts'
import { encodeRecord, type HeaderFields, type RecordLine } from '../../src/pipeline/record.ts'
import type { Store, StoreTable, Stream } from '../../src/ports.ts'
import { DEFAULTS } from '../door-fixture.ts'
import { SECRET, type TypedRow } from './store-rows.ts'

const TABLES: readonly StoreTable[] = [
  'orders',
  'order_index',
  'customers',
  'products',
  'stock',
  'sessions',
  'live_minutes',
  'identities',
  'seen',
  'dead_letters',
  'tombstones',
]

export interface CountedMetrics extends Metrics {
  /** Sum of what was added, by name and labels as JSON. */
  readonly added: Map<string, number>
}

export function countMetrics(): CountedMetrics {
  const added = new Map<string, number>()
  return {
    added,
    add(name: MetricName, value = 1, labels = {}) {
      const key = `${name}${JSON.stringify(labels)}`
      added.set(key, (added.get(key) ?? 0) + value)
    },
    set() {},
    observe() {},
  }
}

/** A real store in a directory of its own, removed by `remove`. */
export async function openStore(): Promise<{
  store: LmdbStore
  directory: string
  remove(): Promise<void>
}> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-updater-'))
  const store = await openLmdbStore({ directory })
  const remove = async () => {
    await store.close()
    await rm(directory, { recursive: true })
  }
  return { store, directory, remove }
}

/** Far less than in a shop, so that also a few changes wait, and some must not wait longer: after some three commits. */
function shortPatience(): Patience {
  let moment = 0
  return { few: 0, wait_ms: 6, most: 200, now: () => moment++ }
}

export function openUpdater(
  stream: Stream,
  store: Store,
  now: () => number,
  metrics: Metrics = countMetrics(),
  settings: Partial<typeof DEFAULTS> = {},
  patience: Patience = shortPatience(),
): StoreUpdater {
  const config = { ...DEFAULTS, ...settings }
  const rest = { secret: SECRET, metrics, now, patience }
  return createStoreUpdater({ stream, store, config, ...rest })
}

/** Runs an updater until it has caught up, and stops it. */
export async function catchUp(stream: Stream, store: Store, now: () => number): Promise<void> {
  const updater = openUpdater(stream, store, now)
  updater.start()
  await updater.settled()
  await updater.stop()
}

/** Every document of some tables, by table and key; of visits without the place in the stream that they know. */
export function dumpStore(store: Store, tables = TABLES): { [table: string]: unknown } {
  const documents = (table: StoreTable) =>
    store.list(table, { limit: 1e6 }).map(({ key, document }) => {
      if (table !== 'sessions') return [key, document]
      const { at, ...merge } = (document as unknown as SessionDocument).merge
      return [key, { ...document, merge }]
    })
  return Object.fromEntries(tables.map((table) => [table, Object.fromEntries(documents(table))]))
}

/** Sum of each count over the whole ledger. */
export function ledgerSums(store: Store): { [count: string]: number } {
  const sums: { [count: string]: number } = {}
  for (const { counts } of store.ledger(0, 1e10)) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

export async function bytesUnder(directory: string): Promise<Buffer> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(
    await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name)))),
  )
}

/** A record of rows as the door makes it; a text stands for a line of an order_paid that is not what it should be. */
export function recordOf(rows: readonly (TypedRow | string)[], fields: Partial<HeaderFields> = {}) {
  const lines = rows.map(
    (row): RecordLine =>
      typeof row === 'string'
        ? { group: 'order_paid', line: row, id_hash: 'x'.repeat(16) }
        : { group: row.type, line: JSON.stringify(row.row), id_hash: 'x'.repeat(16) },
  )
  return encodeRecord(
    {
      request_id: 'r1',
      received_at: Date.parse('2025-02-01T13:00:00Z'),
      source: 'shop',
      source_kind: 'server',
      dedup_from: 0,
      duplicates: {},
      rejected: {},
      ...fields,
    },
    lines,
  )
}
