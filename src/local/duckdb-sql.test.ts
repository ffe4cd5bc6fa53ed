import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Metrics, NO_METRICS } from '../metrics.ts'
import type { SqlLimits } from '../ports.ts'
import { type Duckdb, openDuckdb } from './duckdb.ts'
import { createDuckdbSql, type DuckdbSqlOptions } from './duckdb-sql.ts'

const LIMITS: SqlLimits = { timeout_ms: 20_000, max_rows: 100_000 }
const ENDLESS = 'SELECT count(*) FROM range(1000000000000000) t(i) where hash(i) = 7'
/** A second or more in one call of one function, which looks at no interrupt. */
const DEAF = `SELECT levenshtein(string_agg('a', ''), string_agg('b', '')) FROM range(18000)`

describe('createDuckdbSql', () => {
  let directory: string
  let database: Duckdb
  let writer: DuckDBConnection
  let leases = 0

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shoplake-'))
    database = await openDuckdb({
      lakeDirectory: join(directory, 'lake'),
      tempDirectory: join(directory, 'tmp'),
      memory_mb: 256,
      threads: 2,
    })
    writer = await database.connect()
  })

  afterAll(async () => {
    writer.closeSync()
    await database.close()
    await rm(directory, { recursive: true })
  })

  const engineWith = (more: Partial<DuckdbSqlOptions> = {}) =>
    createDuckdbSql({
      // Other tests share this process and its memory.
      process_max_bytes: Number.POSITIVE_INFINITY,
      database,
      lease() {
        leases += 1
        return () => {
          leases -= 1
        }
      },
      config: { sql_slots: 2, sql_queue: 2, sql_memory_mb: 256 },
      metrics: NO_METRICS,
      now: () => performance.now(),
      ...more,
    })

  const ask = (
    sql: string,
    limits: Partial<SqlLimits> = {},
    engine = engineWith(),
    signal = new AbortController().signal,
  ) => engine.run(sql, [], { ...LIMITS, ...limits }, signal)

  test('the lease is held while a query runs and given back whatever becomes of it', async () => {
    const abort = new AbortController()
    const outcome = ask(ENDLESS, {}, engineWith(), abort.signal).catch((error: unknown) => error)
    await expect.poll(() => leases).toBe(1)
    abort.abort()
    expect(await outcome).toMatchObject({ code: 'sql_cancelled' })
    await ask('SELECT 1')
    await ask('SELECT nope').catch(() => undefined)
    await ask('COPY (SELECT 1) TO 1').catch(() => undefined)
    await ask(ENDLESS, { timeout_ms: 100 }).catch(() => undefined)
    expect(leases).toBe(0)
  })

  test('a lease that fails frees the slot', async () => {
    const engine = engineWith({
      lease() {
        throw new Error('the lake is closing')
      },
    })
    for (const _ of [1, 2, 3, 4]) {
      await expect(ask('SELECT 1', {}, engine)).rejects.toThrow(/closing/)
    }
    expect(engine.busy).toEqual({ running: 0, waiting: 0 })
  })

  test('too much memory and too large a result end in sql_limit', async () => {
    const memory = 'SELECT len(list(a)) FROM range(10000000000) t(a)'
    await expect(ask(memory)).rejects.toMatchObject({
      code: 'sql_limit',
      message: expect.stringContaining('memory'),
    })
    const engine = engineWith({ result_max_bytes: 1_000_000 })
    const wide = "SELECT repeat('x', 1000) FROM range(100000)"
    await expect(ask(wide, {}, engine)).rejects.toMatchObject({
      code: 'sql_limit',
      message: expect.stringContaining('1000000 bytes'),
    })
  })

  test('a statement that no interrupt reaches: its caller is answered, its slot stays taken, the process is given up', async () => {
    const stuck: string[] = []
    const engine = engineWith({ stuck_ms: 200, onStuck: (reason) => stuck.push(reason) })
    const outcome = await ask(DEAF, { timeout_ms: 100 }, engine).catch((error: unknown) => error)
    expect(outcome).toMatchObject({ code: 'sql_limit' })
    expect(stuck).toEqual(['a query does not stop'])
    await expect.poll(() => engine.busy.running, { timeout: 20_000 }).toBe(0)
    expect(leases).toBe(0)
  })

  test('beside two never-ending queries the writer still writes, whole and right', async () => {
    const abort = new AbortController()
    const engine = engineWith()
    const hogs = ['SELECT * FROM range(10000000000) t(a) ORDER BY hash(a)', ENDLESS].map((sql) =>
      ask(sql, {}, engine, abort.signal).catch((error: unknown) => error),
    )
    await expect.poll(() => engine.busy.running).toBe(2)
    const file = join(directory, 'lake', 'beside.parquet')
    await writer.run('CREATE TABLE hot_beside AS SELECT range AS n FROM range(1000)')
    await writer.run(`COPY (SELECT range AS n FROM range(100000)) TO '${file}' (COMPRESSION zstd)`)
    await writer.run(
      `BEGIN; DELETE FROM hot_beside; CREATE VIEW beside AS FROM read_parquet(['${file}']) UNION ALL BY NAME FROM hot_beside; COMMIT`,
    )
    abort.abort()
    for (const hog of hogs) expect(await hog).toMatchObject({ code: 'sql_cancelled' })
    const result = await ask('SELECT count(*), sum(n) FROM beside')
    expect(result.rows).toEqual([[100_000, 4_999_950_000]])
  })

  test('nothing that a query leaves in its session meets the next', async () => {
    await ask('SELECT * FROM range(3) t(x)', {}, engineWith())
    const variable = ask("SELECT getvariable('left')", { trusted: true })
    expect((await variable).rows).toEqual([[null]])
  })

  test('trusted text skips the check, but can still do nothing but select', async () => {
    const ours = await ask("SELECT current_setting('TimeZone') AS zone;\n", { trusted: true })
    expect(ours.rows).toEqual([['UTC']])
    for (const sql of [
      `COPY (SELECT 1) TO '${directory}/lake/x.csv'`,
      'CREATE TABLE x (a INTEGER)',
      'SET threads = 1',
      'SELECT 1) LIMIT 0; CREATE TABLE y AS (SELECT 1',
    ]) {
      await expect(ask(sql, { trusted: true }), sql).rejects.toMatchObject({ code: 'sql_failed' })
    }
    await expect(ask("FROM read_text('/etc/passwd')", { trusted: true })).rejects.toMatchObject({
      code: 'sql_refused',
    })
    const tables = await ask('SHOW TABLES')
    expect(tables.rows.flat()).not.toContain('x')
  })

  test('errors show the statement as it was written', async () => {
    const error = await ask('SELECT nope\nFROM range(1)').catch((thrown: Error) => thrown)
    expect((error as Error).message).toContain('LINE 1: SELECT nope')
    expect((error as Error).message).not.toContain('LIMIT')
  })

  test('each query is timed under its outcome', async () => {
    const seen: unknown[] = []
    const metrics: Metrics = { ...NO_METRICS, observe: (...args) => seen.push([args[0], args[2]]) }
    const engine = engineWith({ metrics })
    await ask('SELECT 1', {}, engine)
    await ask('DROP VIEW x', {}, engine).catch(() => undefined)
    expect(seen).toEqual([
      ['shoplake_sql_seconds', { outcome: 'done' }],
      ['shoplake_sql_seconds', { outcome: 'sql_refused' }],
    ])
  })
})
