import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ShoplakeError } from '../src/errors.ts'
import { CANARY, openSandbox, type Sandbox } from './sql-sandbox/sandbox.ts'

/** Statements by what they try. {inside} is a file of the lake, {outside} one beside it; {dir} is the lake directory. */
const HOSTILE_BY_KIND = readJson('hostile.json') as { readonly [kind: string]: readonly string[] }
const HARMLESS = readJson('harmless.json') as readonly string[]

/** What would be long to write down. */
const ENORMOUS: readonly string[] = [
  `SELECT ${'(SELECT '.repeat(24)}1${')'.repeat(24)}`,
  `SELECT ${'abs('.repeat(900)}1${')'.repeat(900)}`,
  `SELECT ${'1+'.repeat(100_000)}1`,
  `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`,
  `WITH c0 AS (SELECT 1 a), ${Array.from({ length: 30 }, (_, k) => `c${k + 1} AS (FROM c${k} x, c${k} y)`).join(', ')} FROM c30`,
  `WITH ${Array.from({ length: 600 }, (_, k) => `c${k} AS (SELECT 1)`).join(', ')} FROM c1`,
  `SELECT 1 -- ${'x'.repeat(100_000)}`,
  "SELECT '\ud800'",
]

const HOSTILE = [...Object.values(HOSTILE_BY_KIND).flat(), ...ENORMOUS]

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`./sql-sandbox/${file}`, import.meta.url), 'utf8'))
}

describe('the SQL sandbox', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox.close())

  const run = (sql: string) => sandbox.run(sql)
  const state = () => sandbox.state()
  const fill = (sql: string) => sandbox.fill(sql)

  test(`${HOSTILE.length} hostile statements are refused, and change and tell nothing`, async () => {
    const before = await state()
    const outcomes = await Promise.all(
      HOSTILE.map((sql) =>
        run(fill(sql)).then(
          (result) => ({ sql, result: JSON.stringify(result).slice(0, 200) }),
          (error: unknown) => ({ sql, error }),
        ),
      ),
    )
    for (const outcome of outcomes) {
      const label = outcome.sql.slice(0, 200)
      expect(outcome, label).not.toHaveProperty('result')
      const { error } = outcome as { error: ShoplakeError }
      expect(error, label).toBeInstanceOf(ShoplakeError)
      expect(['sql_refused', 'sql_failed'], `${label}: ${error.message}`).toContain(error.code)
      expect(error.message, label).not.toContain(CANARY)
      expect(error.message.length, label).toBeGreaterThan(10)
    }
    expect(await state()).toEqual(before)
    expect(sandbox.left()).toEqual({ leases: 0, stuck: [], callers: 0 })
  })

  test('what the parser takes as a SELECT is refused by us, not only by the lock of the engine', async () => {
    const readers = HOSTILE.filter((sql) => /(read_|parquet_|glob\(|'\{(in|out)side\}')/.test(sql))
    const codes = await Promise.all(
      readers.map((sql) => run(fill(sql)).catch((error: ShoplakeError) => error)),
    )
    const failed = codes.filter((error) => (error as ShoplakeError).code !== 'sql_refused')
    // Text after a name is no call, and a CTE takes no other statement: the parser is before us there.
    expect(failed.length).toBeLessThan(5)
    for (const error of failed) expect((error as ShoplakeError).message).toMatch(/Parser|syntax/i)
  })

  test('what people ask is answered', async () => {
    const outcomes = await Promise.allSettled(HARMLESS.map(run))
    const failures = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected' ? [`${HARMLESS[index]}: ${outcome.reason.message}`] : [],
    )
    expect(failures).toEqual([])
  })
})

/**
 * Every function of the pinned DuckDB was looked at when the guard's lists were made. After an upgrade this names the
 * new ones: decide for each in src/local/sql-tree.ts, then add it to the file.
 */
test('no function of DuckDB is new to the guard', async () => {
  const known = new Set(
    (await readFile(new URL('./contract/duckdb-functions.txt', import.meta.url), 'utf8')).split(
      /\s+/,
    ),
  )
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT function_name FROM duckdb_functions()
     WHERE regexp_matches(function_name, '^[a-zA-Z_]') AND NOT starts_with(function_name, 'icu_collate_')`,
  )
  connection.closeSync()
  instance.closeSync()
  const names = reader.getRowsJson().map((row) => String(row[0]))
  expect(names.length).toBeGreaterThan(700)
  expect(names.filter((name) => !known.has(name))).toEqual([])
})
