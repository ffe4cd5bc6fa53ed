import { rmSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import viewColumns from '../../generated/view-columns.json' with { type: 'json' }
import {
  athenaNames,
  compactionSql,
  keepSql,
  keptViewSql,
  MOST_DAYS_WRITTEN,
  type ViewColumn,
  waitingDaysSql,
} from '../../src/derive/athena.ts'
import {
  type CompactedDays,
  countLateSql,
  lateMinutesSql,
  noteLateSql,
} from '../../src/derive/athena-duplicates.ts'
import { erasedDaysSql, eraseSql } from '../../src/derive/athena-erase.ts'
import { createTableSql } from '../../src/derive/duckdb.ts'
import { TABLES } from '../../src/derive/table.ts'
import {
  trinoBaseDdl,
  trinoKeptDdl,
  trinoLateDdl,
  trinoRawDdl,
  trinoViewDdl,
} from '../../src/derive/trino.ts'
import { compileReport } from '../../src/reports/compile.ts'
import { compileModels, trinoTables } from '../../src/reports/models.ts'
import { daysInTurn, daysToMake, rangesOf } from '../../src/reports/table-days.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
import { NOON } from '../door-fixture.ts'
import { allModels, allReports } from '../reports/lake.ts'
import { differences } from './same-rows.ts'
import { importedLines, type Lines, objectsOf, simulatedLines, writeObject } from './shop-lake.ts'
import { connectTrino, type Trino } from './trino-client.ts'

/**
 * conformance <url of Trino> <its files> [<folder of Online Retail's files>] [--questions]: exit code 1 where Trino and DuckDB differ on a model or a report, where a
 * view's columns are not those that the catalogue is told, where a reader sees a compaction half done, or where an erased person
 * is left.
 */
const [url, root, ...rest] = process.argv.slice(2) as [string, string, ...string[]]
const isQuick = rest.includes('--questions')
const folder = rest.find((word) => !word.startsWith('--'))
const PLACE = { catalog: 'lake', schema: 'shop' }
const DDL = { schema: 'shop', location: 'local://' }

/** Rows of each type that a client sent again, and what of them is another. */
const SENT_AGAIN = 25
const AGAIN = { record_hash: 2 ** 48 - 1, received_at: new Date(NOON + 60_000).toISOString() }
let sentAgain = 0

/** Exit code of who was stopped before anything was found, as scripts/engines.mjs has it. */
const LEFT_OUT = 69
let failures = 0
process.once('SIGTERM', () => process.exit(failures > 0 ? 1 : LEFT_OUT))
const models = allModels()
const reports = [...allReports().values()]
const instance = await DuckDBInstance.create(':memory:')
const duckdb = await instance.connect()
await duckdb.run("SET TimeZone = 'UTC'")
const trino = connectTrino(url, PLACE)

const today = await layRaw()
await openDuckdb(duckdb)
await openTrino(trino)
if (!isQuick) await compareEvents('as written')
const waiting = await waitingDays()
await compactUnderReaders()
if (!isQuick) await compareEvents('compacted')
await makeTables(waiting)
if (!isQuick) await eraseOne()
await layModels(trino)
await compareQuestions()
duckdb.closeSync()
instance.closeSync()
process.stdout.write(failures === 0 ? 'Trino and DuckDB agree.\n' : `${failures} failed.\n`)
process.exitCode = failures === 0 ? 0 : 1

function report(name: string, problems: readonly string[]): void {
  if (problems.length > 0) failures++
  process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n`)
  for (const problem of problems) process.stdout.write(`     ${problem.slice(0, 700)}\n`)
}

/** Raw objects of either the files given or a simulated shop; the last day on which something happened. */
async function layRaw(): Promise<string> {
  if (folder === undefined) {
    layOverlapping(await simulatedLines())
    return '2025-01-31'
  }
  layOverlapping(await importedLines(folder))
  const files = EVENT_TYPES.flatMap((type) => objectsOf(root, type))
  const list = files.map((file) => `'${file}'`).join(', ')
  const { rows } = await asked(`SELECT CAST(MAX(CAST(occurred_at AS DATE)) AS VARCHAR)
    FROM read_parquet([${list}], union_by_name = true)`)
  return String(rows[0]![0])
}

async function asked(sql: string): Promise<{ rows: unknown[][] }> {
  return { rows: (await duckdb.runAndReadAll(sql)).getRowsJson() }
}

/**
 * Three batches, each of which begins with the end of the one before: as after a batch that was cut anew; and what a client sent again a
 * minute later.
 */
function layOverlapping(lines: Lines): void {
  for (const [type, sent] of lines) {
    const all = sent.map((row, index) => ({ ...row, record_hash: 1 + Math.floor(index / 7) }))
    const again = all.slice(0, SENT_AGAIN).map((row) => ({ ...row, ...AGAIN }))
    writeObject(root, type, 'again', again)
    sentAgain += again.length
    const third = Math.ceil(all.length / 3)
    for (const batch of [0, 1, 2]) {
      const part = all.slice(Math.max(0, batch * third - 20), (batch + 1) * third)
      writeObject(root, type, `batch-${batch}`, part)
    }
  }
}

/** DuckDB's views: of the same objects one row per (dt, event_id). */
async function openDuckdb(connection: DuckDBConnection): Promise<void> {
  for (const type of EVENT_TYPES) {
    const files = objectsOf(root, type)
    const list = files.map((file) => `'${file}'`).join(', ')
    await connection.run(createTableSql(type, TABLES[type]))
    await connection.run(`ALTER TABLE ${type} ADD COLUMN dt DATE`)
    if (files.length === 0) continue
    await connection.run(
      `INSERT INTO ${type} BY NAME SELECT * FROM (
         SELECT * EXCLUDE (record_hash), CAST(occurred_at AS DATE) AS dt
         FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false))
       QUALIFY ROW_NUMBER() OVER (PARTITION BY dt, event_id ORDER BY received_at, written_at) = 1`,
    )
  }
  for (const view of compileModels(models, 'duckdb')) {
    await connection.run(`CREATE VIEW ${view.name} AS ${view.sql}`)
  }
}

async function openTrino(engine: Trino): Promise<void> {
  const iceberg = connectTrino(url, { ...PLACE, catalog: 'iceberg' })
  await engine.run("CREATE SCHEMA IF NOT EXISTS shop WITH (location = 'local:///shop')")
  await iceberg.run(withoutEnd(trinoLateDdl(DDL)))
  for (const type of EVENT_TYPES) {
    await engine.run(withoutEnd(trinoRawDdl(TABLES[type], DDL)))
    await iceberg.run(withoutEnd(trinoBaseDdl(TABLES[type], DDL)))
    for (const view of trinoViewDdl(TABLES[type], 'shop')) await engine.run(withoutEnd(view))
  }
}

/** Days for which events wait, by type. */
async function waitingDays(): Promise<Map<EventType, string[]>> {
  const days = new Map<EventType, string[]>()
  for (const type of EVENT_TYPES) {
    const { rows } = await trino.run(waitingDaysSql(TABLES[type]))
    days.set(
      type,
      rows.map(([day]) => String(day)),
    )
  }
  return days
}

/** Drops a customer with orders from both engines; rows of models are made anew for the days of theirs. */
async function eraseOne(): Promise<void> {
  const { rows } = await asked(`SELECT customer_id, MAX(anonymous_id) FROM events
    WHERE customer_id IS NOT NULL GROUP BY 1 HAVING MAX(anonymous_id) IS NOT NULL
    ORDER BY COUNT(DISTINCT event_type) DESC, COUNT(*) DESC, 1 LIMIT 1`)
  const [customer_id, browser] = rows[0]!.map(String) as [string, string]
  const person = { customer_id, anonymous_ids: [browser, "O'Brien"], erased_id: 'erased:1' }
  const every = EVENT_TYPES.map((type) => TABLES[type])
  const changed = new Map<EventType, string[]>()
  await attempt('a person erased', async () => {
    for (const [type, day] of (await trino.run(erasedDaysSql(every, person))).rows) {
      changed.set(type as EventType, [...(changed.get(type as EventType) ?? []), String(day)])
    }
    for (const [type, days] of changed) {
      const update = eraseSql(TABLES[type], person, { from: days[0]!, to: days.at(-1)! })
      await trino.run(update)
      await duckdb.run(update.replace(athenaNames(type).base, type))
    }
    const left = await trino.run(erasedDaysSql(every, person))
    return changed.size > 1 && left.rows.length === 0 ? [] : ['the person is still there']
  })
  await compareEvents('a person erased')
  await makeTables(changed)
}

/** Rows of models that are tables, for the days around those on which something has come. */
async function makeTables(changed: ReadonlyMap<EventType, readonly string[]>): Promise<void> {
  const iceberg = connectTrino(url, { ...PLACE, catalog: 'iceberg' })
  for (const { name, rowsOf, reach } of trinoTables(models)) {
    const columns = columnsOf(name)
    await iceberg.run(withoutEnd(trinoKeptDdl(name, columns, DDL)))
    await trino.run(`CREATE OR REPLACE VIEW ${name} AS ${keptViewSql(name, columns)}`)
    const began = performance.now()
    await attempt(`rows made of ${name}`, async () => {
      for (const days of daysInTurn(daysToMake(reach, changed), MOST_DAYS_WRITTEN)) {
        await trino.run(keepSql(name, columns, days, rowsOf(rangesOf(days))))
      }
      return []
    })
    process.stdout.write(`     ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
  }
}

function columnsOf(view: string): ViewColumn[] {
  return (viewColumns as { [name: string]: ViewColumn[] })[view]!
}

async function layModels(engine: Trino): Promise<void> {
  for (const view of compileModels(models, 'trino')) {
    await attempt(`model ${view.name}`, async () => {
      const sql = view.in_table ? keptViewSql(view.name, columnsOf(view.name)) : view.sql
      await engine.run(`CREATE OR REPLACE VIEW ${view.name} AS ${sql}`)
      const { rows } = await engine.run(`DESCRIBE ${view.name}`)
      const found = rows.map(([name, type]) => `${name} ${type}`)
      const told = columnsOf(view.name)
      return sameColumns(
        found,
        told.map(({ name, type }) => `${name} ${type}`),
      )
    })
  }
}

/** Names and types as Trino writes them: without quotes, and a text of known length is a text all the same. */
function sameColumns(found: readonly string[], told: readonly string[]): string[] {
  const plain = (column: string) =>
    column
      .replaceAll('"', '')
      .replaceAll(', ', ',')
      .replace(/varchar\(\d+\)/g, 'varchar')
  return told
    .map(plain)
    .flatMap((column, index) =>
      column === plain(found[index] ?? '')
        ? []
        : [`the catalogue is told ${column}, Trino has ${found[index]}`],
    )
}

async function attempt(name: string, run: () => Promise<string[]>): Promise<void> {
  try {
    report(name, await run())
  } catch (error) {
    report(name, [(error as Error).message])
  }
}

async function compareEvents(when: string): Promise<void> {
  process.stdout.write(`\n${when}\n`)
  for (const name of EVENT_TYPES) {
    await attempt(`rows of ${name}`, () => compareSql(`SELECT * FROM ${name}`))
  }
}

async function compareQuestions(): Promise<void> {
  process.stdout.write('\nmodels and reports\n')
  for (const { name } of models) {
    await attempt(`rows of ${name}`, () => compareSql(`SELECT * FROM ${name}`))
  }
  await attempt('every event counted', () => compareSql('SELECT COUNT(*) FROM events'))
  for (const one of reports) {
    await attempt(`report ${one.name}`, async () => {
      const clock = { today, now: Math.max(NOON, Date.parse(today)), models }
      const params = folder === undefined ? {} : widest(one.parameters.map(({ name }) => name))
      const ours = compileReport(one, params, { dialect: 'duckdb', ...clock })
      const theirs = compileReport(one, params, { dialect: 'trino', ...clock })
      const [a, b] = await Promise.all([
        duckdb.runAndReadAll(ours.sql, [...ours.params]),
        trino.run(theirs.sql, theirs.params),
      ])
      return differences(a.getRowsJson() as unknown[][], b.rows)
    })
  }
}

/** A year back, where a report takes a range. */
function widest(names: readonly string[]): { [name: string]: string } {
  if (!names.includes('from')) return {}
  const from = new Date(Date.parse(today) - 365 * 86_400_000).toISOString().slice(0, 10)
  return { from, to: today }
}

async function compareSql(sql: string): Promise<string[]> {
  const [a, b] = await Promise.all([duckdb.runAndReadAll(sql), trino.run(sql)])
  return differences(a.getRowsJson() as unknown[][], b.rows)
}

/**
 * Takes everything into the compacted tables while others count; then removes the objects, all but the last of each type, and
 * goes on counting. Every count must be the same.
 */
async function compactUnderReaders(): Promise<void> {
  const types = EVENT_TYPES.filter((type) => objectsOf(root, type).length > 0)
  await attempt('what clients sent again, before compaction', async () => {
    const { rows } = await trino.run(lateMinutesSql(types.map(compactedDays)))
    return rows.length === 0 ? [] : [`found in ${rows.length} minutes`]
  })
  for (const type of types) await attempt(`compaction of ${type}`, () => compactOne(type))
  await attempt('what clients sent again', async () => {
    const { received_at } = AGAIN
    const { rows } = await trino.run(countLateSql({ from: received_at, to: received_at }))
    const found = rows.reduce((sum, row) => sum + Number(row[3]), 0)
    return found === sentAgain ? [] : [`${found} of ${sentAgain} are noted`]
  })
}

function compactedDays(type: EventType): CompactedDays {
  const days = waiting.get(type)!
  return { table: TABLES[type], days: { from: days[0]!, to: days.at(-1)! } }
}

async function compactOne(type: EventType): Promise<string[]> {
  if (isQuick) {
    await compact(type)
    return []
  }
  const count = async (): Promise<number> => {
    try {
      return Number((await trino.run(`SELECT COUNT(*) FROM ${type}`)).rows[0]![0])
    } catch (error) {
      // Trino's metastore in files writes its entries in place, which Glue does not.
      if ((error as Error).message.includes('Could not read table schema')) return count()
      throw error
    }
  }
  const expected = await count()
  const seen: number[] = []
  let running = true
  const reader = (async () => {
    while (running) seen.push(await count())
  })()
  await compact(type)
  const files = objectsOf(root, type)
  // Objects go once they are in: a reader that began before may still be reading them, so they wait.
  running = false
  await reader
  for (const file of files.slice(0, -1)) rmSync(file)
  seen.push(await count())
  await compact(type)
  const base = await trino.run(`SELECT COUNT(*) FROM ${athenaNames(type).base}`)
  seen.push(await count(), Number(base.rows[0]![0]))
  const wrong = seen.filter((one) => one !== expected)
  return wrong.length === 0 ? [] : [`${expected} rows, but readers saw ${wrong.join(', ')}`]
}

async function compact(type: EventType): Promise<void> {
  for (const days of daysInTurn(waiting.get(type)!, MOST_DAYS_WRITTEN)) {
    await trino.run(compactionSql(TABLES[type], { from: days[0]!, to: days.at(-1)! }))
  }
  const day = AGAIN.received_at.slice(0, 10)
  await trino.run(noteLateSql([compactedDays(type)], { from: day, to: day }))
}

function withoutEnd(statement: string): string {
  return statement.replace(/;$/, '')
}
