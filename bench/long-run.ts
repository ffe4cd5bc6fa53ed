import { execFileSync } from 'node:child_process'
import { type Dirent, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { numberOf } from './arguments.ts'
import {
  type Counter,
  createCounter,
  freshen,
  makeBodies,
  percentile,
  post,
  type Target,
} from './load.ts'
import { type Panel, plot } from './plot.ts'
import { probe } from './probes.ts'
import { ask, type Server, startServer, usageOf } from './server.ts'

/**
 * Does anything grow? A set rate for as long as is asked for, with compaction and retention at work: the stream's room is small, so that its
 * segments go all the time, and one event in fifty is older than the lake keeps. Every ten seconds: anonymous memory and CPU of
 * each process, disk by part, accept latency, both lags, how soon a probe is in SQL and in the store. Writes a table and
 * a plot, `<date>-long-run.md` and `.svg`, into the folder `--into` and prints one JSON line.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    rate: { type: 'string' },
    into: { type: 'string', default: 'bench/results' },
    cli: { type: 'string', default: 'dist/cli.js' },
  },
})
const MINUTES = numberOf(values.minutes, 60)
const RATE = numberOf(values.rate, 10_000)
const SAMPLE_MS = 10_000
const CONNECTIONS = 8
const BATCH_EVENTS = 500
const OLD_SHARE = 50
const DAY_MS = 86_400_000
const SETTINGS = {
  SHOPLAKE_STREAM_MAX_BYTES: '2000000000',
  SHOPLAKE_STREAM_HOURS: '1',
  SHOPLAKE_LAKE_DAYS: '2',
}
const PARTS = ['stream', 'store', 'lake', 'lake-meta'] as const

interface Sample {
  readonly at_s: number
  readonly accepted: number
  readonly refused: number
  readonly accept_ms: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly rss_anon_mb: { readonly [process: string]: number }
  readonly cpu_s: { readonly [process: string]: number }
  readonly disk_mb: { readonly [part: string]: number }
  readonly lag_records: { readonly [consumer: string]: number }
  readonly seen_ms: { readonly sql: number; readonly store: number }
  readonly lake_files: number
}

/** What the connections have seen since the last sample. */
interface Window {
  accepted: number
  refused: number
  latencies: number[]
}

function bodies(): ReturnType<typeof makeBodies> {
  const made = makeBodies(CONNECTIONS * 2, BATCH_EVENTS)
  const old = new Date(Date.now() - 5 * DAY_MS).toISOString()
  for (const { bytes } of made) age(bytes, old)
  return made
}

/** Gives every fiftieth line of a body an old timestamp, in place. */
function age(bytes: Buffer, timestamp: string): void {
  const mark = '"timestamp":"'
  let line = 0
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    if (line++ % OLD_SHARE === 0) bytes.write(timestamp, at + mark.length, 'latin1')
  }
}

async function drive(target: Target, counter: Counter, window: Window, end: number): Promise<void> {
  const made = bodies()
  const gap = (CONNECTIONS * BATCH_EVENTS * 1000) / RATE
  const began = performance.now()
  const connection = async (index: number) => {
    let due = began + (gap * index) / CONNECTIONS
    for (let turn = 0; performance.now() < end; turn++) {
      if (due > performance.now()) await sleep(due - performance.now())
      const body = freshen(made[index * 2 + (turn % 2)]!, counter)
      const { status, elapsed_ms } = await post(target, body, 'application/x-ndjson')
      window.latencies.push(elapsed_ms)
      if (status === 202) window.accepted += BATCH_EVENTS
      else window.refused += BATCH_EVENTS
      due += gap
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)))
}

async function follow(
  server: Server,
  window: Window,
  began: number,
  end: number,
): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let due = began + SAMPLE_MS; due <= end + SAMPLE_MS / 2; due += SAMPLE_MS) {
    await sleep(due - performance.now())
    const at_s = (performance.now() - began) / 1000
    samples.push(await look(server, window, at_s, samples.length))
    process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`)
  }
  return samples
}

async function look(server: Server, window: Window, at_s: number, index: number): Promise<Sample> {
  const { accepted, refused, latencies } = window
  Object.assign(window, { accepted: 0, refused: 0, latencies: [] })
  const usage = usageOf(server.child.pid!)
  const metrics = await metricsOf(server.target)
  const [seen] = await probe(server.target, `l${index}`, 0, AbortSignal.abort())
  const of = (field: 'rss_anon_mb' | 'cpu_s') =>
    Object.fromEntries(Object.entries(usage).map(([name, one]) => [name, one[field]]))
  return {
    at_s: Math.round(at_s),
    accepted,
    refused,
    accept_ms: {
      p50: rounded(percentile(latencies, 0.5)),
      p99: rounded(percentile(latencies, 0.99)),
      max: rounded(percentile(latencies, 1)),
    },
    rss_anon_mb: of('rss_anon_mb'),
    cpu_s: of('cpu_s'),
    disk_mb: Object.fromEntries(
      PARTS.map((part) => [part, rounded(diskBytes(path.join(server.directory, part)) / 1e6)]),
    ),
    lag_records: {
      store: metrics('shoplake_consumer_lag_records', 'consumer="store"'),
      lake: metrics('shoplake_consumer_lag_records', 'consumer="lake"'),
    },
    seen_ms: { sql: rounded(seen!.sql), store: rounded(seen!.live) },
    lake_files: metrics('shoplake_lake_files'),
  }
}

/** Reads a metric, of the series that have this label where there is one: each process says what it knows, the highest counts. */
async function metricsOf({ url, key }: Target): Promise<(name: string, label?: string) => number> {
  const answer = await fetch(new URL('/metrics', url), { headers: { 'x-api-key': key } })
  const lines = (await answer.text()).split('\n')
  return (name, label = '') => {
    const own = lines.filter((line) => line.startsWith(`${name}{`) && line.includes(label))
    return Math.max(0, ...own.map((line) => Number(line.split(' ').at(-1))))
  }
}

/** What a directory takes on the disk: files with holes take less than their length. What goes meanwhile takes nothing. */
function diskBytes(directory: string): number {
  let bytes = 0
  for (const entry of entriesOf(directory)) {
    const full = path.join(directory, entry.name)
    bytes += entry.isDirectory()
      ? diskBytes(full)
      : (statSync(full, { throwIfNoEntry: false })?.blocks ?? 0) * 512
  }
  return bytes
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/** Median of the samples of a stretch, given as shares of the run. */
function medianOf(
  samples: readonly Sample[],
  from: number,
  to: number,
  of: (sample: Sample) => number,
): number {
  const part = samples.slice(
    Math.floor(from * samples.length),
    Math.max(1, Math.ceil(to * samples.length)),
  )
  return percentile(part.map(of).filter(Number.isFinite), 0.5)
}

interface Row {
  readonly what: string
  readonly of: (sample: Sample) => number
}

function rowsOf(samples: readonly Sample[]): Row[] {
  const names = Object.keys(samples.at(-1)?.rss_anon_mb ?? {})
  return [
    ...names.map((name) => ({
      what: `RssAnon ${name}, MB`,
      of: (sample: Sample) => sample.rss_anon_mb[name] ?? 0,
    })),
    {
      what: 'RssAnon of all, MB',
      of: (sample) => Object.values(sample.rss_anon_mb).reduce((a, b) => a + b, 0),
    },
    ...PARTS.map((part) => ({
      what: `disk ${part}, MB`,
      of: (sample: Sample) => sample.disk_mb[part]!,
    })),
    { what: 'files of the lake', of: (sample) => sample.lake_files },
    {
      what: 'accepted, events/s',
      of: (sample) => Math.round(sample.accepted / (SAMPLE_MS / 1000)),
    },
    { what: 'accept p50, ms', of: (sample) => sample.accept_ms.p50 },
    { what: 'accept p99, ms', of: (sample) => sample.accept_ms.p99 },
    { what: 'lag store, records', of: (sample) => sample.lag_records.store! },
    { what: 'lag lake, records', of: (sample) => sample.lag_records.lake! },
    { what: 'accept → SQL, ms', of: (sample) => sample.seen_ms.sql },
    { what: 'accept → store, ms', of: (sample) => sample.seen_ms.store },
  ]
}

function tableOf(samples: readonly Sample[]): string {
  const stretches = [
    [0.05, 0.2],
    [0.4, 0.6],
    [0.8, 1],
  ] as const
  const lines = rowsOf(samples).map(({ what, of }) => {
    const medians = stretches.map(([from, to]) =>
      medianOf(samples, from, to, of).toLocaleString('en'),
    )
    const most = Math.max(...samples.map(of).filter(Number.isFinite)).toLocaleString('en')
    return `| ${[what, ...medians, most].join(' | ')} |`
  })
  return [
    '| median of | first fifth | middle | last fifth | highest |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n')
}

function panelsOf(samples: readonly Sample[]): Panel[] {
  const each = (of: (sample: Sample) => number | undefined) => samples.map(of)
  const names = Object.keys(samples.at(-1)?.rss_anon_mb ?? {})
  return [
    {
      title: 'Anonymous memory',
      unit: 'MB',
      series: Object.fromEntries(names.map((name) => [name, each((one) => one.rss_anon_mb[name])])),
    },
    {
      title: 'Disk',
      unit: 'MB',
      series: Object.fromEntries(PARTS.map((part) => [part, each((one) => one.disk_mb[part])])),
    },
    {
      title: 'Accept',
      unit: 'ms',
      series: { p50: each((one) => one.accept_ms.p50), p99: each((one) => one.accept_ms.p99) },
    },
    {
      title: 'Accepted',
      unit: 'events/s',
      series: {
        accepted: each((one) => one.accepted / (SAMPLE_MS / 1000)),
        refused: each((one) => one.refused / (SAMPLE_MS / 1000)),
      },
    },
    {
      title: 'Lag',
      unit: 'records',
      series: {
        store: each((one) => one.lag_records.store),
        lake: each((one) => one.lag_records.lake),
      },
    },
    {
      title: 'From accept until it is seen',
      unit: 'ms',
      series: { SQL: each((one) => one.seen_ms.sql), store: each((one) => one.seen_ms.store) },
    },
    { title: 'Files of the lake', unit: 'files', series: { files: each((one) => one.lake_files) } },
  ]
}

interface Ending {
  readonly balanced: boolean
  readonly totals: { readonly [name: string]: number }
}

/** The ledger once the store has everything, or after two minutes; the lake's last rows may still be in memory. */
async function ending(target: Target): Promise<Ending | undefined> {
  const end = performance.now() + 120_000
  for (;;) {
    const ledger = await ask<Ending>(target, '/v1/ledger?from=1970-01-01')
    if (ledger?.totals.pending_store === 0 || performance.now() > end) return ledger
    await sleep(1000)
  }
}

function report(samples: readonly Sample[], last: Ending | undefined): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const { totals, balanced } = last ?? {}
  return `# Long run, ${today()}

\`npm run bench -- long-run --minutes ${MINUTES} --rate ${RATE}\`, commit \`${commit}\`, ${os.cpus().length} cores (${os.cpus()[0]?.model}), ${Math.round(os.totalmem() / 1e9)} GB, Node ${process.version},
the load generator on the same machine (load ${os.loadavg()[0]!.toFixed(1)} at the end). ${BATCH_EVENTS} events a request, ${CONNECTIONS} connections; the stream may take
2 GB, the lake keeps 2 days and one event in ${OLD_SHARE} is 5 days old: segments go, files are merged and expire all the time.

![over time](${today()}-long-run.svg)

${tableOf(samples)}

At the end: ledger ${balanced ? 'balanced' : 'NOT BALANCED'}, ${JSON.stringify(totals)}.
`
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

Object.assign(process.env, SETTINGS)
const server = await startServer(values.cli)
try {
  const began = performance.now()
  const end = began + MINUTES * 60_000
  const window: Window = { accepted: 0, refused: 0, latencies: [] }
  const driving = drive(server.target, createCounter(), window, end)
  const [samples] = await Promise.all([follow(server, window, began, end), driving])
  const last = await ending(server.target)
  mkdirSync(values.into, { recursive: true })
  const base = path.join(values.into, `${today()}-long-run`)
  const title = `${RATE.toLocaleString('en')} events/s for ${MINUTES} minutes, ${today()}`
  writeFileSync(
    `${base}.svg`,
    plot(
      title,
      samples.map(({ at_s }) => at_s),
      panelsOf(samples),
    ),
  )
  writeFileSync(`${base}.md`, report(samples, last))
  process.stdout.write(
    `${JSON.stringify({ bench: 'long-run', minutes: MINUTES, rate: RATE, samples: samples.length, balanced: last?.balanced, totals: last?.totals })}\n`,
  )
} finally {
  await server.stop()
}
