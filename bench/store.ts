import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createStoreUpdater, type StoreUpdater } from '../src/consume/store.ts'
import { openLmdbStore } from '../src/local/lmdb-store.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { decodeRecord } from '../src/pipeline/record.ts'
import type { Stream } from '../src/ports.ts'
import { numberOf } from './arguments.ts'
import { CONFIG, fillStream, openStream, SECRET } from './backlog.ts'

/**
 * What does an event cost the store process? A backlog of the load that `end-to-end` sends (requests of 500 events through the
 * real door into a real stream) is caught up by an updater that has this process for itself, over a store that holds as much
 * again. CPU counts every thread, LMDB's and the garbage collector's too; memory is what is anonymous (RssAnon), at most. Beside
 * it: JSON.parse of the same lines alone, and how long one event alone takes from wake to visible. Prints one JSON line.
 * Arguments: events (300,000), visits open at once (100,000).
 */
const EVENTS = numberOf(process.argv[2], 300_000)
const OPEN_VISITS = numberOf(process.argv[3], 100_000)
const YOUNG_MB = 16
/** Appends `count` events behind the `from` that are there, in a process of its own. */
function fillBeside(directory: string, from: number, count: number): void {
  const args = [process.argv[1]!, String(EVENTS), String(OPEN_VISITS), directory, from, count]
  const { status } = spawnSync(process.execPath, args.map(String), { stdio: 'inherit' })
  if (status !== 0) throw new Error(`filling ended with ${status}`)
}

async function measure(directory: string): Promise<object> {
  fillBeside(directory, 0, EVENTS)
  const store = await openLmdbStore({ directory: path.join(directory, 'store') })
  const stream = await openStream(directory, true)
  const options = { stream, store, config: CONFIG, secret: SECRET, metrics: NO_METRICS }
  const updater = createStoreUpdater({ ...options, now: Date.now })
  updater.start()
  await updater.settled()
  fillBeside(directory, EVENTS, EVENTS)
  const memory = followMemory()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpu = process.cpuUsage()
  const began = performance.now()
  updater.wake()
  await updater.settled()
  const wall_ms = performance.now() - began
  const used = process.cpuUsage(cpu)
  delay.disable()
  const rss_anon_max_mb = memory.stop()
  const idle_ms = await alone(updater, directory)
  await updater.stop()
  const parse_us = await parseAlone(stream)
  await stream.close()
  await store.close()
  return {
    events: EVENTS,
    open_visits: OPEN_VISITS,
    events_per_s: Math.round((EVENTS / wall_ms) * 1000),
    cpu_us_per_event: round((used.user + used.system) / EVENTS),
    cpu_system_us_per_event: round(used.system / EVENTS),
    wall_us_per_event: round((wall_ms * 1000) / EVENTS),
    json_parse_us_per_event: round(parse_us),
    loop_delay_p99_ms: round(delay.percentile(99) / 1e6),
    loop_delay_max_ms: round(delay.max / 1e6),
    idle_visible_ms_median: round(idle_ms),
    rss_anon_max_mb,
  }
}

/** CPU microseconds of JSON.parse per line of the stream. */
async function parseAlone(stream: Stream): Promise<number> {
  let [lines, spent_us] = [0, 0]
  for await (const batch of stream.read('inspect', 0, 0, 256 * 1024)) {
    const groups = batch.records.flatMap(({ data }) => decodeRecord(data).groups)
    const began = process.cpuUsage()
    for (const line of groups.flatMap((group) => group.lines)) {
      JSON.parse((line as Buffer).toString('utf8'))
      lines++
    }
    const { user, system } = process.cpuUsage(began)
    spent_us += user + system
  }
  return spent_us / lines
}

/** Median of the time from the wake after one event to its being committed, the updater idle before. */
async function alone(updater: StoreUpdater, directory: string): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    fillBeside(directory, 2 * EVENTS + 10 * round, 1)
    const began = performance.now()
    updater.wake()
    await updater.settled()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[2]!
}

function followMemory(): { stop(): number } {
  let most = 0
  const look = () => {
    const status = readFileSync('/proc/self/status', 'utf8')
    most = Math.max(most, Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024))
  }
  const timer = setInterval(look, 200)
  return {
    stop() {
      clearInterval(timer)
      look()
      return most
    },
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

/** As the supervisor starts it. */
const NODE_OPTIONS = `--max-semi-space-size=${YOUNG_MB}`

const [filled, from, count] = process.argv.slice(4)
if (filled !== undefined)
  await fillStream(filled, { from: Number(from), count: Number(count), openVisits: OPEN_VISITS })
else if (process.env.NODE_OPTIONS !== NODE_OPTIONS) {
  const env = { ...process.env, NODE_OPTIONS }
  const args = [...process.execArgv, ...process.argv.slice(1)]
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1
} else {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-bench-'))
  try {
    const figures = await measure(directory)
    process.stdout.write(`${JSON.stringify({ bench: 'store', ...figures })}\n`)
  } finally {
    await rm(directory, { recursive: true })
  }
}
