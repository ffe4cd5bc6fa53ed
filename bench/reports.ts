import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { shiftDay } from '../src/derive/days.ts'
import { TABLES } from '../src/derive/table.ts'
import { type Duckdb, openDuckdb } from '../src/local/duckdb.ts'
import { createDuckdbSql } from '../src/local/duckdb-sql.ts'
import { type FileLakeOptions, openFileLake } from '../src/local/file-lake.ts'
import { type LakeMeta, openLakeMeta } from '../src/local/lake-meta.ts'
import { NO_METRICS } from '../src/metrics.ts'
import type { SqlEngine } from '../src/ports.ts'
import { compileReport, parseReport } from '../src/reports/compile.ts'
import { parseModels } from '../src/reports/model.ts'
import { compileModels } from '../src/reports/models.ts'
import { DEFAULTS } from '../test/door-fixture.ts'
import { numberOf } from './arguments.ts'
import { commitAgain } from './new-events.ts'
import { writeReportLake } from './report-lake.ts'

/**
 * How long does each report take over a shop's history? Its last 28 days as the console asks for them, and its last 90: once
 * cold (nothing read since the lake was opened), then warm. One JSON line: wall milliseconds, CPU, and a plain scan of the events
 * beside them; each report as it is done on stderr. Arguments: events, days, warm rounds, a directory that keeps the history for the next run (- for a temporary one,
 * which goes at the end), and names of reports (else all).
 */
const EVENTS = numberOf(process.argv[2], 5_000_000)
const DAYS = numberOf(process.argv[3], 90)
const ROUNDS = numberOf(process.argv[4], 5)
const KEEP = process.argv[5] === '-' ? undefined : process.argv[5]
const NAMES = new Set(process.argv.slice(6))
const TO = '2026-06-30'
const NOW = Date.parse(`${TO}T23:55:00Z`)
/** What happened from then on comes once more, when upkeep is done: three quarters of an hour of which no kept row knows. */
const NEW_SINCE = `${TO} 23:10:00`
/** Upkeep is done twice: files that it has merged are left alone for a minute. */
const UPKEEP_AT = [NOW - 900_000, NOW]
const BUCKETS = 16
const SCANS = 3
const LIMITS = { timeout_ms: 20_000, max_rows: 10_000, trusted: true }
/** Range of a report in days, as its name is extended by. */
const RANGES = { '': 28, ' 90 d': 90 }

interface Figure {
  readonly cold_ms: number
  readonly warm_ms: number
  readonly warm_p95_ms: number
  readonly cpu_ms: number
  /** The limit: DuckDB counts the events that the report is about by day, one column, in the same files; median. */
  readonly scan_ms: number
}

async function main(): Promise<void> {
  const directory = KEEP ?? (await mkdtemp(path.join(os.tmpdir(), 'shoplake-reports-')))
  const at = (name: string) => path.join(directory, name)
  const database = await openDuckdb({
    ...{ lakeDirectory: at('lake'), tempDirectory: at('tmp') },
    ...{ memory_mb: DEFAULTS.sql_memory_mb, threads: DEFAULTS.sql_threads },
  })
  const meta = openLakeMeta({ directory: at('meta'), buckets: BUCKETS })
  const written_s = await fill(database, meta, at('lake'))
  const files = meta.files()
  const models = parseModels(Object.fromEntries(readSql('models')))
  const unkept = models.map((model) => ({ ...model, kept: false }))
  const started = performance.now()
  let clock = NOW
  const lake = await openFileLake({
    ...lakeOptions(at, database, meta, () => clock),
    models: compileModels(models, 'duckdb'),
  })
  for (clock of UPKEEP_AT) await lake.maintain()
  const opened_s = (performance.now() - started) / 1000
  const connection = await database.connect()
  const new_events = await commitAgain(lake, connection, NEW_SINCE)
  connection.closeSync()
  const engine = createDuckdbSql({
    ...{ database, lease: () => lake.lease(), config: DEFAULTS },
    resolve: (connection, sql) => lake.resolve(connection, sql),
    ...{ metrics: NO_METRICS, now: () => performance.now() },
  })
  const reports: { [name: string]: Figure } = {}
  for (const [name, text] of readSql('.')) {
    if (NAMES.size > 0 && !NAMES.has(name)) continue
    const report = parseReport(name, text)
    for (const [suffix, days] of Object.entries(RANGES)) {
      const dated = report.parameters.some((parameter) => parameter.name === 'from')
      if (suffix && !dated) continue
      const params = dated ? { from: shiftDay(TO, 1 - days), to: TO } : {}
      const options = { dialect: 'duckdb', today: TO, now: NOW, models, kept: true } as const
      const events = compileReport(report, params, { ...options, models: unkept })
      const figure = await measure(
        engine,
        compileReport(report, params, options),
        scanSql(events.sql),
      )
      reports[name + suffix] = figure
      process.stderr.write(`${name}${suffix} ${JSON.stringify(figure)}\n`)
    }
  }
  // The lake stays as it is, as a killed process leaves it: what came anew is for this run alone.
  await meta.close()
  await database.close()
  if (KEEP === undefined) await rm(directory, { recursive: true })
  const figures = Object.values(reports)
  process.stdout.write(
    `${JSON.stringify({
      ...{
        bench: 'reports',
        events: files.reduce((sum, file) => sum + file.rows, 0),
        days: DAYS,
        files: files.length,
      },
      bytes_per_event: round(files.reduce((sum, file) => sum + file.bytes, 0) / EVENTS),
      new_events,
      ...{ written_s: round(written_s), opened_s: round(opened_s), rounds: ROUNDS },
      warm_p50_ms: quantile(
        figures.map((figure) => figure.warm_ms),
        0.5,
      ),
      warm_p95_ms: quantile(
        figures.map((figure) => figure.warm_ms),
        0.95,
      ),
      reports,
    })}\n`,
  )
}

/** Writes the history unless it stands there already; resolves to the seconds that took. */
async function fill(database: Duckdb, meta: LakeMeta, lakeDirectory: string): Promise<number> {
  if (meta.files().length > 0 && existsSync(lakeDirectory)) return 0
  await mkdir(lakeDirectory, { recursive: true })
  const started = performance.now()
  const connection = await database.connect()
  const written = await writeReportLake({
    connection,
    lakeDirectory,
    events: EVENTS,
    days: DAYS,
    to: TO,
  })
  connection.closeSync()
  await meta.commit({ add: written })
  return (performance.now() - started) / 1000
}

function lakeOptions(
  at: (name: string) => string,
  duckdb: Duckdb,
  meta: LakeMeta,
  now: () => number,
): FileLakeOptions {
  return {
    ...{
      duckdb,
      meta,
      directory: at('lake'),
      lakeSqlFile: at('lake.sql'),
      tempDirectory: at('tmp'),
    },
    ...{ refusedDirectory: at('refused'), config: { ...DEFAULTS, lake_days: 0 }, buckets: BUCKETS },
    ...{ secret: new Uint8Array(32), metrics: NO_METRICS, now, background: false },
  }
}

/** Counts the events of the types and days that a statement over events reads, by day. */
function scanSql(sql: string): string {
  const bounded = [...sql.matchAll(/lake_days\('\w+', '[^']*'\)/g)].map(([mark]) => mark)
  const whole = [...sql.matchAll(/\b(?:FROM|JOIN) (\w+)\b/g)]
    .map(([, name]) => name!)
    .filter((name) => Object.hasOwn(TABLES, name) && !sql.includes(`lake_days('${name}'`))
    .map((name) => `lake_days('${name}', '0001-01-01..9999-12-31')`)
  const each = [...new Set([...bounded, ...whole])].map(
    (source) => `SELECT local_date, COUNT(*) AS n FROM ${source} GROUP BY local_date`,
  )
  return `SELECT SUM(n) AS n FROM (${each.join(' UNION ALL ')})`
}

async function measure(
  engine: SqlEngine,
  { sql, params }: { sql: string; params: readonly (string | number)[] },
  scan: string,
): Promise<Figure> {
  const run = async (text: string, values: readonly (string | number)[]) => {
    const before = process.cpuUsage()
    const started = performance.now()
    await engine.run(text, values, LIMITS, new AbortController().signal)
    const used = process.cpuUsage(before)
    return { wall: performance.now() - started, cpu: (used.user + used.system) / 1000 }
  }
  try {
    const cold = await run(sql, params)
    const warm = []
    const scans = []
    for (let round = 0; round < ROUNDS; round++) warm.push(await run(sql, params))
    for (let round = 0; round < SCANS; round++) scans.push((await run(scan, [])).wall)
    const walls = warm.map(({ wall }) => wall)
    return {
      cold_ms: Math.round(cold.wall),
      warm_ms: quantile(walls, 0.5),
      warm_p95_ms: quantile(walls, 0.95),
      cpu_ms: quantile(
        warm.map(({ cpu }) => cpu),
        0.5,
      ),
      scan_ms: quantile(scans, 0.5),
    }
  } catch (error) {
    process.stderr.write(`${error}\n`)
    const none = LIMITS.timeout_ms
    return { cold_ms: none, warm_ms: none, warm_p95_ms: none, cpu_ms: none, scan_ms: none }
  }
}

function readSql(folder: string): [string, string][] {
  const directory = path.resolve('src/reports', folder)
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => [file.slice(0, -4), readFileSync(path.join(directory, file), 'utf8')])
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1]!)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

await main()
