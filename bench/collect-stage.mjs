// What the door costs per event without HTTP and without a disk: decode to encoded record, beside JSON.parse alone.
// node bench/collect-stage.mjs [rounds] [batch]; with --cpu-prof a profile of the same.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { exampleEvents } from './collect-events.mjs'

const ROUNDS = Number(process.argv[2] ?? 7)
const BATCH = Number(process.argv[3] ?? 500)
const EVENTS_PER_ROUND = 50_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const { createDoor, createDedupWindow, NO_RATES, NO_METRICS, SETTINGS } = await loadSource()

const config = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
)
const stream = {
  buckets: 16,
  append: async (records) => records.map(() => ({ sequence: 1 })),
}
const window = createDedupWindow({ maxIds: 20_000_000, windowMs: 86_400_000, now: Date.now })
const door = createDoor({
  stream,
  window,
  config: { ...config, shop_time_zone: 'Asia/Ho_Chi_Minh' },
  secret: new Uint8Array(32).fill(1),
  rates: NO_RATES,
  metrics: NO_METRICS,
  now: Date.now,
})

const figures = { parse: [], door: [] }
for (let round = 0; round < ROUNDS + 2; round++) {
  const bodies = bodiesOf(round)
  const parse = perEvent(await timed(bodies, (body) => JSON.parse(body.toString())))
  const collected = perEvent(
    await timed(bodies, (body, at) => door.collect(requestOf(body, `${round}-${at}`))),
  )
  if (round < 2) continue
  figures.parse.push(parse)
  figures.door.push(collected)
}
const bytes = bodiesOf(0).reduce((sum, body) => sum + body.length, 0) / EVENTS_PER_ROUND
console.log(
  JSON.stringify({
    batch: BATCH,
    bytes_per_event: Math.round(bytes),
    json_parse_us: spread(figures.parse),
    door_us: spread(figures.door),
    door_events_per_s: Math.round(1e6 / median(figures.door)),
    ratio_to_json_parse: Number((median(figures.door) / median(figures.parse)).toFixed(2)),
    window_ids: window.size,
    window_bytes_per_id: Number((window.bytes() / window.size).toFixed(1)),
  }),
)

function bodiesOf(round) {
  const events = exampleEvents(EVENTS_PER_ROUND, round)
  const bodies = []
  for (let at = 0; at < events.length; at += BATCH) {
    bodies.push(Buffer.from(JSON.stringify(events.slice(at, at + BATCH))))
  }
  return bodies
}

function requestOf(body, request_id) {
  return {
    body,
    format: 'json',
    source: { name: 'bench', kind: 'server' },
    received_at: Date.now(),
    request_id,
  }
}

async function timed(bodies, handle) {
  collectGarbage()
  const before = process.cpuUsage()
  let accepted = 0
  for (const [at, body] of bodies.entries()) accepted += (await handle(body, at))?.accepted ?? 0
  if (accepted !== 0 && accepted !== EVENTS_PER_ROUND) throw new Error(`${accepted} accepted`)
  const used = process.cpuUsage(before)
  return used.user + used.system
}

function perEvent(microseconds) {
  return microseconds / EVENTS_PER_ROUND
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

function spread(values) {
  const round = (value) => Number(value.toFixed(2))
  return {
    median: round(median(values)),
    min: round(Math.min(...values)),
    max: round(Math.max(...values)),
  }
}

async function loadSource() {
  const directory = mkdtempSync(join(import.meta.dirname, '.collect-stage-'))
  const outfile = join(directory, 'door.mjs')
  await build({
    stdin: {
      contents: `export { createDoor } from './src/pipeline/collect.ts'
        export { createDedupWindow } from './src/pipeline/dedup.ts'
        export { NO_RATES } from './src/pipeline/enrich-fx.ts'
        export { NO_METRICS } from './src/metrics.ts'
        export { SETTINGS } from './src/config.ts'`,
      resolveDir: join(import.meta.dirname, '..'),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
  })
  try {
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
