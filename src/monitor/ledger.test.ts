import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch, LedgerDelta, Positions } from '../ports.ts'
import { type EventType, isEventType } from '../schema/registry.ts'
import { createLedger, grainOf, type LakeSnapshot, type StoreSnapshot } from './ledger.ts'
import { createLedgerTail, type TailHeader } from './ledger-tail.ts'

const MINUTE = 28_000_000
const TYPES = ['order_created', 'page_view'] as const

/** What one record says, as a consumer would book it. */
interface Fact {
  readonly bucket: number
  readonly minute: number
  readonly source: string
  readonly accepted: { readonly [T in EventType]?: number }
  readonly duplicate: number
  readonly rejected: number
}

const factOf = fc.record({
  bucket: fc.nat(1),
  minute: fc.integer({ min: MINUTE, max: MINUTE + 3 }),
  source: fc.constantFrom('web', 'shop'),
  accepted: fc.record({ order_created: fc.nat(3), page_view: fc.nat(3) }),
  duplicate: fc.nat(2),
  rejected: fc.nat(2),
})

describe('the ledger', () => {
  test('balances wherever the two consumers stand, and its totals are those of the records', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(factOf, { maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        async (facts, a, b, c) => {
          const world = worldOf(facts)
          const store = world.storeAt(positionsAt(world.heads, a))
          const lake = world.lakeAt(
            new Map([
              ['order_created', positionsAt(world.heads, b)],
              ['page_view', positionsAt(world.heads, c)],
            ]),
          )
          const report = await ledgerOf(world, store, lake)(MINUTE, MINUTE + 10)
          expect(report.imbalances).toEqual([])
          expect(report.balanced).toBe(true)
          const sum = (of: (fact: Fact) => number) =>
            facts.reduce((total, fact) => total + of(fact), 0)
          const accepted = sum((fact) => acceptedOf(fact))
          expect(report.totals).toMatchObject({
            accepted,
            duplicate: sum((fact) => fact.duplicate),
            rejected: sum((fact) => fact.rejected),
            received: sum((fact) => acceptedOf(fact) + fact.duplicate + fact.rejected),
          })
          expect(report.totals.in_lake + report.totals.pending_lake).toBe(accepted)
          expect(report.totals.applied + report.totals.pending_store).toBe(accepted)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('one event lost or counted twice by either consumer shows, and is named', async () => {
    const facts = [fact(0, 2), fact(0, 3)]
    const world = worldOf(facts)
    const done = new Map<EventType, Positions>([
      ['order_created', [2, 0]],
      ['page_view', [2, 0]],
    ])
    const good = { store: world.storeAt([2, 0]), lake: world.lakeAt(done) }
    expect((await ledgerOf(world, good.store, good.lake)(0, 2 * MINUTE)).balanced).toBe(true)
    for (const [name, change] of [
      ['in_lake', -1],
      ['in_lake', 1],
      ['applied', -1],
      ['accepted', 1],
    ] as const) {
      const wrong: LedgerDelta = {
        source: 'web',
        event_type: 'order_created',
        minute: MINUTE,
        counts: { [name]: change },
      }
      const store = { ...good.store, ledger: [...good.store.ledger, wrong] }
      const report = await ledgerOf(world, store, good.lake)(0, 2 * MINUTE)
      expect(report.balanced).toBe(false)
      expect(report.imbalances[0]).toContain('web order_created')
      expect(report.rows.find((row) => row.event_type === 'order_created')?.balanced).toBe(false)
    }
  })

  test('a checkpoint that ran ahead of what was booked shows', async () => {
    const world = worldOf([fact(0, 2), fact(0, 3)])
    const booked = world.lakeAt(
      new Map([
        ['order_created', [1, 0]],
        ['page_view', [1, 0]],
      ]),
    )
    const ahead = { ...booked, checkpoints: new Map([['order_created', [2, 0]]] as const) }
    const report = await ledgerOf(world, world.storeAt([2, 0]), ahead)(0, 2 * MINUTE)
    expect(report.imbalances).toEqual([
      expect.stringMatching(/accepted 5, but in_lake 2 \+ pending_lake 0 .* = 2$/),
    ])
  })

  test('late duplicates, rows that no encoder takes and expired rows count as accounted for', async () => {
    const world = worldOf([fact(0, 6)])
    const lake: LakeSnapshot = {
      checkpoints: new Map([['order_created', [1, 0]]]),
      ledger: [
        {
          source: 'web',
          event_type: 'order_created',
          minute: MINUTE,
          counts: { in_lake: 2, duplicate_late: 1, not_encodable: 1, expired: 2 },
        },
      ],
    }
    const report = await ledgerOf(world, world.storeAt([0, 0]), lake)(0, 2 * MINUTE)
    expect(report.balanced).toBe(true)
    expect(report.totals).toMatchObject({ accepted: 6, pending_store: 6, applied: 0 })
  })

  test('records outside the minutes asked for are left out, coarser grains add rows up', async () => {
    const world = worldOf([fact(0, 2), { ...fact(0, 3), minute: MINUTE + 1 }])
    const ask = ledgerOf(world, world.storeAt([1, 0]), world.lakeAt(new Map()))
    expect((await ask(MINUTE + 1, MINUTE + 2)).totals.accepted).toBe(3)
    expect((await ask(MINUTE - 100, MINUTE)).rows).toEqual([])
    expect((await ask(MINUTE, MINUTE + 60, 1)).rows).toHaveLength(2)
    const [row, ...others] = (await ask(MINUTE, MINUTE + 60, 60)).rows
    expect(others).toEqual([])
    expect(row).toMatchObject({ accepted: 5, pending_store: 3, pending_lake: 5, balanced: true })
    expect([grainOf(180), grainOf(181), grainOf(14 * 1440), grainOf(400 * 1440)]).toEqual([
      1, 60, 60, 1440,
    ])
  })

  test('old minutes balance although store and lake sum them up at different moments', async () => {
    const day = MINUTE - (MINUTE % 1440)
    const at = day + 5 * 60 + 17
    const world = worldOf([{ ...fact(0, 4), minute: at }])
    const done = new Map<EventType, Positions>([['order_created', [1, 0]]])
    const store = world.storeAt([1, 0])
    const lake = world.lakeAt(done)
    const kept = (minute: number) => ({
      ...lake,
      ledger: lake.ledger.map((one) => ({ ...one, minute })),
    })
    for (const [days, lakeMinute, first] of [
      [8, at - 17, at - 17],
      [91, day, day],
      [91, at - 17, day],
    ] as const) {
      const ask = ledgerOf(world, store, kept(lakeMinute), 1000, (day + days * 1440) * 60_000)
      const report = await ask(at, at + 1, 1)
      expect(report.imbalances).toEqual([])
      expect(report.rows).toMatchObject([
        { minute: new Date(first * 60_000).toISOString(), in_lake: 4, applied: 4 },
      ])
    }
  })

  test('beyond the limit of work it says so, and claims neither balance nor imbalance', async () => {
    const world = worldOf(Array.from({ length: 9 }, () => fact(0, 1)))
    const report = await ledgerOf(
      world,
      world.storeAt([0, 0]),
      world.lakeAt(new Map()),
      5,
    )(0, 2 * MINUTE)
    expect(report).toMatchObject({
      complete: false,
      balanced: false,
      imbalances: [],
      scanned_records: 5,
    })
  })

  test('each record is read once while checkpoints move on, and again when one fell back', async () => {
    const world = worldOf(Array.from({ length: 8 }, () => fact(0, 1)))
    const tail = tailOf(world, 1000)
    expect((await tail.look([0, 0], [5, 0])).records).toHaveLength(5)
    expect((await tail.look([2, 0], [8, 0])).records.map((record) => record.sequence)).toEqual([
      3, 4, 5, 6, 7, 8,
    ])
    expect(world.reads()).toBe(8 + 3)
    expect((await tail.look([8, 0], [8, 0])).records).toEqual([])
    expect((await tail.look([6, 0], [8, 0])).records.map((record) => record.sequence)).toEqual([
      7, 8,
    ])
    expect((await tail.look([1, 0], [8, 0])).records).toHaveLength(7)
  })

  test('a stream that no longer holds the beginning is not complete', async () => {
    const world = worldOf(
      Array.from({ length: 4 }, () => fact(0, 1)),
      2,
    )
    expect((await tailOf(world, 1000).look([0, 0], [4, 0])).complete).toBe(false)
    expect((await tailOf(world, 1000).look([2, 0], [4, 0])).complete).toBe(true)
  })
})

function fact(bucket: number, orders: number): Fact {
  return {
    bucket,
    minute: MINUTE,
    source: 'web',
    accepted: { order_created: orders },
    duplicate: 0,
    rejected: 0,
  }
}

function acceptedOf(fact: Fact): number {
  return Object.values(fact.accepted).reduce((sum, count) => sum + count, 0)
}

function positionsAt(heads: Positions, seed: number): Positions {
  return heads.map((head, bucket) => (seed >> (bucket * 3)) % (head + 1))
}

/** A stream that holds the facts, and consumers that book them up to where they are told. */
function worldOf(facts: readonly Fact[], trimmed = 0) {
  const buckets = [0, 1].map((bucket) => facts.filter((one) => one.bucket === bucket))
  let reads = 0
  async function* read(_: string, bucket: number, after: number): AsyncGenerator<Batch> {
    const first = Math.max(after, trimmed) + 1
    const records = buckets[bucket]!.slice(first - 1).map((one, index) => {
      reads++
      return { sequence: first + index, data: Buffer.from(JSON.stringify(headerOf(one))) }
    })
    if (records.length > 0) yield { bucket, first, last: first + records.length - 1, records }
  }
  return {
    heads: buckets.map((bucket) => bucket.length),
    stream: { buckets: 2, read },
    reads: () => reads,
    storeAt: (checkpoint: Positions): StoreSnapshot => ({
      checkpoint,
      ledger: buckets.flatMap((bucket, index) =>
        bucket.slice(0, checkpoint[index]).flatMap((one) => [
          ...TYPES.map((type) =>
            delta(one, type, {
              accepted: one.accepted[type] ?? 0,
              applied: one.accepted[type] ?? 0,
            }),
          ),
          delta(one, 'unknown', { rejected: one.rejected }),
          delta(one, 'page_view', { duplicate: one.duplicate }),
        ]),
      ),
    }),
    lakeAt: (checkpoints: ReadonlyMap<EventType, Positions>): LakeSnapshot => ({
      checkpoints,
      ledger: [...checkpoints].flatMap(([type, positions]) =>
        buckets.flatMap((bucket, index) =>
          bucket
            .slice(0, positions[index])
            .map((one) => delta(one, type, { in_lake: one.accepted[type] ?? 0 })),
        ),
      ),
    }),
  }
}

function delta(
  one: Fact,
  event_type: EventType | 'unknown',
  counts: LedgerDelta['counts'],
): LedgerDelta {
  return { source: one.source, event_type, minute: one.minute, counts }
}

function headerOf(one: Fact): TailHeader {
  return {
    received_at: one.minute * 60_000 + 59_999,
    source: one.source,
    groups: [
      ...Object.entries(one.accepted).map(([type, count]) => [type, count, 0] as const),
      ['dead_letter', one.rejected, 0],
    ],
    duplicates: { page_view: one.duplicate },
    rejected: { unknown: one.rejected },
  }
}

type World = ReturnType<typeof worldOf>

function tailOf(world: World, maxRecords: number) {
  return createLedgerTail({
    stream: world.stream,
    headerOf: (data) => JSON.parse(Buffer.from(data).toString()),
    isEventType: (name): name is EventType => isEventType(name),
    maxRecords,
  })
}

function ledgerOf(
  world: World,
  store: StoreSnapshot,
  lake: LakeSnapshot,
  maxRecords = 1000,
  now = (MINUTE + 5) * 60_000,
) {
  return createLedger({
    tail: tailOf(world, maxRecords),
    lake: (from, to) => ({ ...lake, ledger: within(lake.ledger, from, to) }),
    store: (from, to) => ({ ...store, ledger: within(store.ledger, from, to) }),
    heads: () => world.heads,
    now: () => now,
  })
}

function within(ledger: readonly LedgerDelta[], from: number, to: number): LedgerDelta[] {
  return ledger.filter((one) => one.minute >= from && one.minute < to)
}
