import { mkdtemp, open, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { SETTINGS } from '../src/config.ts'
import { openLmdbStream } from '../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../src/metrics.ts'

/**
 * How fast is a durable append? Requests of 500 events (16 records of about 15.6 KB) at 16 at a time, and requests of
 * one event (700 bytes) at 64 at a time, beside the disk's own limit: the same bytes by append and fdatasync, grouped
 * as large as they come. Each is repeated in turn; medians are printed as one JSON line. Argument: a directory on the
 * disk to measure (default: the system's temporary one).
 */
const ROUNDS = 3
const ROUND_MS = 2000
const EVENTS_PER_REQUEST = 500
const BATCH = Array.from({ length: 16 }, (_, bucket) => ({
  bucket,
  data: Buffer.alloc(15_600, `{"event_type":"product_view","bucket":${bucket}}\n`),
}))
const SINGLE = Buffer.alloc(700, '{"event_type":"product_view"}\n')

async function main(): Promise<void> {
  const directory = await mkdtemp(path.join(process.argv[2] ?? os.tmpdir(), 'shoplake-bench-'))
  const figures: { [name: string]: number[] } = {}
  const note = (name: string, value: number) => {
    figures[name] = [...(figures[name] ?? []), value]
  }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const at = path.join(directory, String(round))
      const batch = await measureStream(`${at}-batch`, 16, () => BATCH)
      note('events_per_s', batch.perSecond * EVENTS_PER_REQUEST)
      note('batch_p99_ms', batch.p99)
      note('batch_loop_delay_max_ms', batch.loopDelay)
      const single = await measureStream(`${at}-single`, 64, (index) => [
        { bucket: index % 16, data: SINGLE },
      ])
      note('single_requests_per_s', single.perSecond)
      note('single_p99_ms', single.p99)
      note('single_loop_delay_max_ms', single.loopDelay)
      const bytes = BATCH.reduce((sum, record) => sum + record.data.length, 0)
      note('raw_events_per_s', (await measureRaw(`${at}-raw`, bytes, 16)) * EVENTS_PER_REQUEST)
      note('raw_single_requests_per_s', await measureRaw(`${at}-raw1`, SINGLE.length, 64))
    }
  } finally {
    await rm(directory, { recursive: true })
  }
  process.stdout.write(`${JSON.stringify({ bench: 'stream', ...medians(figures) })}\n`)
}

async function measureStream(
  directory: string,
  concurrency: number,
  recordsOf: (index: number) => { bucket: number; data: Uint8Array }[],
): Promise<{ perSecond: number; p99: number; loopDelay: number }> {
  const stream = await openLmdbStream({
    directory,
    buckets: 16,
    config: {
      stream_max_bytes: SETTINGS.stream_max_bytes.default,
      stream_hours: SETTINGS.stream_hours.default,
      disk_reserve_bytes: SETTINGS.disk_reserve_bytes.default,
    },
    metrics: NO_METRICS,
    now: Date.now,
  })
  const delay = loopDelay()
  const latencies: number[] = []
  let index = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() - started < ROUND_MS) {
        const since = performance.now()
        await stream.append(recordsOf(index++))
        latencies.push(performance.now() - since)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const longest = delay()
  await stream.close()
  await rm(directory, { recursive: true })
  latencies.sort((a, b) => a - b)
  return {
    perSecond: latencies.length / seconds,
    p99: latencies[Math.floor(latencies.length * 0.99)]!,
    loopDelay: longest,
  }
}

/** The longest that a timer of 1 ms came late; the answer ends the watch. */
function loopDelay(): () => number {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 1)
    last = performance.now()
  }, 1)
  return () => {
    clearInterval(timer)
    return longest
  }
}

/** Requests a second of one file that is appended to by `group` requests at a time and flushed. */
async function measureRaw(file: string, bytes: number, group: number): Promise<number> {
  const handle = await open(file, 'a')
  const data = Buffer.alloc(bytes * group, 'x')
  const started = performance.now()
  let requests = 0
  while (performance.now() - started < ROUND_MS) {
    await handle.write(data)
    await handle.datasync()
    requests += group
  }
  const seconds = (performance.now() - started) / 1000
  await handle.close()
  await rm(file)
  return requests / seconds
}

function medians(figures: { [name: string]: number[] }): { [name: string]: number } {
  return Object.fromEntries(
    Object.entries(figures).map(([name, values]) => {
      const median = values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
      return [name, median < 100 ? Math.round(median * 10) / 10 : Math.round(median)]
    }),
  )
}

await main()
