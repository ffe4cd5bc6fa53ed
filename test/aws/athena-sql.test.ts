import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAthenaSql } from '../../src/aws/athena-sql.ts'
import { athenaStatement } from '../../src/aws/athena-statement.ts'
import { athenaValue } from '../../src/aws/athena-values.ts'
import { athenaClient } from '../../src/aws/clients.ts'
import { createSlots } from '../../src/local/sql-slots.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import type { SqlEngine } from '../../src/ports.ts'
import { SALES, sqlContract } from '../contract/sql.ts'
import { type AthenaStandIn, startAthenaStandIn } from './athena-stand-in.ts'
import { type FaultProxy, startFaultProxy } from './faults.ts'
import { TEST_PLACE } from './kinesis.ts'

const ENDLESS = 'SELECT count(*) FROM range(1000000000000000) t(i) where hash(i) = 7'

function engineAt(
  endpoint: string,
  reuse_minutes = 0,
  workgroup = 'shop',
): SqlEngine & { close(): void } {
  const client = athenaClient({ ...TEST_PLACE, endpoint })
  const engine = createAthenaSql({
    client,
    workgroup,
    database: 'shop',
    slots: createSlots(2, 2),
    reuse_minutes,
    metrics: NO_METRICS,
    now: () => performance.now(),
  })
  return { ...engine, close: () => client.destroy() }
}

sqlContract('Athena, by a stand-in for its API', async () => {
  const standIn = await startAthenaStandIn()
  await standIn.owner.run(`CREATE TABLE sales AS ${SALES.select}`)
  const engine = engineAt(standIn.endpoint)
  return {
    engine,
    endless: ENDLESS,
    async close() {
      engine.close()
      await standIn.close()
    },
  }
})

describe('athena sql', () => {
  let standIn: AthenaStandIn
  let proxy: FaultProxy
  let engine: ReturnType<typeof engineAt>
  const run = (sql: string, signal = new AbortController().signal) =>
    engine.run(sql, [], { timeout_ms: 20_000, max_rows: 5000 }, signal)

  beforeAll(async () => {
    standIn = await startAthenaStandIn()
    proxy = await startFaultProxy(standIn.endpoint)
    engine = engineAt(proxy.endpoint, 1)
  })
  beforeEach(() => {
    proxy.plan = () => undefined
  })
  afterAll(async () => {
    engine.close()
    await proxy.close()
    await standIn.close()
  })

  test('pages through results, and tells what was scanned', async () => {
    const result = await run('SELECT range AS n FROM range(2500)')
    expect(result.rows.map(([n]) => n)).toEqual(Array.from({ length: 2500 }, (_, n) => n))
    expect(result).toMatchObject({ truncated: false, scanned_bytes: 12_345 })
  })

  test('asks for results that are at hand, and starts nothing twice', async () => {
    await run('SELECT 1 AS one')
    expect(standIn.started.at(-1)).toMatchObject({
      WorkGroup: 'shop',
      QueryExecutionContext: { Database: 'shop' },
      ClientRequestToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ResultReuseConfiguration: {
        ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 1 },
      },
    })
  })

  test('a query that nobody waits for is stopped', async () => {
    const abort = new AbortController()
    const running = run(ENDLESS, abort.signal)
    const outcome = expect(running).rejects.toMatchObject({ code: 'sql_cancelled' })
    await expect.poll(() => standIn.started.at(-1)?.QueryString).toBe(ENDLESS)
    abort.abort()
    await outcome
    expect(standIn.stopped).toHaveLength(1)
  })

  test('a query that another instance began is waited for, or stopped, by its id; one of another workgroup is not', async () => {
    const limits = { timeout_ms: 20_000, max_rows: 5000 }
    const other = engineAt(proxy.endpoint)
    const none = new AbortController()
    const id = await engine.lasting!.begin('SELECT $1 AS n', [42], limits)
    expect((await other.lasting!.follow(id, limits, none.signal)).rows).toEqual([[42]])
    const endless = await engine.lasting!.begin(ENDLESS, [], limits)
    const abort = new AbortController()
    const following = other.lasting!.follow(endless, limits, abort.signal)
    const outcome = expect(following).rejects.toMatchObject({ code: 'sql_cancelled' })
    abort.abort()
    await outcome
    expect(standIn.stopped).toContain(endless)
    const stranger = engineAt(proxy.endpoint, 0, 'elsewhere')
    for (const unknown of [id, randomUUID(), '../../etc/passwd', '']) {
      const followed = stranger.lasting!.follow(unknown, limits, none.signal)
      await expect(followed).rejects.toMatchObject({ code: 'not_found' })
    }
    stranger.close()
    other.close()
  })

  test.each([
    ['TooManyRequestsException', 400, 'sql_busy'],
    ['InternalServerException', 500, 'sql_unavailable'],
    ['InvalidRequestException', 400, 'sql_failed'],
    ['AccessDeniedException', 400, 'sql_unavailable'],
  ])('%s is %s', async (code, status, expected) => {
    proxy.plan = ({ operation }) =>
      operation === 'StartQueryExecution' ? { kind: 'refuse', status, code } : undefined
    await expect(run('SELECT 1')).rejects.toMatchObject({ code: expected })
  })

  test('a passing fault while looking or paging is not seen', async () => {
    const failed = new Set<string>()
    proxy.plan = ({ operation }) => {
      if (failed.has(operation)) return undefined
      failed.add(operation)
      return { kind: 'refuse', status: 500, code: 'InternalServerException' }
    }
    expect((await run('SELECT 7 AS n')).rows).toEqual([[7]])
    expect(failed.size).toBe(3)
  })
})

describe('a statement for Athena', () => {
  test.each([
    ['SELECT \'$1\', "$1" /* $1 */ -- $1\n, $1', "SELECT '$1', \"$1\"    \n, 'O''Brien'"],
    ['SELECT $2, $3, $4, $5', "SELECT 5, DOUBLE '0.1', NULL, TRUE"],
    ['  (SELECT 1) ; -- end', '(SELECT 1)'],
    ['WITH a AS (SELECT 1 AS x) SELECT x FROM a;', 'WITH a AS (SELECT 1 AS x) SELECT x FROM a'],
  ])('%s', (sql, written) => {
    expect(athenaStatement(sql, ["O'Brien", 5, 0.1, null, true])).toBe(written)
  })

  test.each([
    'CREATE TABLE a AS SELECT 1',
    'INSERT INTO a SELECT 1',
    "UNLOAD (SELECT 1) TO 's3://x' WITH (format = 'PARQUET')",
    '/* SELECT */ DROP TABLE a',
    'SELECT 1; DROP TABLE a',
    'EXPLAIN ANALYZE SELECT 1',
    ';;',
  ])('%s is refused', (sql) => {
    expect(() => athenaStatement(sql, [])).toThrow(expect.objectContaining({ code: 'sql_refused' }))
  })
})

test.each([
  ['9007199254740993', 'bigint', '9007199254740993'],
  ['42', 'INTEGER', 42],
  ['12.5000', 'decimal', '12.5000'],
  ['NaN', 'double', null],
  ['1.5E10', 'double', 1.5e10],
  ['true', 'boolean', true],
  ['2025-01-15 10:30:00.000', 'timestamp', '2025-01-15T10:30:00.000Z'],
  ['2025-01-15 10:30:00', 'timestamp', '2025-01-15T10:30:00.000Z'],
  ['2025-01-15', 'date', '2025-01-15'],
  ['', 'varchar', ''],
  [undefined, 'varchar', null],
])('%s of type %s', (text, type, value) => {
  expect(athenaValue(text, type)).toEqual(value)
})
