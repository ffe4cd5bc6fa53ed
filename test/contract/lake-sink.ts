import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LakeSink } from '../../src/ports.ts'
import { orderLine, RECEIVED, rowLine, rowLines, span, viewLine, views } from '../lake-fixture.ts'

/** A lake under test, and what its views show. */
export interface LakeSinkUnderTest {
  readonly lake: LakeSink
  query(sql: string): Promise<unknown[][]>
  /** Makes all that was committed durable. */
  flush(): Promise<void>
  /** Forgets everything in memory, as `kill -9` does, and opens what is kept. */
  crash(): Promise<LakeSinkUnderTest>
  remove(): Promise<void>
}

/** The first and the last day, a leap day and a usual one. */
const DAYS = ['0001-01-01', '9999-12-31', '2024-02-29', '2025-06-01']

/** What every adapter must do that writes rows: the embedded lake and the distributed ones. Buckets 0 to 3 are used. */
export function lakeSinkContract(name: string, open: () => Promise<LakeSinkUnderTest>): void {
  describe(`${name} keeps the contract of LakeSink`, () => {
    let under: LakeSinkUnderTest
    beforeEach(async () => {
      under = await open()
    })
    afterEach(() => under.remove())

    const count = async (table = 'product_view') =>
      Number((await under.query(`SELECT count(*) FROM ${table}`))[0]![0])

    test('a row is visible when commit has resolved', async () => {
      expect(await under.lake.commit([span(0, 1)], { product_view: views('a', 3) })).toBe('applied')
      expect(await count()).toBe(3)
      expect(await under.query('SELECT DISTINCT dt FROM product_view')).toEqual([['2025-01-15']])
    })

    test('spans that are in the lake are told so and do nothing', async () => {
      await under.lake.commit([span(0, 1)], { product_view: views('a', 3) })
      await under.flush()
      expect(await under.lake.commit([span(0, 1)], { product_view: views('a', 3) })).toBe('already')
      expect(await count()).toBe(3)
    })

    test('what is committed again after a crash, cut anew, is there once', async () => {
      const orders = { order_created: rowLines([orderLine('o1')]) }
      await under.lake.commit([span(0, 1)], { product_view: views('a', 3), ...orders })
      await under.flush()
      await under.lake.commit([span(0, 2), span(1, 1)], {
        product_view: [...views('b', 2, { sequence: 2 }), ...views('c', 1, { bucket: 1 })],
      })
      under = await under.crash()
      await under.lake.commit([span(0, 1, 2), span(1, 1)], {
        product_view: [
          ...views('a', 3),
          ...views('b', 2, { sequence: 2 }),
          ...views('c', 1, { bucket: 1 }),
        ],
        ...orders,
      })
      expect([await count(), await count('order_created')]).toEqual([6, 1])
      await under.flush()
      expect([await count(), await count('order_created')]).toEqual([6, 1])
    })

    test('a late event lies in its own day', async () => {
      const late = rowLine(viewLine('old', { occurred_at: '2024-02-29T23:59:59.999Z' }))
      await under.lake.commit([span(0, 1)], { product_view: [...views('a', 2), late] })
      const days = 'SELECT dt, count(*)::INTEGER FROM product_view GROUP BY dt ORDER BY dt'
      const expected = [
        ['2024-02-29', 1],
        ['2025-01-15', 2],
      ]
      expect(await under.query(days)).toEqual(expected)
      await under.flush()
      expect(await under.query(days)).toEqual(expected)
      expect(
        await under.query(`SELECT event_id FROM product_view WHERE dt < '2025-01-01'`),
      ).toEqual([['old']])
    })

    test.each([
      ['in memory', 2, false],
      ['in files', 2, true],
      ['in files, many at once', 6000, true],
    ])('a duplicate beyond the window shows once: known %s', async (_, rows, flushed) => {
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
      const first = await under.query(
        `SELECT count(*) FROM product_view WHERE received_at < '2025-01-16'`,
      )
      expect(Number(first[0]![0])).toBe(rows)
      await under.flush()
      expect(await count()).toBe(rows + 1)
    })

    test('the same id on another day is another row', async () => {
      await under.lake.commit([span(0, 1)], { product_view: views('a', 1) })
      await under.flush()
      const place = { sequence: 2, dedup_from: RECEIVED + 1, received_at: RECEIVED + 5 }
      const other = viewLine('a0', { occurred_at: '2025-01-16T00:00:00.000Z' })
      await under.lake.commit([span(0, 2)], { product_view: [rowLine(other, place)] })
      expect(await count()).toBe(2)
    })

    test('a bad row refuses the commit whole; probing finds it; without it the rest goes on', async () => {
      const bad = rowLine(viewLine('bad', { local_hour: 'noon' }))
      const orders = { order_created: [rowLine(orderLine('o'))] }
      const rows = { product_view: [...views('a', 2), bad], ...orders }
      await expect(under.lake.commit([span(0, 1)], rows)).rejects.toMatchObject({
        code: 'encoder_refused',
      })
      expect([await count(), await count('order_created')]).toEqual([0, 0])
      expect(await under.lake.probe('product_view', views('a', 2))).toBeUndefined()
      expect(await under.lake.probe('product_view', [bad])).toContain('noon')
      await under.lake.commit([span(0, 1)], { product_view: views('a', 2), ...orders })
      expect([await count(), await count('order_created')]).toEqual([2, 1])
    })

    test('text that is no line at all is refused too', async () => {
      for (const line of ['', '{', '{"event_id":"x"}', `${viewLine('a')}\n${viewLine('b')}`]) {
        await expect(
          under.lake.commit([span(0, 1)], { product_view: [rowLine(line)] }),
        ).rejects.toMatchObject({ code: 'encoder_refused' })
      }
      expect(await count()).toBe(0)
    })

    test('amounts, timestamps, nested items, extra and odd texts come back exactly', async () => {
      await under.lake.commit([span(0, 1)], {
        order_created: rowLines([
          orderLine('x', {
            occurred_at: '9999-12-31T23:59:59.999Z',
            customer_id: 'Zoë \u0000\n"quoted" 😀',
            total_amount: '-99999999999999.9999',
            items: [
              { product_id: 'p', quantity: 2147483647, price: '0.0001', name: 'ß' },
              { product_id: 'q', quantity: 1, price: '12345678901234' },
            ],
            shipping_address: { city: 'Hà Nội' },
            extra: { gift: true, 'items.0.colour': 'red', n: 0.1 },
          }),
        ]),
      })
      const sql = `SELECT occurred_at::VARCHAR, customer_id, total_amount, items[1].quantity, items[1].price, items[2].price,
        items[2].name, shipping_address.city, extra->>'$.gift', extra->'$."items.0.colour"', dt, email_hash FROM order_created`
      const expected = [
        [
          '9999-12-31 23:59:59.999',
          'Zoë \u0000\n"quoted" 😀',
          '-99999999999999.9999',
          2147483647,
          '0.0001',
          '12345678901234.0000',
          null,
          'Hà Nội',
          'true',
          '"red"',
          '9999-12-31',
          null,
        ],
      ]
      expect(await under.query(sql)).toEqual(expected)
      await under.flush()
      expect(await under.query(sql)).toEqual(expected)
    })

    test('any rows come back from Parquet unchanged', async () => {
      let sequence = 0
      await fc.assert(
        fc.asyncProperty(fc.array(anyRow(), { minLength: 1, maxLength: 20 }), async (rows) => {
          sequence++
          const lines = rows.map((fields, index) => viewLine(`${sequence}-${index}`, fields))
          await under.lake.commit([span(0, sequence)], {
            product_view: rowLines(lines, { sequence }),
          })
          await under.flush()
          const stored = await under.query(
            `SELECT event_id, strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%gZ'), customer_id, price, local_hour, bot, fx_rate, extra
             FROM product_view WHERE event_id LIKE '${sequence}-%'`,
          )
          const byId = new Map(stored.map((values) => [values[0], values.slice(1)]))
          expect(byId.size).toBe(rows.length)
          rows.forEach((fields, index) => {
            const values = byId.get(`${sequence}-${index}`)!
            expect(values.slice(0, 6)).toEqual([
              fields.occurred_at,
              fields.customer_id ?? null,
              fields.price ?? null,
              fields.local_hour ?? 10,
              fields.bot ?? false,
              fields.fx_rate === undefined ? null : fields.fx_rate + 0,
            ])
            expect(values[6] === null ? undefined : JSON.parse(String(values[6]))).toEqual(
              fields.extra === undefined ? undefined : JSON.parse(JSON.stringify(fields.extra)),
            )
          })
        }),
        { numRuns: 25, endOnFailure: true },
      )
    })
  })
}

function anyRow() {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  return fc.record(
    {
      occurred_at: fc
        .tuple(fc.constantFrom(...DAYS), fc.integer({ min: 0, max: 86_399_999 }))
        .map(([day, time]) => new Date(Date.parse(day) + time).toISOString()),
      customer_id: text,
      price: fc
        .tuple(fc.bigInt(-(10n ** 14n) + 1n, 10n ** 14n - 1n), fc.integer({ min: 0, max: 9999 }))
        .map(([whole, part]) => `${whole}.${String(part).padStart(4, '0')}`),
      local_hour: fc.integer({ min: 0, max: 23 }),
      bot: fc.boolean(),
      fx_rate: fc.double({ noNaN: true, noDefaultInfinity: true }),
      extra: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
    },
    { requiredKeys: ['occurred_at'] },
  )
}
