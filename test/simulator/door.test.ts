import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { DAY_MS } from '../../src/simulator/calendar.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import type { SimulatedEvent } from '../../src/simulator/world.ts'
import { DEFAULTS, NOON, openDoor, rowsOf } from '../door-fixture.ts'

const ZONE = 'Asia/Ho_Chi_Minh'
const SOURCES = {
  browser: { name: 'web', kind: 'browser' },
  server: { name: 'shop', kind: 'server' },
} as const

function openShop() {
  return simulate({
    seed: 31,
    from: NOON - 20 * DAY_MS,
    to: NOON - DAY_MS,
    sessions_per_day: 250,
    time_zone: ZONE,
    faults: {
      duplicate: 0.02,
      late: 0.02,
      out_of_order: 0.02,
      invalid: 0.02,
      unknown_field: 0.02,
      clock_skew: 0.05,
    },
  })
}

async function openStream() {
  const directory = await mkdtemp(path.join(tmpdir(), 'shoplake-simulator-'))
  const stream = await openLmdbStream({
    directory: path.join(directory, 'stream'),
    buckets: 16,
    config: { ...DEFAULTS, disk_reserve_bytes: 0 },
    metrics: NO_METRICS,
    now: () => NOON,
  })
  const records = async () => {
    const found: { bucket: number; data: Uint8Array }[] = []
    for (let bucket = 0; bucket < stream.buckets; bucket++) {
      for await (const batch of stream.read('inspect', bucket, 0, 1_000_000)) {
        for (const { data } of batch.records) found.push({ bucket, data })
      }
    }
    return found
  }
  const close = async () => {
    await stream.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { stream, records, close }
}

/** Runs of neighbouring events of one source, as the shop's two keys would send them. */
function* requestsOf(events: Iterable<SimulatedEvent>): Generator<SimulatedEvent[]> {
  const pending = { browser: [] as SimulatedEvent[], server: [] as SimulatedEvent[] }
  for (const next of events) {
    const list = pending[next.source]
    list.push(next)
    if (list.length === 400) yield list.splice(0)
  }
  yield pending.browser
  yield pending.server
}

function countOf(values: Iterable<unknown>): { [value: string]: number } {
  const counts: { [value: string]: number } = {}
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1
  return counts
}

test('the door decides on every simulated event as the truth says, and its rows add up to it', async () => {
  const { stream, records, close } = await openStream()
  try {
    const { door } = openDoor({ shop_time_zone: ZONE }, { stream })
    const simulation = openShop()
    const tally = { accepted: 0, duplicate: 0, rejected: {} as { [reason: string]: number } }
    let request = 0
    for (const events of requestsOf(simulation)) {
      const answer = await door.collect({
        body: Buffer.from(JSON.stringify(events.map(({ event }) => event))),
        format: 'json',
        source: SOURCES[events[0]!.source],
        received_at: NOON,
        request_id: `request-${request++}`,
        user_agent: 'node',
      })
      tally.accepted += answer.accepted
      tally.duplicate += answer.duplicates
      for (const { verdict, reason } of answer.results) {
        if (verdict === 'rejected') tally.rejected[reason!] = (tally.rejected[reason!] ?? 0) + 1
      }
    }

    const truth = simulation.truth()
    expect(tally.accepted).toBeGreaterThan(10_000)
    const happened = Object.values(truth.events).reduce((sum, count) => sum + count, 0)
    expect(tally).toEqual({
      accepted: happened,
      duplicate: truth.faults.duplicate,
      rejected: truth.faults.invalid,
    })

    const rows = rowsOf(await records())
    expect(countOf(rows.map(({ type }) => type))).toEqual(truth.events)
    expect(rows.filter(({ row }) => row.extra !== undefined).length).toBe(
      truth.faults.unknown_field,
    )
    expect(rows.filter(({ row }) => row.amount_mismatch === true)).toEqual([])
    expect(new Set(rows.flatMap(({ row }) => (row.bot ? [row.session_id] : []))).size).toBe(
      truth.bot_sessions,
    )
    const orders = rows.filter(({ type }) => type === 'order_created')
    const days = Object.entries(truth.days).flatMap(([day, { orders: count }]) =>
      count > 0 ? [[day, count]] : [],
    )
    expect(countOf(orders.map(({ row }) => row.local_date))).toEqual(Object.fromEntries(days))
  } finally {
    await close()
  }
})
