import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDynamodbReader } from '../../src/aws/dynamodb-reader.ts'
import { openDynamodbStore } from '../../src/aws/dynamodb-store.ts'
import { sequenceText } from '../../src/aws/sequence.ts'
import type { Config } from '../../src/config.ts'
import { createBucketUpdater } from '../../src/consume/bucket-updater.ts'
import { createLakeWriter } from '../../src/consume/lake.ts'
import { MOVED_TABLES } from '../../src/consume/moved-shares.ts'
import { createStoreUpdater } from '../../src/consume/store.ts'
import { openDuckdb } from '../../src/local/duckdb.ts'
import { openFileLake } from '../../src/local/file-lake.ts'
import { openLakeMeta } from '../../src/local/lake-meta.ts'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'
import { type MovedCount, migrateToAws } from '../../src/main/aws-migrate.ts'
import { BUCKETS } from '../../src/main/collect-parts.ts'
import { layoutOf } from '../../src/main/paths.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { mergeShares } from '../../src/pipeline/merge-shares.ts'
import type { SqlEngine, StoreDocument, StoreTable } from '../../src/ports.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import { DEFAULTS, NOON, openDoor } from '../door-fixture.ts'
import { createMemoryStream } from '../memory-stream.ts'
import { openLakeTables } from './bucket-views.ts'
import { makeTable, testDynamodb } from './dynamodb.ts'
import { type Emulator, startDynamodb, startS3 } from './emulators.ts'
import { keysBelow, makeBucket, testS3 } from './s3.ts'

const SECRET = Buffer.alloc(32, 7)
const DAY_MS = 86_400_000
const OUTPUTS = { LakeBucket: 'lake', StoreTable: 'store' }
const SEND = { source: { name: 'shop', kind: 'server' }, received_at: NOON } as const

let config: Config
let emulators: Emulator[]
let s3: ReturnType<typeof testS3>
let dynamodb: ReturnType<typeof testDynamodb>
let sql: SqlEngine & { close(): Promise<void> }

beforeAll(async () => {
  const data_dir = await mkdtemp(path.join(os.tmpdir(), 'shoplake-migrate-'))
  config = { ...DEFAULTS, data_dir }
  await fillDataDir(config)
  emulators = [await startS3(), await startDynamodb()]
  s3 = testS3(emulators[0]!.endpoint)
  dynamodb = testDynamodb(emulators[1]!.endpoint)
  await makeBucket(s3, OUTPUTS.LakeBucket)
  await makeTable(dynamodb, OUTPUTS.StoreTable)
  sql = await openViews()
}, 120_000)

afterAll(async () => {
  await sql.close()
  s3.destroy()
  dynamodb.destroy()
  for (const emulator of emulators) await emulator.close()
  await rm(config.data_dir, { recursive: true })
})

function migrate(): Promise<readonly MovedCount[]> {
  const quiet = { tell() {}, progress() {} }
  return migrateToAws({ config, aws: { s3, dynamodb }, outputs: OUTPUTS, sql, ...quiet })
}

function reader() {
  return openDynamodbReader({
    ...{ client: dynamodb, table: OUTPUTS.StoreTable, buckets: BUCKETS },
    merge: (table, shares) => mergeShares(table, shares, BUCKETS),
  })
}

async function documentsHere(
  table: StoreTable,
): Promise<{ key: string; document: StoreDocument }[]> {
  const directory = layoutOf(config.data_dir).store
  const store = await openLmdbStore({ directory, readOnly: true, buckets: BUCKETS })
  const found = store.list(table, { limit: 10_000 })
  await store.close()
  return found
}

describe('a data directory that moves into the AWS home', () => {
  test('is there whole, by count and document by document', async () => {
    const counts = await migrate()
    expect(counts.filter(({ equal }) => !equal)).toEqual([])
    const here = new Map(counts.map((one) => [one.what, one.here]))
    for (const what of ['rows of page_view', 'rows of order_created', 'orders', 'dead_letters']) {
      expect(here.get(what), what).toBeGreaterThan(0)
    }
    expect(here.get('ledger: in the lake')).toBe(here.get('ledger: accepted'))
    for (const table of MOVED_TABLES) {
      const documents = await documentsHere(table)
      expect(await reader().list(table, { limit: 10_000 }), table).toEqual(documents)
    }
  }, 120_000)

  test('is moved once, however often it is', async () => {
    const before = await keysBelow(s3, OUTPUTS.LakeBucket, '')
    const counts = await migrate()
    expect(counts.filter(({ equal }) => !equal)).toEqual([])
    expect(await keysBelow(s3, OUTPUTS.LakeBucket, '')).toEqual(before)
  }, 120_000)

  test('goes on where it was, and takes no second one in', async () => {
    const [{ key, document }] = (await documentsHere('orders')) as [
      { key: string; document: { items: object[]; timeline: object[] } },
    ]
    const stream = createMemoryStream(BUCKETS)
    const { door } = openDoor({}, { stream, secret: SECRET })
    const shipped = {
      event_type: 'order_shipped',
      order_id: key,
      timestamp: new Date(NOON).toISOString(),
    }
    await door.collectValues([shipped], { ...SEND, request_id: 'later' })
    const store = { client: dynamodb, table: OUTPUTS.StoreTable, buckets: BUCKETS }
    const updater = createBucketUpdater({
      ...{ store: openDynamodbStore(store), config, secret: SECRET, metrics: NO_METRICS },
      now: () => NOON,
      erase: () => expect.unreachable('no browser is found'),
    })
    await updater.take(
      stream.records.map(({ bucket, data }) => ({ bucket, data, sequence: sequenceText('7') })),
    )
    const after = (await reader().get('orders', key)) as unknown as typeof document
    expect(after.items).toEqual(document.items)
    expect(after.timeline).toHaveLength(document.timeline.length + 1)
    await expect(migrate()).rejects.toThrow(/has taken events already/)
  })
})

/** A shop's week with refused events, as a server leaves it when it is stopped in order. */
async function fillDataDir(settings: Config): Promise<void> {
  const layout = layoutOf(settings.data_dir)
  for (const directory of [layout.lake, layout.temporary]) mkdirSync(directory, { recursive: true })
  writeFileSync(layout.secret, SECRET)
  const stream = createMemoryStream(BUCKETS)
  const { door } = openDoor({}, { stream, secret: SECRET })
  const events = simulate({
    ...{ seed: 5, from: NOON - 8 * DAY_MS, to: NOON - DAY_MS, sessions_per_day: 4 },
  })
  const values = [...events].map(({ event }) => event)
  const wrong = [{ event_type: 'page_view' }, { event_type: 'nonsense' }]
  for (let at = 0; at < values.length; at += 200) {
    const batch = [...values.slice(at, at + 200), ...wrong]
    await door.collectValues(batch, { ...SEND, request_id: `r${at}` })
  }
  await consume(settings, stream)
}

async function consume(settings: Config, stream: ReturnType<typeof createMemoryStream>) {
  const layout = layoutOf(settings.data_dir)
  const parts = { stream, config: settings, secret: SECRET, metrics: NO_METRICS }
  const store = await openLmdbStore({ directory: layout.store, buckets: BUCKETS })
  const updater = createStoreUpdater({ ...parts, store, now: () => NOON })
  updater.start()
  await updater.settled()
  await updater.stop()
  await store.close()
  const duckdb = await openDuckdb({
    ...{ lakeDirectory: layout.lake, tempDirectory: layout.temporary, memory_mb: 256, threads: 1 },
  })
  const meta = openLakeMeta({ directory: layout.lakeMeta, buckets: BUCKETS })
  const lake = await openFileLake({
    ...{ duckdb, meta, directory: layout.lake, lakeSqlFile: layout.lakeSql },
    ...{ tempDirectory: layout.temporary, refusedDirectory: layout.refused, config: settings },
    ...{
      buckets: BUCKETS,
      secret: SECRET,
      metrics: NO_METRICS,
      now: () => NOON,
      background: false,
    },
  })
  const writer = createLakeWriter({ ...parts, lake, now: () => performance.now() })
  while (await writer.tick());
  await lake.close()
  await meta.close()
  await duckdb.close()
}

/** What Athena would answer, by DuckDB over the objects that are there. */
async function openViews(): Promise<typeof sql> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  const tables = await openLakeTables(s3, OUTPUTS.LakeBucket, connection)
  return {
    async run(statement) {
      const named = EVENT_TYPES.filter((type: EventType) => statement.includes(`FROM ${type}`))
      await tables.follow(named)
      const rows = (await connection.runAndReadAll(statement)).getRowsJson() as string[][]
      return { columns: [], rows, truncated: false, elapsed_ms: 0, scanned_bytes: undefined }
    },
    async close() {
      await tables.close()
      connection.closeSync()
      instance.closeSync()
    },
  }
}
