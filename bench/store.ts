import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Config, SETTINGS } from '../src/config.ts'
import { createStoreUpdater } from '../src/consume/store.ts'
import { openLmdbStore } from '../src/local/lmdb-store.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { createDoor } from '../src/pipeline/collect.ts'
import { createDedupWindow } from '../src/pipeline/dedup.ts'
import { NO_RATES } from '../src/pipeline/enrich-fx.ts'
import { decodeRecord } from '../src/pipeline/record.ts'
import { createMemoryStream } from '../test/memory-stream.ts'

/**
 * What does an event cost the store updater? A backlog of the real door's records (requests of 500 events; visits of six
 * events, 4,000 of them open at a time; 3 % orders with their payment and stock) is caught up from an LMDB store that
 * already holds half of it. CPU counts every thread, LMDB's too. Beside it: JSON.parse of the same lines alone, and how
 * long one event alone takes from wake to visible. Prints one JSON line. Argument: events (default 200,000).
 */
const EVENTS = Number(process.argv[2] ?? 200_000)
const PER_REQUEST = 500
const OPEN_VISITS = 4000
const PRODUCTS = 2000
const CUSTOMERS = 20_000
const SECRET = new Uint8Array(32).fill(7)
const CONFIG = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as Config

interface Visit {
  readonly id: number
  left: number
}

/** Deterministic dice, so that two runs measure the same work. */
function createDice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function* makeEvents(count: number): Generator<object> {
  const dice = createDice(11)
  let visits = 0
  const open: Visit[] = Array.from({ length: OPEN_VISITS }, () => ({ id: visits++, left: 6 }))
  const start = Date.now() - 600_000
  for (let index = 0; index < count; index++) {
    const place = dice(OPEN_VISITS)
    const visit = open[place]!
    if (--visit.left === 0) open[place] = { id: visits++, left: 6 }
    const timestamp = new Date(start + Math.floor((index / count) * 600_000)).toISOString()
    yield makeEvent(index, visit, timestamp, dice)
  }
}

function makeEvent(index: number, visit: Visit, timestamp: string, dice: (n: number) => number) {
  const product_id = `prod_${Math.floor((dice(PRODUCTS) * dice(PRODUCTS)) / PRODUCTS)}`
  const customer_id = `cust_${visit.id % CUSTOMERS}`
  const base = { event_id: `e${index}`, timestamp }
  const common = { ...base, session_id: `sess_${visit.id}`, anonymous_id: `anon_${visit.id}` }
  const known = visit.id % 3 === 0 ? { customer_id } : {}
  const kind = index % 100
  if (kind < 3) {
    const items = [
      { product_id, quantity: 1, price: 19.99 },
      { product_id: 'prod_1', quantity: 2, price: 5 },
    ]
    return {
      ...base,
      event_type: 'order_created',
      order_id: `o${index}`,
      customer_id,
      items,
      total_amount: 29.99,
    }
  }
  if (kind < 5) {
    return {
      ...base,
      event_type: 'order_paid',
      order_id: `o${index - 3}`,
      amount: 29.99,
      payment_id: 'p',
    }
  }
  if (kind < 8) return { ...base, event_type: 'inventory_updated', product_id, delta: -1 }
  if (kind < 9)
    return {
      ...base,
      event_type: 'review_submitted',
      review_id: `r${index}`,
      product_id,
      rating: 4,
    }
  if (kind < 16)
    return { ...common, ...known, event_type: 'add_to_cart', product_id, quantity: 1, price: 19.99 }
  if (kind < 22) return { ...common, ...known, event_type: 'search', search_term: 'laptop' }
  if (kind < 30) return { ...common, ...known, event_type: 'product_click', product_id }
  if (kind < 60)
    return { ...common, ...known, event_type: 'page_view', page_url: `/p/${kind}`, title: 'Shop' }
  return {
    ...common,
    ...known,
    event_type: 'product_view',
    product_id,
    category: 'Tech',
    price: 19.99,
  }
}

async function main(): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-bench-'))
  const stream = createMemoryStream()
  const window = createDedupWindow({ maxIds: EVENTS * 2, windowMs: 3_600_000, now: Date.now })
  const door = createDoor({
    stream,
    window,
    config: CONFIG,
    secret: SECRET,
    rates: NO_RATES,
    metrics: NO_METRICS,
    now: Date.now,
  })
  const send = (values: object[], request: number) =>
    door.collectValues(values, {
      source: { name: 'bench', kind: 'server' },
      received_at: Date.now(),
      request_id: `r${request}`,
    })
  try {
    const events = makeEvents(EVENTS + 1)
    const fill = async (count: number, from: number) => {
      for (let at = 0; at < count; at += PER_REQUEST) {
        const values = Array.from({ length: PER_REQUEST }, () => events.next().value as object)
        await send(values, from + at)
      }
    }
    const store = await openLmdbStore({ directory })
    const options = {
      stream,
      store,
      config: CONFIG,
      secret: SECRET,
      metrics: NO_METRICS,
      now: Date.now,
    }
    const updater = createStoreUpdater(options)
    updater.start()
    await fill(EVENTS / 2, 0)
    updater.wake()
    await updater.settled()
    await updater.stop()
    const from = stream.records.length
    await fill(EVENTS / 2, EVENTS)
    const parse_us = parseAlone(stream.records.slice(from).map((record) => record.data))
    const measured = createStoreUpdater(options)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const cpu = process.cpuUsage()
    const began = performance.now()
    measured.start()
    await measured.settled()
    const wall = performance.now() - began
    const used = process.cpuUsage(cpu)
    delay.disable()
    const visible = await alone(measured, send)
    await measured.stop()
    await store.close()
    const count = EVENTS / 2
    process.stdout.write(
      `${JSON.stringify({
        bench: 'store',
        events: count,
        events_per_s: Math.round((count / wall) * 1000),
        cpu_us_per_event: round((used.user + used.system) / count),
        wall_us_per_event: round((wall * 1000) / count),
        json_parse_us_per_event: round(parse_us / count),
        loop_delay_p99_ms: round(delay.percentile(99) / 1e6),
        loop_delay_max_ms: round(delay.max / 1e6),
        idle_visible_ms_median: round(visible),
        rss_mb: Math.round(process.memoryUsage().rss / 1e6),
      })}\n`,
    )
  } finally {
    await rm(directory, { recursive: true })
  }
}

function parseAlone(records: readonly Uint8Array[]): number {
  const began = process.cpuUsage()
  let lines = 0
  for (const data of records) {
    for (const group of decodeRecord(data).groups) {
      for (const line of group.lines) {
        JSON.parse((line as Buffer).toString('utf8'))
        lines++
      }
    }
  }
  const { user, system } = process.cpuUsage(began)
  return lines > 0 ? user + system : 0
}

/** Median of the time from the wake after one event to its being committed, the updater idle before. */
async function alone(
  updater: ReturnType<typeof createStoreUpdater>,
  send: (values: object[], request: number) => Promise<unknown>,
): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 9; round++) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    const timestamp = new Date().toISOString()
    await send([{ event_type: 'page_view', timestamp, session_id: `alone${round}` }], 1e9 + round)
    const began = performance.now()
    updater.wake()
    await updater.settled()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[4]!
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

await main()
