import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createLakeWriter } from '../src/consume/lake.ts'
import { openDuckdb } from '../src/local/duckdb.ts'
import { openFileLake } from '../src/local/file-lake.ts'
import { openLakeMeta } from '../src/local/lake-meta.ts'
import { copyToParquet, readLines } from '../src/local/parquet.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { decodeRecord } from '../src/pipeline/record.ts'
import type { StreamRecord } from '../src/ports.ts'
import { simulate } from '../src/simulator/simulate.ts'
import { DEFAULTS, openDoor } from '../test/door-fixture.ts'
import { createMemoryStream, type MemoryStream } from '../test/memory-stream.ts'
import { numberOf } from './arguments.ts'

/**
 * How fast do records become Parquet? A simulated shop's day goes through the door into a stream in memory, in requests of
 * 500; then the lake writer drains it: decode, NDJSON, DuckDB, fsync, rename, books. The limit beside it: DuckDB alone, from
 * the same product views in one NDJSON file. Medians of rounds, as one JSON line. Arguments: events, rounds, threads.
 */
const EVENTS = numberOf(process.argv[2], 300_000)
const ROUNDS = numberOf(process.argv[3], 3)
const THREADS = numberOf(process.argv[4], 1)
const FROM = Date.parse('2025-03-03T00:00:00Z')

interface Round {
  readonly rows_per_s: number
  readonly rows_per_cpu_s: number
  readonly bytes_per_event: number
  readonly files: number
  readonly peak_rss_mb: number
}

async function main(): Promise<void> {
  const { stream, events } = await fillStream()
  const rounds: Round[] = []
  const limits: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(await drain(stream, events))
    limits.push(await duckdbAlone(stream))
  }
  const median = (values: readonly number[]) =>
    Math.round([...values].sort((a, b) => a - b)[values.length >> 1]! * 10) / 10
  const figures = Object.fromEntries(
    (Object.keys(rounds[0]!) as (keyof Round)[]).map((name) => [
      name,
      median(rounds.map((round) => round[name])),
    ]),
  )
  const spread = rounds.map((round) => Math.round(round.rows_per_s))
  const limit = median(limits)
  const ratio = Math.round((figures.rows_per_cpu_s! / limit) * 100) / 100
  process.stdout.write(
    `${JSON.stringify({ bench: 'lake', events, threads: THREADS, ...figures, spread, duckdb_alone_rows_per_cpu_s: limit, ratio })}\n`,
  )
}

async function fillStream(): Promise<{ stream: MemoryStream; events: number }> {
  const stream = createMemoryStream(16)
  const { door } = openDoor({}, { stream, now: () => FROM + 86_400_000 })
  let batch: unknown[] = []
  let events = 0
  const send = async () => {
    const answer = await door.collectValues(batch, {
      source: { name: 'web', kind: 'server' },
      received_at: FROM + 86_400_000,
      request_id: `r${events}`,
    })
    events += answer.accepted
    batch = []
  }
  const visits = Math.ceil(EVENTS / 5)
  const simulation = simulate({
    seed: 1,
    from: FROM,
    to: FROM + 86_000_000,
    sessions_per_day: visits,
  })
  for (const simulated of simulation) {
    batch.push(simulated.event)
    if (batch.length === 500) await send()
    if (events + batch.length >= EVENTS) break
  }
  await send()
  return { stream, events }
}

async function drain(stream: MemoryStream, events: number): Promise<Round> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-bench-'))
  const at = (name: string) => path.join(directory, name)
  const duckdb = await openDuckdb({
    lakeDirectory: at('lake'),
    tempDirectory: at('tmp'),
    memory_mb: 1024,
    threads: THREADS,
  })
  const meta = openLakeMeta({ directory: at('lake-meta'), buckets: 16 })
  const lake = await openFileLake({
    duckdb,
    directory: at('lake'),
    lakeSqlFile: at('lake.sql'),
    tempDirectory: at('tmp'),
    refusedDirectory: at('lake-meta/refused'),
    meta,
    config: DEFAULTS,
    buckets: 16,
    secret: Buffer.alloc(32, 1),
    metrics: NO_METRICS,
    now: Date.now,
    background: false,
  })
  const writer = createLakeWriter({
    stream,
    lake,
    config: DEFAULTS,
    metrics: NO_METRICS,
    now: Date.now,
  })
  let peak = 0
  const cpu = process.cpuUsage()
  const began = performance.now()
  while (await writer.tick()) peak = Math.max(peak, process.memoryUsage.rss())
  await lake.flush()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const files = lake.files()
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  if (rows !== events) throw new Error(`${events} events became ${rows} rows`)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  await lake.close()
  await meta.close()
  await duckdb.close()
  await rm(directory, { recursive: true })
  return {
    rows_per_s: rows / seconds,
    rows_per_cpu_s: rows / ((user + system) / 1e6),
    bytes_per_event: bytes / rows,
    files: files.length,
    peak_rss_mb: peak / 1e6,
  }
}

/** Rows per CPU second of one COPY from NDJSON to Parquet, without anything around it. */
async function duckdbAlone(stream: MemoryStream): Promise<number> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-bench-'))
  const lines = path.join(directory, 'tmp', 'lines.ndjson')
  const duckdb = await openDuckdb({
    lakeDirectory: path.join(directory, 'lake'),
    tempDirectory: path.join(directory, 'tmp'),
    memory_mb: 1024,
    threads: THREADS,
  })
  await writeFile(lines, viewsOf(stream.records))
  const connection = await duckdb.connect()
  const cpu = process.cpuUsage()
  const select = `FROM ${readLines('product_view', lines)}`
  const target = path.join(directory, 'lake', 'limit.parquet')
  const { rows } = await copyToParquet(connection, select, target)
  const { user, system } = process.cpuUsage(cpu)
  connection.closeSync()
  await duckdb.close()
  await rm(directory, { recursive: true })
  return rows / ((user + system) / 1e6)
}

function viewsOf(records: readonly StreamRecord[]): Buffer {
  const lines = records.flatMap(({ data }) =>
    decodeRecord(data).groups.flatMap((group) =>
      group.name === 'product_view' ? group.lines.flatMap((line) => [line, Buffer.from('\n')]) : [],
    ),
  )
  return Buffer.concat(lines)
}

await main()
