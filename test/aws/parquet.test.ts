import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeParquet, parseLine } from '../../src/aws/parquet.ts'
import { copyToParquet, readLines, writeLines } from '../../src/local/parquet.ts'
import { decodeRecord, isEventGroup } from '../../src/pipeline/record.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
import { openDoor } from '../door-fixture.ts'
import { orderLine, viewLine } from '../lake-fixture.ts'
import { goodEvent } from '../schema/arbitrary.ts'

const WRITTEN = 1_736_937_002_345

let directory: string
let instance: DuckDBInstance
let connection: DuckDBConnection
let written = 0

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-aws-parquet-'))
  instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  connection = await instance.connect()
})
afterAll(async () => {
  connection.closeSync()
  instance.closeSync()
  await rm(directory, { recursive: true })
})

/** What DuckDB reads out of the files of both encoders: names and types, and the rows. */
async function readBoth(type: EventType, lines: readonly Uint8Array[]) {
  // A name is used once: DuckDB keeps what it has read of a file, and knows a changed one only by size and time.
  const round = written++
  const at = (name: string) => path.join(directory, `${round}-${name}`)
  await writeLines(
    at('lines.ndjson'),
    lines.map((line) => ({ line })),
  )
  const select = `SELECT *, make_timestamp_ms(${WRITTEN}) AS written_at FROM ${readLines(type, at('lines.ndjson'))}`
  await copyToParquet(connection, select, at('embedded.parquet'))
  await writeFile(at('lambda.parquet'), encodeParquet(type, lines.map(parseLine), WRITTEN))
  return [await read(at('embedded.parquet')), await read(at('lambda.parquet'))] as const
}

async function read(file: string) {
  // Which record a row came with only the distributed lake tells by a column.
  const sql = `SELECT COLUMNS(name -> name <> 'record_hash') FROM read_parquet('${file}')`
  const found = await connection.runAndReadAll(sql)
  // JSON is text with a mark in DuckDB's own files, and text in those for every engine.
  const types = found.columnTypes().map((one) => String(one).replace('JSON', 'VARCHAR'))
  const json = found.columnTypes().map((one) => `${one.alias ?? one}` === 'JSON')
  return { names: found.columnNames(), types, json, rows: found.getRowsJson() }
}

async function expectSame(type: EventType, lines: readonly Uint8Array[]): Promise<void> {
  const [embedded, lambda] = await readBoth(type, lines)
  expect(lambda.names).toEqual(embedded.names)
  expect(lambda.types).toEqual(embedded.types)
  const parsed = (rows: readonly unknown[][]) =>
    rows.map((row) =>
      row.map((value, at) =>
        embedded.json[at] && value !== null ? JSON.parse(String(value)) : value,
      ),
    )
  expect(parsed(lambda.rows)).toEqual(parsed(embedded.rows))
}

test('both encoders make the same rows and types of whatever the door takes', async () => {
  const event = fc.constantFrom(...EVENT_TYPES).chain((type) => goodEvent(type))
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 60 }), async (events) => {
      const { send, stream } = openDoor({ event_max_bytes: 1_000_000 })
      await send(events)
      const lines = new Map<EventType, Uint8Array[]>()
      for (const { data } of stream.records) {
        for (const { name, lines: found } of decodeRecord(data).groups) {
          if (isEventGroup(name)) lines.set(name, [...(lines.get(name) ?? []), ...found])
        }
      }
      expect(lines.size).toBeGreaterThan(0)
      for (const [type, found] of lines) await expectSame(type, found)
    }),
    // To shrink a case takes hundreds of files, and longer than the test may: the seed is enough.
    { numRuns: 12, endOnFailure: true },
  )
})

test('the first and the last moment, greatest amounts, odd texts and empty lists', async () => {
  const lines = [
    orderLine('a', {
      occurred_at: '0001-01-01T00:00:00.000Z',
      local_date: '9999-12-31',
      total_amount: '99999999999999.9999',
      shop_value: '-99999999999999.9999',
      items: [],
      customer_id: 'Zoë \u0000\n"quoted" 😀',
      shipping_address: {},
      extra: { 'a.b': null, n: 0.1, deep: { x: [1, '2', { y: null }] } },
    }),
    orderLine('b', { total_amount: '0', fx_rate: 5e-324, amount_mismatch: true }),
  ]
  await expectSame(
    'order_created',
    lines.map((line) => Buffer.from(line)),
  )
})

test('many rows are one file of several row groups', async () => {
  const lines = Array.from({ length: 60_000 }, (_, index) => Buffer.from(viewLine(`v${index}`)))
  const file = path.join(directory, 'many.parquet')
  await writeFile(file, encodeParquet('product_view', lines.map(parseLine), WRITTEN))
  const counted = await connection.runAndReadAll(
    `SELECT count(DISTINCT event_id) AS ids, count(*) AS n FROM read_parquet('${file}')`,
  )
  expect(counted.getRowsJson()).toEqual([['60000', '60000']])
})

test.each([
  ['local_hour', 'noon'],
  ['local_hour', 2 ** 31],
  ['price', '0.00001'],
  ['price', 'much'],
  ['bot', 'yes'],
  ['occurred_at', '2025-01-15'],
  ['local_date', '2025-02-31x'],
  ['customer_id', 7],
  ['event_id', null],
])('a line whose %s is %j is refused by name', (column, value) => {
  const line = Buffer.from(viewLine('bad', { [column]: value }))
  expect(() => encodeParquet('product_view', [parseLine(line)], WRITTEN)).toThrow(
    expect.objectContaining({
      code: 'encoder_refused',
      message: expect.stringContaining(column),
    }),
  )
})
