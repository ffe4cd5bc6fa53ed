import { describe, expect, test } from 'vitest'
import { ShoplakeError } from '../errors.ts'
import type { LastingQueries, Result, SqlEngine } from '../ports.ts'
import { createSqlQueries } from './sql-queries.ts'

const LIMITS = { timeout_ms: 1000, max_rows: 1000 }

function resultOf(count: number, text = 'x'): Result {
  return {
    columns: [{ name: 'n', type: 'INTEGER' }],
    rows: Array.from({ length: count }, (_, index) => [index, text]),
    truncated: false,
    elapsed_ms: 1,
    scanned_bytes: undefined,
  }
}

/** An engine whose queries end when the test says so; the SQL is the number of rows. */
function handEngine() {
  const running: { finish(): void; aborted: boolean }[] = []
  const engine: SqlEngine = {
    run(sql, _params, _limits, signal) {
      return new Promise((resolve, reject) => {
        const query = { finish: () => resolve(resultOf(Number(sql))), aborted: false }
        running.push(query)
        signal.addEventListener('abort', () => {
          query.aborted = true
          reject(new ShoplakeError('sql_cancelled', 'cancelled'))
        })
        if (sql === 'fail') reject(new ShoplakeError('sql_failed', 'no such table'))
      })
    },
  }
  return { engine, running }
}

describe('createSqlQueries', () => {
  test('pages of a finished query join to the whole result', async () => {
    const { engine, running } = handEngine()
    const queries = createSqlQueries({ engine, limits: LIMITS, now: () => 0 })
    const { query_id } = await queries.start('25', [], LIMITS)
    expect((await queries.wait(query_id, 1)).status).toBe('running')
    expect(queries.page(query_id, undefined, 10)).toMatchObject({ status: 'running', rows: [] })
    running[0]?.finish()
    expect((await queries.wait(query_id, 1000)).status).toBe('done')
    const rows: unknown[] = []
    let cursor: string | undefined
    do {
      const page = queries.page(query_id, cursor, 10)
      rows.push(...page.rows)
      expect(page.row_count).toBe(25)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
    expect(rows).toEqual(resultOf(25).rows)
    expect(queries.result(query_id)?.rows).toHaveLength(25)
  })

  test('ids are long, random and unlike', async () => {
    const { engine } = handEngine()
    const queries = createSqlQueries({ engine, limits: LIMITS, now: () => 0 })
    const begun = Array.from({ length: 50 }, () => queries.start('1', [], LIMITS))
    const ids = (await Promise.all(begun)).map(({ query_id }) => query_id)
    expect(new Set(ids).size).toBe(50)
    expect(ids.every((id) => /^q_[0-9a-f]{32}$/.test(id))).toBe(true)
  })

  test('a failed query throws its own error; an unknown one is not_found; a foreign cursor bad_request', async () => {
    const { engine, running } = handEngine()
    const queries = createSqlQueries({ engine, limits: LIMITS, now: () => 0 })
    const { query_id: failed } = await queries.start('fail', [], LIMITS)
    expect((await queries.wait(failed, 1000)).status).toBe('failed')
    expect(() => queries.page(failed, undefined, 10)).toThrow('no such table')
    expect(() => queries.page('q_0', undefined, 10)).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    )
    const { query_id: good } = await queries.start('3', [], LIMITS)
    running[1]?.finish()
    await queries.wait(good, 1000)
    for (const cursor of ['', '1', 'r-1', 'r9', '__proto__', 'r1e3']) {
      expect(() => queries.page(good, cursor, 10)).toThrow(
        expect.objectContaining({ code: 'bad_request' }),
      )
    }
  })

  test('cancel aborts the engine and forgets the query; so does close', async () => {
    const { engine, running } = handEngine()
    const queries = createSqlQueries({ engine, limits: LIMITS, now: () => 0 })
    const { query_id: first } = await queries.start('1', [], LIMITS)
    await queries.cancel(first)
    expect(running[0]?.aborted).toBe(true)
    await expect(queries.cancel(first)).rejects.toMatchObject({ code: 'not_found' })
    await queries.start('1', [], LIMITS)
    await queries.close()
    expect(running[1]?.aborted).toBe(true)
  })

  test('finished queries go after their time, counted from when they were last asked for', async () => {
    let time = 0
    const { engine, running } = handEngine()
    const queries = createSqlQueries({ engine, limits: LIMITS, now: () => time, keep_ms: 100 })
    const { query_id } = await queries.start('1', [], LIMITS)
    time = 1000
    expect(queries.page(query_id, undefined, 1).status).toBe('running')
    running[0]?.finish()
    await queries.wait(query_id, 1000)
    time = 1099
    expect(queries.page(query_id, undefined, 1).status).toBe('done')
    time = 1198
    expect(queries.page(query_id, undefined, 1).status).toBe('done')
    time = 1298
    expect(() => queries.page(query_id, undefined, 1)).toThrow(/expired/)
  })

  test('results are bounded in bytes, the one longest unasked goes first, and queries in number', async () => {
    const { engine, running } = handEngine()
    const queries = createSqlQueries({
      engine,
      limits: LIMITS,
      now: () => 0,
      keep_bytes: 12_000,
      keep_queries: 3,
    })
    const ids: string[] = []
    for (const index of [0, 1]) {
      ids.push((await queries.start('100', [], LIMITS)).query_id)
      running[index]?.finish()
      await queries.wait(ids[index] ?? '', 1000)
    }
    queries.page(ids[0] ?? '', undefined, 1)
    ids.push((await queries.start('100', [], LIMITS)).query_id)
    running[2]?.finish()
    await queries.wait(ids[2] ?? '', 1000)
    expect(() => queries.page(ids[1] ?? '', undefined, 1)).toThrow(/expired/)
    expect(queries.page(ids[0] ?? '', undefined, 1).status).toBe('done')
    for (const _ of [0, 1, 2]) await queries.start('1', [], LIMITS)
    expect(() => queries.page(ids[0] ?? '', undefined, 1)).toThrow(/expired/)
    await expect(queries.start('1', [], LIMITS)).rejects.toMatchObject({ code: 'overloaded' })
  })

  test('where queries last, any process may wait for one or stop it, and none takes a foreign id', async () => {
    const begun = new Map<string, { stopped: boolean }>()
    const lasting: LastingQueries = {
      async begin(sql) {
        if (sql === 'fail') throw new ShoplakeError('sql_refused', 'one SELECT')
        begun.set(`athena-${begun.size}`, { stopped: false })
        return `athena-${begun.size - 1}`
      },
      async follow(id, _limits, signal) {
        const query = begun.get(id)
        if (!query) throw new ShoplakeError('not_found', 'no such query')
        await Promise.resolve()
        if (!signal.aborted) return resultOf(25)
        query.stopped = true
        throw new ShoplakeError('sql_cancelled', 'cancelled')
      },
    }
    const process = () => {
      const engine: SqlEngine = { run: () => Promise.reject(new Error('not asked')), lasting }
      return createSqlQueries({ engine, limits: LIMITS, now: () => 0 })
    }
    const { query_id } = await process().start('25', [], LIMITS)
    expect(query_id).toBe('athena-0')
    const other = process()
    expect((await other.wait(query_id, 1000)).status).toBe('done')
    expect(other.page(query_id, undefined, 10)).toMatchObject({ row_count: 25, next_cursor: 'r10' })
    await expect(process().start('fail', [], LIMITS)).rejects.toMatchObject({ code: 'sql_refused' })
    await process().cancel(query_id)
    expect(begun.get(query_id)?.stopped).toBe(true)
    await expect(process().cancel('athena-9')).rejects.toMatchObject({ code: 'not_found' })
    const stranger = process()
    expect((await stranger.wait('athena-9', 1000)).status).toBe('failed')
    expect(() => stranger.page('athena-9', undefined, 10)).toThrow('no such query')
  })
})
