import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDuckdb } from '../../src/local/duckdb.ts'
import { createDuckdbSql } from '../../src/local/duckdb-sql.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { type LakeHome, makeLakeHome, span, views } from '../lake-fixture.ts'

const CONFIG = {
  lake_flush_rows: 60,
  lake_flush_s: 60,
  lake_direct_rows: 45,
  lake_compact_files: 3,
  lake_days: 0,
}

let home: LakeHome
beforeEach(async () => {
  home = await makeLakeHome()
})
afterEach(() => home.remove())

test('two hundred reads during commits, flushes and merges never see a row twice or miss one', async () => {
  let merges = 0
  const metrics = {
    ...NO_METRICS,
    add(name: string) {
      if (name === 'shoplake_lake_compactions_total') merges++
    },
  }
  const open = await home.open({ config: CONFIG, metrics })
  let committed = 0
  let started = 0
  let done = false
  const write = async () => {
    for (let sequence = 1; !done; sequence++) {
      const size = sequence % 3 === 0 ? 50 : 20
      started += size
      await open.lake.commit([span(0, sequence)], {
        product_view: views(`${sequence}-`, size, { sequence }),
      })
      committed += size
    }
  }
  const tidy = async () => {
    while (!done) {
      await open.lake.maintain()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const read = async () => {
    let last = 0
    for (let reads = 0; reads < 200 || merges < 3; reads++) {
      const release = open.lake.lease()
      const before = committed
      const [[rows, ids]] = (await open.query(
        'SELECT count(*)::INTEGER, count(DISTINCT event_id)::INTEGER FROM product_view',
      )) as [[number, number]]
      release()
      expect(ids).toBe(rows)
      expect(rows).toBeGreaterThanOrEqual(Math.max(before, last))
      expect(rows).toBeLessThanOrEqual(started)
      last = rows
    }
    done = true
  }
  const reading = read().finally(() => {
    done = true
  })
  await Promise.all([write(), tidy(), reading])
  await open.close()
}, 180_000)

test('a replaced file stays until the query that may read it has ended', async () => {
  let now = Date.now()
  const open = await home.open({ config: CONFIG, now: () => now })
  for (let sequence = 1; sequence <= 3; sequence++) {
    await open.lake.commit([span(0, sequence)], {
      product_view: views(`${sequence}-`, 50, { sequence }),
    })
  }
  const old = open.lake.files().map((file) => path.join(home.directory, 'lake', file.path))
  expect(old).toHaveLength(3)
  const release = open.lake.lease()
  await open.lake.maintain()
  expect(open.lake.files()).toHaveLength(1)
  now += 60_000
  await open.lake.maintain()
  expect(old.every((file) => existsSync(file))).toBe(true)
  release()
  release()
  await open.lake.maintain()
  expect(old.some((file) => existsSync(file))).toBe(false)
  await open.close()
})

test('a report whose rows do not fit into memory has reached a limit', async () => {
  const database = await openDuckdb({
    lakeDirectory: path.join(home.directory, 'lake'),
    tempDirectory: path.join(home.directory, 'small'),
    memory_mb: 64,
    spill_mb: 1,
    threads: 1,
  })
  const large = `SELECT list(range) AS numbers, DATE '2025-01-15' AS dt FROM range(100000000)`
  const kept = { rowsOf: () => large, reach: new Map() }
  const open = await home.open({ duckdb: database, models: [{ name: 'large', sql: large, kept }] })
  const engine = createDuckdbSql({
    database,
    lease: open.lake.lease,
    resolve: open.lake.resolve,
    config: { sql_slots: 1, sql_queue: 1, sql_memory_mb: 64 },
    metrics: NO_METRICS,
    now: () => 0,
    process_max_bytes: Number.POSITIVE_INFINITY,
  })
  const limits = { timeout_ms: 100_000, max_rows: 1, trusted: true }
  const sql = `SELECT count(*) FROM lake_days('large', '2025-01-15..2025-01-15')`
  const answer = engine.run(sql, [], limits, new AbortController().signal)
  await expect(answer).rejects.toMatchObject({ code: 'sql_limit', status: 422 })
  await open.close()
  await database.close()
})
