import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lake, LedgerDelta } from '../../src/ports.ts'
import { orderLine, RECEIVED, rowLine, rowLines, span, viewLine, views } from '../lake-fixture.ts'

/** A lake under test. */
export interface LakeUnderTest {
  readonly lake: Lake
  query(sql: string): Promise<unknown[][]>
  ledger(): LedgerDelta[]
  /** Makes all that was committed durable. */
  flush(): Promise<void>
  /** Drops everything in memory, as `kill -9` does, and opens what is on disk. */
  crash(): Promise<LakeUnderTest>
}

export interface LakeFactory {
  open(): Promise<{ lake: LakeUnderTest; remove(): Promise<void> }>
}

/** What every adapter of the Lake port must do. Buckets 0 to 3 are used. */
export function lakeContract(name: string, factory: LakeFactory): void {
  describe(`${name} keeps the contract of Lake`, () => {
    let under: LakeUnderTest
    let remove: () => Promise<void>

    beforeEach(async () => {
      const opened = await factory.open()
      under = opened.lake
      remove = opened.remove
    })
    afterEach(() => remove())

    const count = async (table = 'product_view') =>
      Number((await under.query(`SELECT count(*) FROM ${table}`))[0]![0])

    test('a row is visible when commit has resolved', async () => {
      expect(await under.lake.commit([span(0, 1)], { product_view: views('a', 3) })).toBe('applied')
      expect(await count()).toBe(3)
      expect(await count('events')).toBe(3)
      expect(await under.query('SELECT DISTINCT event_type, dt FROM events')).toEqual([
        ['product_view', '2025-01-15'],
      ])
    })

    test('spans behind the checkpoint are told so and do nothing', async () => {
      await under.lake.commit([span(0, 1)], { product_view: views('a', 3) })
      await under.flush()
      expect(await under.lake.commit([span(0, 1)], { product_view: views('a', 3) })).toBe('already')
      expect(await count()).toBe(3)
      expect(under.lake.checkpoint()[0]).toBe(1)
    })

    test('after a crash what was not durable is read again, and nothing is there twice', async () => {
      await under.lake.commit([span(0, 1)], {
        product_view: views('a', 3),
        order_created: rowLines([orderLine('o1')]),
      })
      await under.flush()
      await under.lake.commit([span(0, 2), span(1, 1)], {
        product_view: [...views('b', 2, { sequence: 2 }), ...views('c', 1, { bucket: 1 })],
      })
      under = await under.crash()
      const positions = under.lake.checkpoint()
      const again = [0, 1].map((bucket) => span(bucket, positions[bucket]! + 1, 2 - bucket))
      await under.lake.commit(again, {
        product_view: [
          ...views('a', 3),
          ...views('b', 2, { sequence: 2 }),
          ...views('c', 1, { bucket: 1 }),
        ],
        order_created: rowLines([orderLine('o1')]),
      })
      expect(await count()).toBe(6)
      expect(await count('order_created')).toBe(1)
    })

    test('a type written directly does not come twice when others wait in memory at a crash', async () => {
      const many = views('m', 6000)
      await under.lake.commit([span(0, 1)], {
        product_view: many,
        order_created: rowLines([orderLine('o1')]),
      })
      under = await under.crash()
      expect(await count()).toBe(6000)
      expect(under.lake.checkpoint()[0]).toBe(0)
      await under.lake.commit([span(0, 1)], {
        product_view: many,
        order_created: rowLines([orderLine('o1')]),
      })
      expect([await count(), await count('order_created')]).toEqual([6000, 1])
      await under.flush()
      expect(under.lake.checkpoint()[0]).toBe(1)
      expect(sums(under.ledger())).toEqual({ in_lake: 6001 })
    })

    test.each([
      ['in memory', 2, false],
      ['in files', 2, true],
      ['in files, many at once', 6000, true],
    ])(
      'a duplicate beyond the window is dropped and booked: known %s',
      async (_, rows, flushed) => {
        await under.lake.commit([span(0, 1)], { product_view: views('a', rows) })
        if (flushed) await under.flush()
        const later = {
          sequence: 2,
          received_at: RECEIVED + 86_400_000 * 2,
          dedup_from: RECEIVED + 1,
        }
        const at = { received_at: new Date(later.received_at).toISOString() }
        await under.lake.commit([span(0, 2)], {
          product_view: [...views('a', rows, later, at), ...views('new', 1, later, at)],
        })
        expect(await count()).toBe(rows + 1)
        await under.flush()
        expect(await count()).toBe(rows + 1)
        expect(sums(under.ledger())).toEqual({ in_lake: rows + 1, duplicate_late: rows })
      },
    )

    test('a bad row refuses the commit whole; without it the rest goes on', async () => {
      const bad = rowLine(viewLine('bad', { local_hour: 'noon' }))
      const rows = {
        product_view: [...views('a', 2), bad],
        order_created: [rowLine(orderLine('o'))],
      }
      await expect(under.lake.commit([span(0, 1)], rows)).rejects.toMatchObject({
        code: 'encoder_refused',
      })
      expect(await count('events')).toBe(0)
      expect(await under.lake.probe('product_view', views('a', 2))).toBeUndefined()
      const message = await under.lake.probe('product_view', [bad])
      expect(message).toContain('noon')
      await under.lake.refuse('product_view', bad, message!)
      await under.lake.commit([span(0, 1)], { ...rows, product_view: views('a', 2) })
      expect(await count('events')).toBe(3)
      await under.flush()
      expect(sums(under.ledger())).toEqual({ in_lake: 3, not_encodable: 1 })
    })

    test('an erased customer is stripped in every row, before and after', async () => {
      const mine = { customer_id: 'cust_erased', anonymous_id: 'anon_erased', user_agent: 'UA' }
      await under.lake.commit([span(0, 1)], { product_view: views('old', 1, {}, mine) })
      await under.flush()
      await under.lake.commit([span(0, 2)], {
        product_view: views('hot', 1, { sequence: 2 }, { ...mine, customer_id: undefined }),
        order_created: rowLines(
          [orderLine('o', { ...mine, shipping_address: { street: 'Elm', city: 'Hue' } })],
          { sequence: 2 },
        ),
      })
      const tombstone = {
        customer_id: 'cust_erased',
        anonymous_ids: ['anon_erased'],
        erased_id: 'erased:1',
        requested_at: RECEIVED,
      }
      await under.lake.erase(tombstone, span(1, 1))
      await under.lake.erase(tombstone, span(2, 1))
      await under.lake.commit([span(0, 3)], {
        product_view: [
          ...views('new', 1, { sequence: 3 }, mine),
          ...views('other', 1, { sequence: 3 }, { customer_id: 'cust_other' }),
        ],
      })
      await under.flush()
      expect(
        await under.query(
          'SELECT event_id, customer_id, anonymous_id, user_agent FROM events ORDER BY event_id',
        ),
      ).toEqual([
        ['hot0', 'erased:1', null, null],
        ['new0', 'erased:1', null, null],
        ['o', 'erased:1', null, null],
        ['old0', 'erased:1', null, null],
        ['other0', 'cust_other', null, null],
      ])
      expect(
        await under.query(
          'SELECT shipping_address.street, shipping_address.city, total_amount FROM order_created',
        ),
      ).toEqual([[null, 'Hue', '59.9800']])
      expect(sums(under.ledger())).toEqual({ in_lake: 5 })
    })

    test('an erased customer who is erased again keeps the id, and further browsers get it', async () => {
      const first = {
        customer_id: 'cust_erased',
        anonymous_ids: ['anon_first'],
        erased_id: 'erased:1',
        requested_at: RECEIVED,
      }
      await under.lake.erase(first, span(1, 1))
      await under.lake.commit([span(0, 1)], {
        product_view: ['first', 'later'].flatMap((name) =>
          views(name, 1, {}, { anonymous_id: `anon_${name}` }),
        ),
      })
      await under.flush()
      const ids = ['anon_first', 'anon_later']
      const again = { ...first, anonymous_ids: ids, requested_at: RECEIVED + 60_000 }
      await under.lake.erase(again, span(1, 2))
      await under.lake.erase(again, span(2, 1))
      await under.flush()
      under = await under.crash()
      await under.lake.commit([span(0, 2)], {
        order_created: rowLines([orderLine('o', { anonymous_id: 'anon_later' })], { sequence: 2 }),
      })
      expect(
        await under.query('SELECT event_id, customer_id, anonymous_id FROM events ORDER BY 1'),
      ).toEqual([
        ['first0', 'erased:1', null],
        ['later0', 'erased:1', null],
        ['o', 'erased:1', null],
      ])
    })
  })
}

/** Counts of all ledger rows, zeros left out. */
export function sums(ledger: readonly LedgerDelta[]): { [name: string]: number } {
  const total: { [name: string]: number } = {}
  for (const { counts } of ledger) {
    for (const [name, value] of Object.entries(counts)) total[name] = (total[name] ?? 0) + value
  }
  return Object.fromEntries(Object.entries(total).filter(([, value]) => value !== 0))
}
