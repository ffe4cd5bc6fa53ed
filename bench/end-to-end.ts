import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { numberOf } from './arguments.ts'
import { physicalLimits } from './limits.ts'
import {
  type Counter,
  createCounter,
  freshen,
  makeBodies,
  percentile,
  post,
  type Target,
} from './load.ts'
import { probe, runForever, type Visibility } from './probes.ts'
import {
  ask,
  followFlushes,
  followMemory,
  type Server,
  spent,
  startServer,
  usageOf,
} from './server.ts'

/**
 * How fast is the whole way? Sustained events/s (accepted, divided by the time until store and SQL have them all), accept latency then
 * and at half of that, also beside eight queries that never end, accept → SQL and accept → store at half load; beside both what a plain
 * append with fdatasync takes on that disk at that time. Server and load generator share the machine. Prints one JSON line. Options: `--seconds` (20), `--open-visits` at once (100,000),
 * `--cli` (the built one), `--full-only` to leave out what is measured at half load.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    'open-visits': { type: 'string' },
    cli: { type: 'string', default: 'dist/cli.js' },
    'full-only': { type: 'boolean', default: false },
  },
})
const SECONDS = numberOf(values.seconds, 20)
const OPEN_VISITS = numberOf(values['open-visits'], 100_000)
const CLI = values.cli
const FULL_ONLY = values['full-only']
const CONNECTIONS = 8
const BATCH_EVENTS = 500
const WARM_S = 5
/** Asking for the whole balance costs the server something too. */
const SETTLE_POLL_MS = 300
/** A load that has not drained by then never will. */
const DRAIN_LIMIT_MS = 300_000

interface Drive {
  readonly accepted: number
  readonly refused: number
  readonly seconds: number
  readonly latencies: number[]
}

/** Closed loop over the connections for so long; `perSecond` paces it. What got a 202 counts. */
async function drive(
  target: Target,
  seconds: number,
  counter: Counter,
  perSecond = Number.POSITIVE_INFINITY,
): Promise<Drive> {
  const bodies = makeBodies(CONNECTIONS * 2, BATCH_EVENTS)
  const latencies: number[] = []
  const began = performance.now()
  const end = began + seconds * 1000
  const gap = (CONNECTIONS * BATCH_EVENTS * 1000) / perSecond
  let accepted = 0
  let refused = 0
  const connection = async (index: number) => {
    let due = began + (gap * index) / CONNECTIONS
    for (let turn = 0; performance.now() < end; turn++) {
      if (due > performance.now()) await sleep(due - performance.now())
      const body = freshen(bodies[index * 2 + (turn % 2)]!, counter)
      const { status, elapsed_ms } = await post(target, body, 'application/x-ndjson')
      latencies.push(elapsed_ms)
      if (status === 202) accepted += BATCH_EVENTS
      else refused += 1
      due += gap
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)))
  return { accepted, refused, seconds: (performance.now() - began) / 1000, latencies }
}

interface Totals {
  readonly accepted: number
  readonly in_lake: number
  readonly pending_store: number
}

/** Milliseconds until the store has applied and SQL counts everything. Throws where they never agree. */
async function settle(target: Target, expected: number): Promise<number> {
  const started = performance.now()
  for (;;) {
    const ledger = await ask<{ totals: Totals; balanced: boolean }>(target, '/v1/ledger')
    const pending = ledger?.totals.pending_store ?? Number.NaN
    if (pending === 0 && (await countEvents(target)) >= expected) {
      if (ledger?.totals.accepted !== expected || !ledger.balanced)
        throw new Error(`sent ${expected}, ledger: ${JSON.stringify(ledger?.totals)}`)
      return performance.now() - started
    }
    if (performance.now() - started > DRAIN_LIMIT_MS)
      throw new Error(`not settled: expected ${expected}, ${JSON.stringify(ledger?.totals)}`)
    await sleep(SETTLE_POLL_MS)
  }
}

async function countEvents(target: Target): Promise<number> {
  const sql = 'select count(*) from events'
  const answer = await ask<{ rows?: unknown[][] }>(target, '/v1/sql', { sql })
  return Number(answer?.rows?.[0]?.[0] ?? 0)
}

function quantiles(values: readonly number[]) {
  const at = (share: number) => Math.round(percentile(values, share) * 10) / 10
  return { n: values.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** Full load until everything has arrived. */
async function atFullLoad({ target, child }: Server, counter: Counter) {
  const warm = await drive(target, WARM_S, counter)
  await settle(target, warm.accepted)
  const [before, own] = [usageOf(child.pid!), process.cpuUsage()]
  const memory = followMemory(child.pid!)
  const full = await drive(target, SECONDS, counter)
  const drain_ms = await settle(target, warm.accepted + full.accepted)
  const sum = warm.accepted + full.accepted
  const sustained = full.accepted / (full.seconds + drain_ms / 1000)
  const { user, system } = process.cpuUsage(own)
  const cpu_s = { ...spent(before, usageOf(child.pid!)), load: (user + system) / 1e6 }
  const us = Object.entries(cpu_s).map(([name, seconds]) => [
    name,
    Math.round((seconds * 1e8) / full.accepted) / 100,
  ])
  return {
    sum,
    sustained,
    figures: {
      accepted_per_s: Math.round(full.accepted / full.seconds),
      sustained_per_s: Math.round(sustained),
      drain_ms: Math.round(drain_ms),
      refused_requests: full.refused,
      accept_full_ms: quantiles(full.latencies),
      cpu_us_per_event: Object.fromEntries(us),
      rss_anon_max_mb: memory.stop(),
    },
  }
}

/** Half of that, first by itself, with probes of how soon an event is seen; then beside the queries. */
async function atHalfLoad(
  { target, directory }: Server,
  counter: Counter,
  perSecond: number,
  sum: number,
) {
  const half_s = Math.max(5, SECONDS / 2)
  const over = new AbortController()
  const probing = probe(target, 'half', 100, over.signal)
  const flushes = followFlushes(directory)
  const half = await drive(target, half_s, counter, perSecond)
  const flush_half = await flushes.stop()
  over.abort()
  const seen: readonly Visibility[] = await probing
  await settle(target, sum + half.accepted + seen.length)
  const stopQueries = await runForever(target)
  const flushesBeside = followFlushes(directory)
  const beside = await drive(target, half_s, counter, perSecond)
  const flush_beside = await flushesBeside.stop()
  await stopQueries()
  await settle(target, sum + half.accepted + seen.length + beside.accepted)
  return {
    half_per_s: Math.round(half.accepted / half.seconds),
    accept_half_ms: quantiles(half.latencies),
    flush_half_ms: quantiles(flush_half),
    accept_to_sql_ms: quantiles(seen.map(({ sql }) => sql)),
    accept_to_store_ms: quantiles(seen.map(({ live }) => live)),
    accept_beside_queries_ms: quantiles(beside.latencies),
    flush_beside_queries_ms: quantiles(flush_beside),
    beside_per_s: Math.round(beside.accepted / beside.seconds),
  }
}

const load_before = os.loadavg().map((value) => Math.round(value * 10) / 10)
const limits = await physicalLimits(2, CONNECTIONS, BATCH_EVENTS)
const server = await startServer(CLI)
try {
  const counter = createCounter(OPEN_VISITS)
  const { sum, sustained, figures } = await atFullLoad(server, counter)
  const half = FULL_ONLY ? {} : await atHalfLoad(server, counter, sustained / 2, sum)
  const result = {
    bench: 'end-to-end',
    seconds: SECONDS,
    open_visits: OPEN_VISITS,
    load_before,
    limits,
  }
  process.stdout.write(`${JSON.stringify({ ...result, ...figures, ...half })}\n`)
} catch (error) {
  // What did not come out right is worth a look: its data stays.
  process.stderr.write(`the data is left in ${await server.leave()}\n`)
  throw error
}
await server.stop()
