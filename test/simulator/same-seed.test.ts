import { expect, test } from 'vitest'
import type { StoreTable } from '../../src/ports.ts'
import { EVENT_TYPES } from '../../src/schema/registry.ts'
import { DAY_MS } from '../../src/simulator/calendar.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import type { SimulatedEvent } from '../../src/simulator/world.ts'
import { openWholeHome, removeHome, type WholeHome } from '../home-fixture.ts'
import { dumpStore } from '../pipeline/store-fixture.ts'

const FROM = Date.parse('2026-02-25T00:00:00Z')
const SOURCES = {
  browser: { name: 'web', kind: 'browser' },
  server: { name: 'shop', kind: 'server' },
} as const
const FAULTS = {
  duplicate: 0.02,
  late: 0.03,
  out_of_order: 0.03,
  invalid: 0.02,
  unknown_field: 0.02,
}

function eventsOf(seed: number): SimulatedEvent[] {
  const to = FROM + 2 * DAY_MS
  return [...simulate({ seed, from: FROM, to, sessions_per_day: 110, faults: FAULTS })]
}

/** Documents that are the shop's state; dead letters are named by the moment they came. */
const DOCUMENTS: readonly StoreTable[] = [
  ...(['orders', 'order_index', 'customers', 'products', 'stock', 'sessions'] as const),
  ...(['live_minutes', 'identities'] as const),
]
/** What says when and with which request something came. */
const ARRIVAL = ['received_at', 'written_at']

async function tablesOf(home: WholeHome) {
  const lake: { [type: string]: unknown } = {}
  for (const type of EVENT_TYPES) {
    const columns = (await home.query(`describe ${type}`)).map(([name]) => String(name))
    const kept = columns.filter((name) => !ARRIVAL.includes(name))
    lake[type] = await home.query(
      `select ${kept.map((name) => `"${name}"`)} from ${type} order by all`,
    )
  }
  return { lake, store: dumpStore(home.store, DOCUMENTS) }
}

/** Plays the events into a new shop: requests of a size, an hour apart, and another start in between. */
async function play(events: readonly SimulatedEvent[], size: number) {
  let home = await openWholeHome()
  try {
    for (let first = 0; first < events.length; first += size) {
      const part = events.slice(first, first + size)
      for (const source of ['server', 'browser'] as const) {
        const own = part.filter((event) => event.source === source)
        await home.send(
          own.map(({ event }) => event as object),
          SOURCES[source],
        )
      }
      if (first % (3 * size) === 0) await home.tick()
      home.pass(0.1)
    }
    const { directory } = home
    await home.close()
    home = await openWholeHome({ directory, startedAt: home.now() })
    await home.settle()
    expect(await home.ledger()).toMatchObject({ balanced: true })
    return await tablesOf(home)
  } finally {
    await removeHome(home)
  }
}

test('the same seed gives the same bytes and, however it is sent, the same tables; another gives others', async () => {
  const events = eventsOf(5)
  expect(JSON.stringify(eventsOf(5)) === JSON.stringify(events)).toBe(true)
  expect(JSON.stringify(eventsOf(6)) === JSON.stringify(events)).toBe(false)
  expect(events.length).toBeGreaterThan(1000)

  const [first, again, other] = [
    await play(events, 400),
    await play(events, 90),
    await play(eventsOf(6), 400),
  ]
  expect(Object.keys(first.store.orders as object).length).toBeGreaterThan(2)
  for (const type of EVENT_TYPES) expect(again.lake[type], type).toEqual(first.lake[type])
  for (const table of DOCUMENTS) expect(again.store[table], table).toEqual(first.store[table])
  for (const type of ['page_view', 'order_created'] as const)
    expect(other.lake[type], type).not.toEqual(first.lake[type])
  for (const table of ['orders', 'sessions', 'products'] as const)
    expect(other.store[table], table).not.toEqual(first.store[table])
}, 120_000)
