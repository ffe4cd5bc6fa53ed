import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freshen, makeBodies, percentile, post, type Target } from './load.ts'

/**
 * How fast is the whole way? Sustained events/s (accepted, divided by the time until both consumers have caught up), accept latency
 * at half of that, accept → SQL latency when quiet. Server and load generator share the machine. Prints one JSON line.
 */
const SECONDS = Number(process.argv[2] ?? 20)
const CONNECTIONS = 8
const BATCH_EVENTS = 500

interface Server {
  readonly target: Target
  readonly child: ChildProcess
  readonly directory: string
}

async function startServer(): Promise<Server> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-bench-'))
  const child = spawn(
    process.execPath,
    ['dist/cli.js', 'start', '--port', '0', '--data-dir', directory, '--log-level', 'error'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const info = path.join(directory, 'run', 'server.json')
  while (!existsSync(info)) await sleep(50)
  await sleep(100)
  const { url, operator_key } = JSON.parse(readFileSync(info, 'utf8'))
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  return { target: { url: new URL(url), key: operator_key, agent }, child, directory }
}

/** Closed loop over CONNECTIONS; `perSecond` paces it. Counts what got a 2xx. */
async function drive(
  target: Target,
  seconds: number,
  counter: { next: number },
  perSecond = Number.POSITIVE_INFINITY,
) {
  const bodies = makeBodies(CONNECTIONS * 4, BATCH_EVENTS)
  const latencies: number[] = []
  let accepted = 0
  let refused = 0
  const end = performance.now() + seconds * 1000
  const gap = (CONNECTIONS * BATCH_EVENTS * 1000) / perSecond
  const connection = async (index: number) => {
    let due = performance.now() + (gap === 0 ? 0 : (gap * index) / CONNECTIONS)
    for (let turn = 0; performance.now() < end; turn++) {
      if (due > performance.now()) await sleep(due - performance.now())
      const body = bodies[index * 4 + (turn % 4)]!
      const { status, elapsed_ms } = await post(
        target,
        freshen(body, counter),
        'application/x-ndjson',
      )
      latencies.push(elapsed_ms)
      if (status === 202) accepted += BATCH_EVENTS
      else refused += 1
      due += gap
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)))
  return { accepted, refused, latencies }
}

interface Answer {
  readonly rows?: unknown[][]
  readonly totals?: { readonly pending_store?: number }
}

async function json(target: Target, route: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { 'x-api-key': target.key, 'content-type': 'application/json' }
  const response = await fetch(new URL(route, target.url), { ...init, headers })
  return (await response.json()) as Answer
}

async function countEvents(target: Target): Promise<number> {
  const answer = await json(target, '/v1/sql', {
    method: 'POST',
    body: JSON.stringify({ sql: 'select count(*) from events' }),
  })
  return Number(answer.rows?.[0]?.[0] ?? 0)
}

/** Waits until SQL and the store have everything; milliseconds since the call. */
async function settle(target: Target, expected: number): Promise<number> {
  const started = performance.now()
  for (;;) {
    const ledger = await json(target, '/v1/ledger')
    if ((await countEvents(target)) >= expected && Number(ledger.totals?.pending_store ?? 0) === 0)
      break
    await sleep(100)
  }
  return performance.now() - started
}

async function visibleAfter(target: Target, index: number): Promise<number> {
  const id = `probe-${process.pid}-${index}`
  const event = {
    event_id: id,
    event_type: 'page_view',
    timestamp: new Date().toISOString(),
    session_id: id,
    page_url: '/',
  }
  await post(target, Buffer.from(JSON.stringify(event)), 'application/json')
  const started = performance.now()
  const body = JSON.stringify({ sql: `select count(*) from page_view where event_id = '${id}'` })
  for (;;) {
    const answer = await json(target, '/v1/sql', { method: 'POST', body })
    if (Number(answer.rows?.[0]?.[0]) === 1) return performance.now() - started
    await sleep(10)
  }
}

/** Processes of the server by name: CPU seconds used and anonymous memory in MB, from /proc (proc(5)). */
function usage(parent: number): { [name: string]: { cpu_s: number; rss_anon_mb: number } } {
  const result: { [name: string]: { cpu_s: number; rss_anon_mb: number } } = {}
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(entry) !== parent && Number(fields[1]) !== parent) continue
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8')
      const name = /([a-z-]+)\.js/.exec(command)?.[1] ?? entry
      const anon =
        /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1] ?? '0'
      result[name] = {
        cpu_s: (Number(fields[11]) + Number(fields[12])) / 100,
        rss_anon_mb: Math.round(Number(anon) / 1024),
      }
    } catch (error) {
      // A process may end between the listing and the reading.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return result
}

const server = await startServer()
try {
  const counter = { next: 1 }
  const { target } = server
  const warm = await drive(target, 3, counter)
  await settle(target, warm.accepted)
  const before = usage(server.child.pid!)
  const started = performance.now()
  const full = await drive(target, SECONDS, counter)
  const driven_s = (performance.now() - started) / 1000
  const drain_ms = await settle(target, warm.accepted + full.accepted)
  const after = usage(server.child.pid!)
  const sustained = full.accepted / (driven_s + drain_ms / 1000)
  const half = await drive(target, Math.min(SECONDS, 15), counter, sustained / 2)
  await settle(target, warm.accepted + full.accepted + half.accepted)
  const visible: number[] = []
  for (let index = 0; index < 20; index++) visible.push(await visibleAfter(target, index))
  const round = (value: number) => Math.round(value * 10) / 10
  console.log(
    JSON.stringify({
      bench: 'end-to-end',
      seconds: SECONDS,
      accepted_per_s: Math.round(full.accepted / driven_s),
      sustained_per_s: Math.round(sustained),
      drain_ms: Math.round(drain_ms),
      refused_requests: full.refused + half.refused,
      accept_full_ms: {
        p50: round(percentile(full.latencies, 0.5)),
        p99: round(percentile(full.latencies, 0.99)),
      },
      accept_half_ms: {
        p50: round(percentile(half.latencies, 0.5)),
        p99: round(percentile(half.latencies, 0.99)),
      },
      accept_to_sql_ms: {
        p50: round(percentile(visible, 0.5)),
        p99: round(percentile(visible, 0.99)),
      },
      cpu_s: Object.fromEntries(
        Object.entries(after).map(([name, use]) => [
          name,
          round(use.cpu_s - (before[name]?.cpu_s ?? 0)),
        ]),
      ),
      rss_anon_mb: Object.fromEntries(
        Object.entries(after).map(([name, use]) => [name, use.rss_anon_mb]),
      ),
    }),
  )
} finally {
  server.child.kill('SIGTERM')
  await new Promise((resolve) => server.child.once('exit', resolve))
  rmSync(server.directory, { recursive: true, force: true })
}
