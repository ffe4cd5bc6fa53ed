import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { athenaValue } from '../../src/aws/athena-values.ts'
import { athenaNames, compactionSql } from '../../src/derive/athena.ts'
import { LATE_COLUMNS, LATE_DUPLICATES } from '../../src/derive/athena-duplicates.ts'
import { createTableSql } from '../../src/derive/duckdb.ts'
import { withRecord } from '../../src/derive/record-column.ts'
import { TABLES } from '../../src/derive/table.ts'
import { moveLateDuplicates } from '../../src/main/compact-duplicates.ts'
import { ledgerOf } from '../../src/pipeline/ledger-shares.ts'
import type { ResultValue, SqlEngine } from '../../src/ports.ts'
import { DEFAULTS } from '../door-fixture.ts'
import { createMemoryBucketStore, type MemoryBucketStore } from '../memory-bucket-store.ts'

const TABLE = TABLES.product_view
const { raw, base } = athenaNames(TABLE.event_type)
const DAYS = { from: '2025-01-01', to: '2025-12-31' }
const MINUTE_MS = 60_000
const NOON = Date.parse('2025-06-01T12:00:00Z')

/** An event by a record: what one accepted request made of it. */
interface Row {
  readonly event: number
  readonly record: number
}

/** An object comes, or compaction does, which may be killed around its nth step. */
type Step = { readonly object: readonly Row[] } | { readonly killedAt: number | undefined }

const row: fc.Arbitrary<Row> = fc.record({
  event: fc.integer({ min: 0, max: 4 }),
  record: fc.integer({ min: 0, max: 6 }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ object: fc.array(row, { minLength: 1, maxLength: 6 }) }),
  fc.record({ killedAt: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }) }),
)

let instance: DuckDBInstance
let connection: DuckDBConnection

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  await connection.run(createTableSql(raw, withRecord(TABLE)))
  await connection.run(createTableSql(base, withRecord(TABLE)))
  await connection.run(`ALTER TABLE ${base} ADD COLUMN dt DATE`)
  const late = LATE_COLUMNS.map(({ name, type }) => `${name} ${type.replace(/\(.*/, '')}`)
  await connection.run(`CREATE TABLE ${LATE_DUPLICATES} (${late.join(', ')})`)
})
afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

test('what a client sent again is booked once, and what was written again never, however compaction is cut off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const table of [raw, base, LATE_DUPLICATES]) await connection.run(`DELETE FROM ${table}`)
      const store = createMemoryBucketStore(1)
      for (const one of steps) {
        if ('object' in one) await write(one.object)
        else await compact(store, one.killedAt)
      }
      await compact(store, undefined)
      const pairs = new Set(steps.flatMap((one) => ('object' in one ? one.object.map(textOf) : [])))
      const kept = await query(`SELECT event_id, record_hash FROM ${base}`)
      expect(booked(store)).toEqual(expectedOf(pairs, new Set(kept.map((each) => each.join('/')))))
    }),
    { numRuns: 30, endOnFailure: true },
  )
}, 120_000)

test('rows that were moved in from one machine hold each event once, whatever they meet', async () => {
  for (const table of [raw, base, LATE_DUPLICATES]) await connection.run(`DELETE FROM ${table}`)
  const store = createMemoryBucketStore(1)
  const moved = () => insert([{ event: 1, record: 0 }], 'NULL')
  await moved()
  await compact(store, undefined)
  await moved()
  await compact(store, undefined)
  expect(booked(store)).toEqual({})
  await write([{ event: 1, record: 3 }])
  await moved()
  await compact(store, undefined)
  expect(booked(store)).toEqual({ [placeOf(3)]: 1 })
})

/** Two sources, and minutes on both sides of a midnight. */
function factsOf(record: number) {
  const at = NOON + (record - 3) * 4 * 3_600_000
  return { source: record % 2 === 0 ? 'web' : 'shop', at }
}

function placeOf(record: number): string {
  const { source, at } = factsOf(record)
  return `${source} ${Math.floor(at / MINUTE_MS)}`
}

function textOf({ event, record }: Row): string {
  return `e${event}/${record + 1}`
}

const write = (rows: readonly Row[]) => insert(rows)

async function insert(rows: readonly Row[], hash?: string): Promise<void> {
  const values = rows.map(({ event, record }) => {
    const { source, at } = factsOf(record)
    const day = `2025-0${1 + event}-01`
    return `('e${event}', TIMESTAMP '${day} 10:00:00', '${source}', make_timestamp_ms(${at}), ${hash ?? record + 1})`
  })
  await connection.run(
    `INSERT INTO ${raw} (event_id, occurred_at, source, received_at, record_hash) VALUES ${values.join(', ')}`,
  )
}

/** Compaction of the type as the function does it. A step is a statement or a write of the books; a kill comes before it or after it. */
async function compact(store: MemoryBucketStore, killedAt: number | undefined): Promise<void> {
  let steps = 0
  async function around<T>(work: () => Promise<T>): Promise<T> {
    if (steps++ === killedAt) throw new Error('killed')
    const value = await work()
    if (steps++ === killedAt) throw new Error('killed')
    return value
  }
  const change = (statement: string) => around(async () => void (await connection.run(statement)))
  const sql: SqlEngine = {
    run: (statement) =>
      around(async () => ({
        ...{ columns: [], rows: await query(statement), truncated: false },
        ...{ elapsed_ms: 0, scanned_bytes: undefined },
      })),
  }
  const guarded = {
    ...store,
    save: (...given: Parameters<typeof store.save>) => around(() => store.save(...given)),
  }
  try {
    await change(compactionSql(TABLE, DAYS))
    await moveLateDuplicates(
      {
        ...{ sql, change, store: guarded, config: DEFAULTS, now: () => NOON },
        limits: { timeout_ms: 1000, max_rows: 1000 },
      },
      [{ table: TABLE, days: DAYS }],
    )
    await change(`DELETE FROM ${raw}`)
  } catch (error) {
    if ((error as Error).message !== 'killed') throw error
  }
}

/** Values as Athena's adapter gives them. */
async function query(statement: string): Promise<ResultValue[][]> {
  const found = await connection.runAndReadAll(statement)
  const types = found.columnTypes().map(String)
  return found
    .getRowsJson()
    .map((values) => values.map((value, at) => athenaValue(String(value), types[at]!)))
}

/** Late duplicates by source and minute; each is one row less in the lake. */
function booked(store: MemoryBucketStore): { [place: string]: number } {
  return Object.fromEntries(
    ledgerOf(store.shares('lake_duplicates')).map(({ source, minute, counts }) => {
      expect(counts.in_lake).toBe(-counts.duplicate_late!)
      return [`${source} ${minute}`, counts.duplicate_late!]
    }),
  )
}

function expectedOf(
  pairs: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): { [place: string]: number } {
  const places: { [place: string]: number } = {}
  for (const pair of pairs) {
    if (kept.has(pair)) continue
    const place = placeOf(Number(pair.split('/')[1]) - 1)
    places[place] = (places[place] ?? 0) + 1
  }
  return places
}
