import { setTimeout as sleep } from 'node:timers/promises'
import { numberOf } from './arguments.ts'
import { createCounter, freshen, makeBodies, percentile, post, type Target } from './load.ts'
import { followMemory, spent, startServer, usageOf } from './server.ts'

/**
 * What does accepting cost, and how long does a client wait? NDJSON of 500 events over eight connections, at given rates one after
 * another: CPU of the collect process per event, milliseconds until the answer. Nothing waits for the consumers. Prints one JSON line.
 * Arguments: seconds of each (8), rates in events/s with commas between (0,20000; 0: as fast as it goes), the built cli.
 */
const SECONDS = numberOf(process.argv[2], 8)
const RATES = (process.argv[3] ?? '0,20000').split(',').map(Number)
const CLI = process.argv[4] ?? 'dist/cli.js'
const CONNECTIONS = 8
const BATCH_EVENTS = 500

const bodies = makeBodies(CONNECTIONS * 2, BATCH_EVENTS)
const counter = createCounter()

async function drive(target: Target, seconds: number, perSecond: number) {
  const latencies: number[] = []
  const began = performance.now()
  const end = began + seconds * 1000
  const gap = perSecond === 0 ? 0 : (CONNECTIONS * BATCH_EVENTS * 1000) / perSecond
  let accepted = 0
  const connection = async (index: number) => {
    let due = began + (gap * index) / CONNECTIONS
    for (let turn = 0; performance.now() < end; turn++) {
      if (due > performance.now()) await sleep(due - performance.now())
      const body = freshen(bodies[index * 2 + (turn % 2)]!, counter)
      const { status, elapsed_ms } = await post(target, body, 'application/x-ndjson')
      latencies.push(elapsed_ms)
      if (status === 202) accepted += BATCH_EVENTS
      due += gap
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)))
  return { accepted, seconds: (performance.now() - began) / 1000, latencies }
}

const server = await startServer(CLI)
const rounded = (value: number) => Math.round(value * 100) / 100
try {
  await drive(server.target, 4, 0)
  const memory = followMemory(server.child.pid!)
  const figures: object[] = []
  for (const rate of RATES) {
    const before = usageOf(server.child.pid!)
    const { accepted, seconds, latencies } = await drive(server.target, SECONDS, rate)
    const cpu_s = spent(before, usageOf(server.child.pid!))['collect-process'] ?? Number.NaN
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => rounded(percentile(latencies, share)))
    figures.push({
      events_per_s: Math.round(accepted / seconds),
      cpu_us_per_event: rounded((cpu_s * 1e6) / accepted),
      accept_ms: { n: latencies.length, p50, p99, max },
    })
  }
  const rss_anon_max_mb = memory.stop()
  process.stdout.write(`${JSON.stringify({ bench: 'door', figures, rss_anon_max_mb })}\n`)
} finally {
  await server.stop()
}
