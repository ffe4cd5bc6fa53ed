import { readFileSync, rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { columnsText } from '../../src/derive/duckdb.ts'
import { TABLES } from '../../src/derive/table.ts'
import { openDuckdb } from '../../src/local/duckdb.ts'
import { UNFINISHED } from '../../src/local/lake-files.ts'
import { openLakeMeta } from '../../src/local/lake-meta.ts'
import { sums } from '../contract/lake.ts'
import { flushed } from '../flushed.ts'
import {
  type LakeHome,
  makeLakeHome,
  type OpenLake,
  RECEIVED,
  span,
  views,
} from '../lake-fixture.ts'

const CONFIG = {
  lake_flush_rows: 100,
  lake_flush_s: 60,
  lake_direct_rows: 10,
  lake_compact_files: 4,
  lake_days: 0,
}
const ALL = Number.MAX_SAFE_INTEGER

let home: LakeHome
beforeEach(async () => {
  home = await makeLakeHome()
})
afterEach(() => home.remove())

const count = async (open: OpenLake) =>
  Number((await open.query('SELECT count(*) FROM product_view'))[0]![0])

test('merging sorts, keeps each id of a day once and books the rest', async () => {
  const open = await home.open({ config: CONFIG })
  for (let sequence = 1; sequence <= 4; sequence++) {
    const hour = String(20 - sequence).padStart(2, '0')
    await open.lake.commit([span(0, sequence)], {
      // The door says that it has compared them; only the merge sees that it has not.
      product_view: views(
        sequence === 4 ? '1-' : `${sequence}-`,
        20,
        { sequence },
        {
          occurred_at: `2025-01-15T${hour}:00:00.000Z`,
        },
      ),
    })
  }
  expect(await count(open)).toBe(80)
  await open.lake.maintain()
  expect(open.lake.files().map((file) => file.rows)).toEqual([60])
  expect(await count(open)).toBe(60)
  expect(sums(open.meta.ledger(0, ALL))).toEqual({ in_lake: 60, duplicate_late: 20 })
  const order = await open.query(
    `SELECT list(occurred_at ORDER BY file_row_number) = list(occurred_at ORDER BY occurred_at)
     FROM read_parquet('${path.join(home.directory, 'lake', open.lake.files()[0]!.path)}', file_row_number = true)`,
  )
  expect(order).toEqual([[true]])
})

test('hot rows go to Parquet by age, and positions without rows are recorded', async () => {
  let now = RECEIVED
  const open = await home.open({ config: CONFIG, now: () => now })
  await open.lake.commit([span(0, 1)], { product_view: views('a', 3) })
  await open.lake.maintain()
  expect(open.lake.files()).toHaveLength(0)
  expect(open.lake.checkpoint()[0]).toBe(0)
  now += 60_000
  await open.lake.maintain()
  expect(open.lake.files()).toHaveLength(1)
  expect(open.lake.checkpoint()[0]).toBe(1)
  await open.lake.commit([span(0, 2)], {})
  now += 10_000
  await open.lake.maintain()
  expect(open.lake.checkpoint()[0]).toBe(2)
})

test('days beyond lake_days go, booked as expired', async () => {
  const open = await home.open({
    config: { ...CONFIG, lake_days: 10 },
    now: () => Date.parse('2025-01-26T00:00:00Z'),
  })
  const older = { occurred_at: '2025-01-15T23:59:59.000Z' }
  const kept = { occurred_at: '2025-01-16T00:00:00.000Z' }
  await open.lake.commit([span(0, 1)], {
    product_view: [...views('a', 12, {}, older), ...views('b', 15, {}, kept)],
  })
  await open.lake.maintain()
  expect(await count(open)).toBe(15)
  expect(sums(open.meta.ledger(0, ALL))).toEqual({ in_lake: 15, expired: 12 })
})

/** A lake of two files, the newer of which a commit had no time to compare: five of its rows are in the other. */
async function uncompared(): Promise<void> {
  const open = await home.open({ config: CONFIG })
  await open.lake.commit([span(0, 1)], { product_view: views('a', 20) })
  await open.lake.commit([span(0, 2)], {
    product_view: [...views('a', 5, { sequence: 2 }), ...views('b', 10, { sequence: 2 })],
  })
  const newest = open.lake.files().find((file) => file.rows === 15)!
  await open.close()
  const meta = openLakeMeta({ directory: path.join(home.directory, 'lake-meta') })
  await meta.commit({ add: [{ ...newest, unchecked_from: RECEIVED + 1 }] })
  await meta.close()
}

test('ids that a commit had no time to compare are compared afterwards', async () => {
  await uncompared()
  const again = await home.open({ config: CONFIG })
  await again.lake.maintain()
  expect(await count(again)).toBe(30)
  expect(again.lake.files().every((file) => file.unchecked_from === 0)).toBe(true)
  expect(sums(again.meta.ledger(0, ALL))).toEqual({ in_lake: 30, duplicate_late: 5 })
})

test('a comparison that fails leaves no table of ids in memory, and holds up nothing else', async () => {
  await uncompared()
  const lakeSql = path.join(home.directory, 'lake.sql')
  rmSync(lakeSql)
  const { run } = DuckDBConnection.prototype
  const used = new Set<DuckDBConnection>()
  DuckDBConnection.prototype.run = function (sql, ...rest) {
    if (sql.includes('TABLE known')) used.add(this)
    return run.call(this, sql, ...rest)
  }
  try {
    const step = () => {
      throw new Error('the disk is full')
    }
    const again = await home.open({ config: CONFIG, step })
    await expect(again.lake.maintain()).rejects.toMatchObject({
      code: 'lake_unavailable',
      message: 'comparing files: the disk is full',
    })
    expect(readFileSync(lakeSql, 'utf8')).toContain('.parquet')
    expect(used.size).toBe(1)
    for (const connection of used) {
      const tables = await connection.runAndReadAll('FROM duckdb_tables() WHERE temporary')
      expect(tables.getRowObjectsJson()).toEqual([])
    }
  } finally {
    DuckDBConnection.prototype.run = run
  }
})

test('rows that go straight to Parquet are compared afterwards, too, where a commit has no time', async () => {
  let now = RECEIVED
  const open = await home.open({ config: CONFIG })
  await open.lake.commit([span(0, 1)], { product_view: views('a', 20) })
  const [older] = open.lake.files()
  await open.close()
  const meta = openLakeMeta({ directory: path.join(home.directory, 'lake-meta') })
  await meta.commit({ add: [{ ...older!, rows: 4_000_000 }] })
  await meta.close()
  const again = await home.open({ config: CONFIG, now: () => now })
  const place = { sequence: 2, dedup_from: RECEIVED + 5, received_at: RECEIVED + 10 }
  await again.lake.commit([span(0, 2)], {
    product_view: [...views('a', 5, place), ...views('b', 10, place)],
  })
  await again.lake.maintain()
  const unchecked = again.lake.files().filter((file) => file.unchecked_from > 0)
  expect(unchecked).toMatchObject([{ rows: 15, unchecked_from: RECEIVED + 5 }])
  now += 600_000
  await again.lake.maintain()
  expect(await count(again)).toBe(30)
  expect(again.lake.files().every((file) => file.unchecked_from === 0)).toBe(true)
  expect(sums(again.meta.ledger(0, ALL))).toEqual({ in_lake: 30, duplicate_late: 5 })
})

test('files of an older version have the columns that came later as nulls, and merge', async () => {
  const open = await home.open({ config: CONFIG })
  await open.lake.commit([span(0, 1)], { product_view: views('a', 12) })
  const [file] = open.lake.files()
  await open.close()
  const database = await openDuckdb({
    lakeDirectory: path.join(home.directory, 'lake'),
    tempDirectory: path.join(home.directory, 'tmp'),
    memory_mb: 256,
    threads: 1,
  })
  const connection = await database.connect()
  const target = path.join(home.directory, 'lake', file!.path)
  await connection.run(
    `COPY (SELECT * EXCLUDE (category, extra, dt) FROM read_parquet('${target}')) TO '${target}.old' (FORMAT parquet)`,
  )
  connection.closeSync()
  await database.close()
  await rename(`${target}.old`, target)
  const columns = columnsText(TABLES.product_view)
    .split('\n')
    .filter((line) => !/^(category|extra) /.test(line))
    .join('\n')
  const meta = openLakeMeta({ directory: path.join(home.directory, 'lake-meta') })
  await meta.commit({
    add: [{ ...file!, schema: 'older' }],
    schema: { key: 'older', text: columns },
  })
  await meta.close()
  const again = await home.open({ config: CONFIG })
  const rows = () =>
    again.query(
      'SELECT category, count(*)::INTEGER, min(product_id) FROM product_view GROUP BY 1 ORDER BY 1 NULLS FIRST',
    )
  expect(await rows()).toEqual([[null, 12, 'prod_001']])
  for (let sequence = 2; sequence <= 4; sequence++) {
    await again.lake.commit([span(0, sequence)], {
      product_view: views(`${sequence}-`, 12, { sequence }, { category: 'Toys' }),
    })
  }
  const expected = [
    [null, 12, 'prod_001'],
    ['Toys', 36, 'prod_001'],
  ]
  expect(await rows()).toEqual(expected)
  await again.lake.maintain()
  expect(again.lake.files()).toHaveLength(1)
  expect(await rows()).toEqual(expected)
})

test('a lake that opens flushes the names of its directories', async () => {
  const refusedDirectory = path.join(home.directory, 'refused')
  const names = await flushed(home.directory, () => home.open({ refusedDirectory }))
  expect(names).toEqual(['', ''])
})

test('many days in one commit become one file each', async () => {
  const open = await home.open({ config: CONFIG })
  const rows = Array.from({ length: 40 }, (_, index) => {
    const day = new Date(Date.UTC(2025, 0, 1 + index)).toISOString()
    return { ...views(`d${index}-`, 1, {}, { occurred_at: day })[0]! }
  })
  await open.lake.commit([span(0, 1)], { product_view: rows })
  expect(open.lake.files()).toHaveLength(40)
  expect(await open.query(`SELECT event_id FROM product_view WHERE dt = '2025-02-01'`)).toEqual([
    ['d31-0'],
  ])
  expect(await readdir(path.join(home.directory, 'lake', UNFINISHED))).toEqual([])
  const lines = await readdir(path.join(home.directory, 'tmp', 'lines'))
  expect(lines.filter((name) => name.endsWith('.ndjson'))).toEqual([])
})

test('a disk that refuses leaves nothing visible, nothing behind, and the same call works later', async () => {
  const open = await home.open({ config: CONFIG })
  const blocked = path.join(home.directory, 'lake', 'product_view')
  await writeFile(blocked, 'in the way')
  const rows = { product_view: views('a', 20) }
  await expect(open.lake.commit([span(0, 1)], rows)).rejects.toMatchObject({
    code: 'lake_unavailable',
  })
  expect(await count(open)).toBe(0)
  expect(await readdir(path.join(home.directory, 'lake', UNFINISHED))).toEqual([])
  await rm(blocked)
  await mkdir(blocked)
  expect(await open.lake.commit([span(0, 1)], rows)).toBe('applied')
  expect(await count(open)).toBe(20)
})

test.each([
  ['a day with many rows', 1200],
  ['days with few rows', 3],
])('an id that comes twice in one commit is kept once: %s', async (_, size) => {
  const open = await home.open({ config: CONFIG })
  const late = { occurred_at: '2025-01-10T00:00:00.000Z' }
  const rows = [
    ...views('a', size),
    ...views('b', 6, {}, late),
    ...views(size > 10 ? 'a' : 'b', 5, {}, size > 10 ? {} : late),
    ...views('c', 6),
  ]
  await open.lake.commit([span(0, 1)], { product_view: rows })
  expect(await count(open)).toBe(size + 12)
  expect(sums(open.meta.ledger(0, ALL))).toEqual({ in_lake: size + 12, duplicate_late: 5 })
  const files = await readdir(path.join(home.directory, 'lake'), { recursive: true })
  expect(files.filter((name) => name.endsWith('.parquet'))).toHaveLength(open.lake.files().length)
})

const tombstone = (name: string) => ({
  customer_id: `cust_${name}`,
  anonymous_ids: [],
  erased_id: `erased:${name}`,
  requested_at: RECEIVED,
})

test('an erase that is done stays so, whatever other files wait for a query to end', async () => {
  const open = await home.open({ config: CONFIG })
  const pending = () => open.lake.erasures().map(({ files_pending }) => files_pending)
  await open.lake.erase(tombstone('a'), span(1, 1))
  for (let sequence = 1; sequence <= 3; sequence++) {
    const person = { customer_id: 'cust_b' }
    await open.lake.commit([span(0, sequence)], {
      product_view: views(`${sequence}-`, 20, { sequence }, sequence === 1 ? person : {}),
    })
  }
  expect(pending()).toEqual([0])
  const release = open.lake.lease()
  await open.lake.erase(tombstone('b'), span(1, 1))
  expect(pending()).toEqual([0, 3])
  await open.lake.maintain()
  expect(pending()).toEqual([0, 1])
  // Merged, and the merged files wait, too.
  await open.lake.commit([span(0, 4)], { product_view: views('4-', 20, { sequence: 4 }) })
  await open.lake.maintain()
  expect(open.lake.files()).toHaveLength(1)
  expect(pending()).toEqual([0, 1])
  release()
  await open.lake.maintain()
  expect(pending()).toEqual([0, 0])
})

const DAYS = 24

/** Four files each of many days, which are to be merged; `step` is called as the lake's is, from now on. */
async function openUnmerged(step: (open: OpenLake) => Promise<void>) {
  let now = RECEIVED
  let begun = false
  const open: OpenLake = await home.open({
    config: CONFIG,
    now: () => now,
    async step(moment) {
      if (!begun || moment !== 'visible') return
      now += 20_000
      await step(open)
    },
  })
  for (let sequence = 1; sequence <= 4; sequence++) {
    const rows = Array.from({ length: DAYS }, (_, day) => {
      const occurred_at = new Date(Date.UTC(2025, 0, 1 + day)).toISOString()
      return views(`${sequence}-${day}-`, 1, { sequence }, { occurred_at })[0]!
    })
    await open.lake.commit([span(0, sequence)], { product_view: rows })
  }
  expect(open.lake.files()).toHaveLength(4 * DAYS)
  begun = true
  return open
}

const parquetFiles = async () => {
  const names = await readdir(path.join(home.directory, 'lake'), { recursive: true })
  return names.filter((name) => name.endsWith('.parquet')).length
}

test('while customers are erased one after the other, files are merged, and what was replaced goes', async () => {
  const LAST = 40
  let erased = 0
  const seen: { files: number; left: number; erased: number }[] = []
  const open = await openUnmerged(async ({ lake }) => {
    const files = lake.files().length
    seen.push({ files, left: (await parquetFiles()) - files, erased })
    // Not awaited: it comes as soon as the lake has ended what it is at.
    if (erased < LAST) lake.erase(tombstone(`${erased++}`), span(1, erased)).catch(expect.fail)
  })
  await open.lake.erase(tombstone('first'), span(1, 1))
  await open.lake.maintain()
  expect(seen.find(({ files }) => files < 4 * DAYS)!.erased).toBeLessThan(LAST)
  expect(Math.max(...seen.map(({ left }) => left))).toBeLessThan(2 * DAYS)
  expect(seen.at(-1)).toMatchObject({ files: DAYS, erased: LAST })
})

test('a lake that is closed does not wait for all the upkeep that there is', async () => {
  let closed: Promise<void> | undefined
  const open = await openUnmerged(async (opened) => {
    closed ??= opened.close()
  })
  await open.lake.maintain()
  await closed
  expect(open.lake.files()).toHaveLength(4 * DAYS - 3)
})

test('a lake with more tombstones than a call has room for arguments opens', async () => {
  const many = Array.from({ length: 150_000 }, (_, index) => ({
    number: index + 1,
    erased_id: `erased:${index}`,
    requested_at: RECEIVED,
    // An id may be erased twice.
    id_hashes: [`${index >> 1}`],
  }))
  const meta = openLakeMeta({ directory: path.join(home.directory, 'lake-meta') })
  const open = await home.open({ config: CONFIG, meta: { ...meta, tombstones: () => many } })
  expect(open.lake.erasures()).toHaveLength(150_000)
  await meta.close()
})
