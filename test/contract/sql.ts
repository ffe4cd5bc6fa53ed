import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Result, ResultValue, SqlEngine, SqlLimits } from '../../src/ports.ts'

/** One engine under test, over the table `sales` (below), with two slots and a queue of two. */
export interface SqlUnderTest {
  readonly engine: SqlEngine
  /** A SELECT that would run for hours on this engine. */
  readonly endless: string
  close(): Promise<void>
}

/** What the engine's table `sales` must hold: 5,000 rows, n from 0, price n + 0.25. */
export const SALES = {
  rows: 5000,
  select:
    "SELECT CAST(range AS INTEGER) AS n, CAST(range + 0.25 AS DECIMAL(18,4)) AS price, CASE WHEN range % 2 = 0 THEN 'VN' ELSE 'DE' END AS country FROM range(5000)",
}

const LIMITS: SqlLimits = { timeout_ms: 20_000, max_rows: 1000 }

/** What every SqlEngine promises (ports.ts), as tests. */
export function sqlContract(name: string, open: () => Promise<SqlUnderTest>): void {
  describe(`SqlEngine: ${name}`, () => {
    let under: SqlUnderTest
    beforeAll(async () => {
      under = await open()
    })
    afterAll(() => under.close())

    const run = (
      sql: string,
      params: readonly ResultValue[] = [],
      limits: Partial<SqlLimits> = {},
      signal = new AbortController().signal,
    ): Promise<Result> => under.engine.run(sql, params, { ...LIMITS, ...limits }, signal)

    test('rows are arrays in the order asked for, values keep their exactness', async () => {
      const result = await run('SELECT n, price, country FROM sales ORDER BY n DESC LIMIT 2')
      expect(result.columns.map((column) => column.name)).toEqual(['n', 'price', 'country'])
      expect(result.rows).toEqual([
        [4999, '4999.2500', 'DE'],
        [4998, '4998.2500', 'VN'],
      ])
      expect(result.truncated).toBe(false)
      expect(result.elapsed_ms).toBeGreaterThanOrEqual(0)
    })

    test('columns of one name stay apart, under that name', async () => {
      const result = await run('SELECT n, price AS n, 1 AS n FROM sales WHERE n = 1')
      expect(result.columns.map((column) => column.name)).toEqual(['n', 'n', 'n'])
      expect(result.rows).toEqual([[1, '1.2500', 1]])
    })

    test('an empty result has its columns', async () => {
      const result = await run('SELECT n FROM sales WHERE n < 0')
      expect(result.columns.map((column) => column.name)).toEqual(['n'])
      expect(result.rows).toEqual([])
    })

    test('parameters fill $1, $2', async () => {
      const result = await run('SELECT count(*) AS c FROM sales WHERE country = $1 AND n >= $2', [
        'VN',
        4000,
      ])
      expect(result.rows).toEqual([[500]])
      await expect(run('SELECT $1', [])).rejects.toMatchObject({ code: 'sql_failed' })
    })

    test('the row limit cuts and says so; exactly the limit is whole', async () => {
      const cut = await run('SELECT n FROM sales ORDER BY n', [], { max_rows: 3000 })
      expect(cut.truncated).toBe(true)
      expect(cut.rows).toEqual(Array.from({ length: 3000 }, (_, n) => [n]))
      const whole = await run('SELECT n FROM sales', [], { max_rows: 5000 })
      expect([whole.truncated, whole.rows.length]).toEqual([false, 5000])
    })

    test('comments and a semicolon at the end are fine', async () => {
      const result = await run("-- first;\nSELECT ';' AS t /* ; */ ; -- the end; really")
      expect(result.rows).toEqual([[';']])
    })

    test('a comment at the end cannot swallow the limit', async () => {
      const result = await run('SELECT n FROM sales -- all', [], { max_rows: 10 })
      expect([result.truncated, result.rows.length]).toEqual([true, 10])
    })

    test('what is not one SELECT is sql_refused', async () => {
      for (const sql of ['', 'SELECT 1; SELECT 2', 'DROP TABLE sales', 'DELETE FROM sales']) {
        await expect(run(sql), sql).rejects.toMatchObject({ code: 'sql_refused' })
      }
      expect((await run('SELECT count(*) AS c FROM sales')).rows).toEqual([[5000]])
    })

    test('a mistake is sql_failed, with the reason, wherever in the data it shows', async () => {
      await expect(run('SELECT nope FROM sales')).rejects.toMatchObject({
        code: 'sql_failed',
        message: expect.stringContaining('nope'),
      })
      await expect(run('SELEC 1')).rejects.toMatchObject({ code: 'sql_failed' })
      const late =
        "SELECT CAST(CASE WHEN n = 4900 THEN 'x' ELSE '1' END AS INTEGER) AS v FROM sales"
      await expect(run(late, [], { max_rows: 5000 })).rejects.toMatchObject({ code: 'sql_failed' })
    })

    test('the time limit is sql_limit, and the engine goes on', async () => {
      await expect(run(under.endless, [], { timeout_ms: 200 })).rejects.toMatchObject({
        code: 'sql_limit',
      })
      expect((await run('SELECT 1 AS one')).rows).toEqual([[1]])
    })

    test('the signal cancels before, while waiting, and while running', async () => {
      const aborted = AbortSignal.abort()
      await expect(run('SELECT 1', [], {}, aborted)).rejects.toMatchObject({
        code: 'sql_cancelled',
      })
      const abort = new AbortController()
      const running = [1, 2, 3].map(() => run(under.endless, [], {}, abort.signal))
      const outcomes = Promise.allSettled(running)
      await new Promise((resolve) => setTimeout(resolve, 100))
      abort.abort()
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'sql_cancelled' } })
      }
      expect((await run('SELECT 2 AS two')).rows).toEqual([[2]])
    })

    test('two run, two wait, the fifth is told sql_busy at once; a freed slot goes to the first who waits', async () => {
      const abort = new AbortController()
      const endless = [1, 2].map(() => run(under.endless, [], {}, abort.signal))
      const endings = Promise.allSettled(endless)
      await new Promise((resolve) => setTimeout(resolve, 100))
      const waiting = [run('SELECT 3 AS v'), run('SELECT 4 AS v')]
      await new Promise((resolve) => setTimeout(resolve, 50))
      const busy = await run('SELECT 5 AS v').catch((error: unknown) => error)
      expect(busy).toMatchObject({ code: 'sql_busy', retryable: true, retryAfterS: 2 })
      abort.abort()
      await endings
      expect((await Promise.all(waiting)).map((result) => result.rows)).toEqual([[[3]], [[4]]])
    })
  })
}
