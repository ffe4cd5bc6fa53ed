import autocannon from 'autocannon'
import { numberOf } from './arguments.ts'
import { spent, startServer, usageOf } from './server.ts'

/**
 * How many single events a second does the door take, each durable before its answer? 64 connections, ids of their own. Prints one
 * JSON line. Arguments: seconds (10), the built cli.
 */
const SECONDS = numberOf(process.argv[2], 10)
const CLI = process.argv[3] ?? 'dist/cli.js'
const CONNECTIONS = 64

const server = await startServer(CLI)
let next = 0
try {
  const run = (seconds: number) =>
    autocannon({
      url: new URL('/v1/events', server.target.url).href,
      connections: CONNECTIONS,
      duration: seconds,
      requests: [
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': server.target.key },
          setupRequest: (request) => ({ ...request, body: eventOf(next++) }),
        },
      ],
    })
  await run(3)
  const before = usageOf(server.child.pid!)
  const result = await run(SECONDS)
  const cpu_s = spent(before, usageOf(server.child.pid!))
  const accepted = result['2xx']
  const us = Object.entries(cpu_s).map(([name, cpu]) => [name, Math.round((cpu * 1e6) / accepted)])
  process.stdout.write(
    `${JSON.stringify({
      bench: 'single',
      requests_per_s: Math.round(accepted / result.duration),
      refused: result.non2xx + result.errors,
      latency_ms: { p50: result.latency.p50, p99: result.latency.p99 },
      cpu_us_per_request: Object.fromEntries(us),
    })}\n`,
  )
} finally {
  await server.stop()
}

function eventOf(index: number): string {
  return JSON.stringify({
    event_id: `single-${index}`,
    event_type: 'page_view',
    timestamp: new Date().toISOString(),
    session_id: `s${index % 10_000}`,
    anonymous_id: `a${index % 10_000}`,
    page_url: 'https://shop.example/p/prod_1',
    user_agent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  })
}
