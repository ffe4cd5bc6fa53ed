import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStoreUpdater } from '../src/consume/store.ts'
import { openLmdbStore } from '../src/local/lmdb-store.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { decodeHeader } from '../src/pipeline/record.ts'
import type { Stream } from '../src/ports.ts'
import { numberOf } from './arguments.ts'
import { BUCKETS, CONFIG, fillStream, openStream, SECRET } from './backlog.ts'

/**
 * What does an event cost the store process at a steady rate, where commits are made by time and not by number? A stream that is there
 * is shown to an updater bit by bit, at the rate. CPU by thread counts the second half; what several builds cost can be compared side
 * by side, over one stream. Prints one JSON line. Arguments: events a second (9,000), seconds (60), visits open at once (100,000), a
 * directory for the stream, filled where it is not yet (a new one, removed afterwards).
 */
const RATE = numberOf(process.argv[2], 9000)
const SECONDS = numberOf(process.argv[3], 60)
const OPEN_VISITS = numberOf(process.argv[4], 100_000)
const KEPT = process.argv[5]
const STEP_MS = 50
/** The stream as far as it is to be seen: `share` of every bucket. */
function upTo(stream: Stream, share: () => number): Stream {
  const heads = () => stream.heads().map((head) => Math.floor(head * share()))
  return {
    ...stream,
    heads,
    async *read(reader, bucket, after, maxBytes) {
      const head = heads()[bucket]!
      for await (const batch of stream.read(reader, bucket, after, maxBytes)) {
        const records = batch.records.filter(({ sequence }) => sequence <= head)
        const last = records.at(-1)
        if (last) yield { ...batch, records, last: last.sequence }
        if (records.length < batch.records.length) return
      }
    },
  }
}

/** CPU seconds of this process by name of thread, from /proc (proc(5)). */
function cpuByThread(): Map<string, number> {
  const cpu = new Map<string, number>()
  for (const task of readdirSync('/proc/self/task')) {
    const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const name = task === String(process.pid) ? 'main' : /\((.*)\)/.exec(stat)![1]!
    cpu.set(name, (cpu.get(name) ?? 0) + (Number(fields[11]) + Number(fields[12])) / 100)
  }
  return cpu
}

function rssAnonMb(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

async function measure(directory: string, streamDirectory: string): Promise<object> {
  const stream = await openStream(streamDirectory, true)
  const began = performance.now()
  const passed = () => Math.min(1, (performance.now() - began) / (SECONDS * 1000))
  const store = await openLmdbStore({ directory: path.join(directory, 'store') })
  const updater = createStoreUpdater({
    ...{ stream: upTo(stream, passed), store, config: CONFIG, secret: SECRET },
    ...{ metrics: NO_METRICS, now: Date.now },
  })
  updater.start()
  let [middle, from] = [cpuByThread(), 0]
  let most = 0
  while (passed() < 1) {
    await sleep(STEP_MS)
    updater.wake()
    most = Math.max(most, rssAnonMb())
    if (from === 0 && passed() >= 0.5) [middle, from] = [cpuByThread(), passed()]
  }
  const events = RATE * SECONDS * (1 - from)
  const us = [...cpuByThread()].map(([name, cpu]) => [
    name,
    Math.round(((cpu - (middle.get(name) ?? 0)) * 1e7) / events) / 10,
  ])
  await updater.stop()
  await stream.close()
  await store.close()
  return { cpu_us_per_event: Object.fromEntries(us), rss_anon_max_mb: most }
}

async function eventsIn(directory: string): Promise<number> {
  const stream = await openStream(directory, true)
  let events = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    for await (const { records } of stream.read('inspect', bucket, 0, 1_000_000)) {
      for (const { data } of records) {
        for (const [, lines] of decodeHeader(data).groups) events += lines
      }
    }
  }
  await stream.close()
  return events
}

const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-bench-'))
try {
  const streamDirectory = KEPT ?? directory
  if (!existsSync(path.join(streamDirectory, 'stream')))
    await fillStream(streamDirectory, { count: RATE * SECONDS, openVisits: OPEN_VISITS })
  const events = await eventsIn(streamDirectory)
  if (events !== RATE * SECONDS) throw new Error(`the stream holds ${events} events`)
  const figures = await measure(directory, streamDirectory)
  process.stdout.write(`${JSON.stringify({ bench: 'store-paced', rate: RATE, ...figures })}\n`)
} finally {
  await rm(directory, { recursive: true })
}
