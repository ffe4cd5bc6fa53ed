import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { openWholeHome, removeHome, type WholeHome } from '../home-fixture.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 4)
/** So far back that no leap of the clock makes it an event of the future. */
const LONG_AGO = '2020-03-01T10:00:00Z'
const MINUTES_PER_YEAR = 525_600

let home: WholeHome
afterEach(() => removeHome(home))

function order(id: string, timestamp = '2026-03-01T10:00:00Z') {
  return {
    event_type: 'order_created',
    event_id: id,
    timestamp,
    order_id: id,
    customer_id: 'c1',
    items: [{ product_id: 'p1', quantity: 1, price: 2 }],
    total_amount: 2,
  }
}

function view(id: string) {
  const timestamp = '2026-03-01T10:00:00Z'
  return { event_type: 'page_view', event_id: id, timestamp, session_id: 's1', page_url: '/' }
}

async function rows(type: string) {
  const [counted] = await home.query(`select count(*), count(distinct event_id) from ${type}`)
  return counted!.map(Number)
}

async function expectBalance() {
  const minute = Math.floor(home.now() / 60_000)
  for (const grain of [1, 60, 1440] as const) {
    const report = await home.ledgerBetween(0, minute + 2 * MINUTES_PER_YEAR, grain)
    expect(report.imbalances).toEqual([])
    expect(report.balanced).toBe(true)
  }
}

test('whatever the clock does, each event stands once in lake and store, and the ledger balances', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ send: fc.array(fc.nat(60), { minLength: 1 }) }) },
    { weight: 3, arbitrary: fc.record({ leap: fc.integer({ min: -200, max: 200 }) }) },
    { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 30 }) }) },
    { weight: 2, arbitrary: fc.record({ settle: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ restart: fc.constant(true) }) },
  )
  home = await openWholeHome()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 15 }), async (steps) => {
      await removeHome(home)
      home = await openWholeHome({ maxIds: 20 })
      const sent = new Set<string>()
      for (const step of steps) {
        if ('leap' in step) home.leap(step.leap)
        else if ('pass' in step) home.pass(step.pass)
        else if ('send' in step) {
          const ids = step.send.map((number) => `o-${number}`)
          await home.send(ids.map((id) => order(id, LONG_AGO)))
          for (const id of ids) sent.add(id)
        } else if ('settle' in step) {
          await home.settle()
          if (step.settle) await home.trim()
        } else {
          await home.close()
          const startedAt = home.now()
          home = await openWholeHome({ directory: home.directory, startedAt, maxIds: 20 })
        }
      }
      await home.settle()
      expect(await rows('order_created')).toEqual([sent.size, sent.size])
      expect(home.store.list('orders', { limit: 100 })).toHaveLength(sent.size)
      expect(home.store.get('customers', 'c1')?.orders ?? 0).toBe(sent.size)
      await expectBalance()
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
}, 300_000)

test('a clock that leaps years ahead deletes nothing, and then what is old goes after a day', async () => {
  home = await openWholeHome({ settings: { lake_days: 30, dead_letter_days: 30 } })
  await home.send([view('v1'), order('o1'), { event_type: 'oops' }])
  await home.settle()
  const kept = () => ['sessions', 'dead_letters', 'live_minutes'].map((table) => count(table))
  const count = (table: string) => home.store.list(table as 'sessions', { limit: 10 }).length
  const before = kept()

  home.leap(3 * 365 * 24)
  await home.send([order('o2')])
  await home.settle()
  await home.settle()
  expect(await rows('page_view')).toEqual([1, 1])
  expect(await rows('order_created')).toEqual([2, 2])
  expect(kept()).toEqual(before)
  home.leap(-3 * 365 * 24)
  await home.send([order('o3'), order('o2')])
  await home.settle()
  expect(await rows('order_created')).toEqual([3, 3])
  await expectBalance()

  home.leap(40 * 24)
  await home.settle()
  home.pass(25)
  await home.send([view('v2')])
  await home.settle()
  expect(await rows('page_view')).toEqual([0, 0])
  await expectBalance()
})

test('a clock that is set back keeps nothing waiting until its time comes again', async () => {
  home = await openWholeHome({ settings: { lake_flush_s: 5, stream_hours: 1 } })
  await home.send([view('v1')])
  await home.tick()
  home.leap(-90 * 24)
  await home.maintain()
  expect(
    await home.query(`select count(*) from glob('${home.directory}/lake/page_view/*/*')`),
  ).toEqual([['1']])
  home.pass(3)
  await home.send([view('v2')])
  await home.settle()
  home.pass(3)
  await home.trim()
  await home.trim()
  expect(home.tails().some((tail) => tail > 1)).toBe(true)
  await expectBalance()
})
