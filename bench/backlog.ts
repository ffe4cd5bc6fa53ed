import path from 'node:path'
import { type Config, SETTINGS } from '../src/config.ts'
import { type LmdbStream, openLmdbStream } from '../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { createDoor } from '../src/pipeline/collect.ts'
import { createDedupWindow } from '../src/pipeline/dedup.ts'
import { NO_RATES } from '../src/pipeline/enrich-fx.ts'
import { createCounter, freshen, makeBodies } from './load.ts'

export const BUCKETS = 16
export const SECRET = new Uint8Array(32).fill(7)
export const CONFIG = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as Config

const PER_REQUEST = 500

/** The stream below a directory. */
export function openStream(directory: string, readOnly: boolean): Promise<LmdbStream> {
  return openLmdbStream({
    directory: path.join(directory, 'stream'),
    buckets: BUCKETS,
    config: CONFIG,
    metrics: NO_METRICS,
    now: Date.now,
    readOnly,
  })
}

/** Appends events through the real door, requests of 500, behind the `from` that are there. Throws when one is not accepted. */
export async function fillStream(
  directory: string,
  { from = 0, count, openVisits }: { from?: number; count: number; openVisits: number },
): Promise<void> {
  const stream = await openStream(directory, false)
  const maxIds = (from + count) * 2
  const window = createDedupWindow({ maxIds, windowMs: 3_600_000, now: Date.now })
  const rest = { secret: SECRET, rates: NO_RATES, metrics: NO_METRICS, now: Date.now }
  const door = createDoor({ stream, window, config: CONFIG, ...rest })
  const size = Math.min(PER_REQUEST, count)
  const bodies = makeBodies(16, size)
  // Where the numbers of ids and visits had got to: a body has more slots than events, never twice as many.
  const counter = { ...createCounter(openVisits), next: from * 2 + 1, visitEvents: from }
  for (let sent = 0; sent < count; sent += size) {
    const answer = await door.collect({
      body: freshen(bodies[(sent / size) % bodies.length]!, counter),
      format: 'ndjson',
      source: { name: 'bench', kind: 'server' },
      received_at: Date.now(),
      request_id: `r${from + sent}`,
    })
    if (answer.accepted !== size) throw new Error(JSON.stringify(answer.results[0]))
  }
  await stream.close()
}
