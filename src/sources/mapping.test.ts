import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { EVENTS, type EventType } from '../schema/registry.ts'
import { objectOf } from '../schema/scalar.ts'
import { compileMapping, type MappedEvent, mapRows } from './mapping.ts'
import { localTimeReader } from './mapping-time.ts'
import { hashFile, readRows } from './read-rows.ts'

const directory = mkdtempSync(join(tmpdir(), 'shoplake-mapping-'))
afterAll(() => rmSync(directory, { recursive: true }))

let number = 0

/** What a mapping makes of a file with this text. */
async function run(json: unknown, text: string, ending = '.csv'): Promise<MappedEvent[]> {
  const mapping = compileMapping(json)
  const path = join(directory, `${number++}${ending}`)
  writeFileSync(path, ending.endsWith('.gz') ? gzipSync(text) : text)
  const events: MappedEvent[] = []
  for await (const event of mapRows(mapping, readRows(path, mapping), { sha256: 'ab' })) {
    events.push(event)
  }
  return events
}

const RETAIL = JSON.parse(
  readFileSync(new URL('./mappings/online-retail.json', import.meta.url), 'utf8'),
)
const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n'

describe('online-retail', () => {
  it('makes one order of the sale rows of an invoice, wherever they stand, at its earliest minute', async () => {
    const events = await run(
      RETAIL,
      `${HEADER}1,A,RED  BOX ,2,2011-06-01 10:01:00,1.125,17.0,EIRE\n` +
        '2,B,,1,2011-06-01 10:01:00,3,,EIRE\n' +
        '1,B,"BLUE, BOX",1,2011-06-01 10:00:00,2.5,17.0,EIRE\n' +
        '1,C,FREE,1,2011-06-01 10:00:00,0.0,17.0,EIRE\n',
    )
    expect(events.filter((event) => event.value.event_type === 'order_created')).toEqual([
      {
        line: 2,
        value: {
          event_id: 'online-retail:ab:2',
          event_type: 'order_created',
          timestamp: '2011-06-01T09:00:00.000Z',
          order_id: '1',
          customer_id: '17.0',
          currency: 'GBP',
          total_amount: '4.75',
          items: [
            { product_id: 'A', quantity: 2, price: '1.125', name: 'RED  BOX' },
            { product_id: 'B', quantity: 1, price: '2.5', name: 'BLUE, BOX' },
          ],
          shipping_address: { country: 'EIRE' },
        },
      },
      {
        line: 3,
        value: {
          event_id: 'online-retail:ab:3',
          event_type: 'order_created',
          timestamp: '2011-06-01T09:01:00.000Z',
          order_id: '2',
          currency: 'GBP',
          total_amount: '3',
          items: [{ product_id: 'B', quantity: 1, price: '3' }],
          shipping_address: { country: 'EIRE' },
        },
      },
    ])
  })

  it('makes a stock movement of every row, with the reason why', async () => {
    const events = await run(
      RETAIL,
      `${HEADER}1,A,X,2,2011-01-05 10:00:00,1,,UK\nC2,A,X,-1,2011-01-05 10:00:00,1,,UK\n` +
        '3,A,,-5,2011-01-05 10:00:00,0.0,,UK\n4,A,,7,2011-01-05 10:00:00,0,,UK\n' +
        'A5,B,Adjust bad debt,1,2011-01-05 10:00:00,-11062.06,,UK\n',
    )
    const stock = events.filter((event) => event.value.event_type === 'inventory_updated')
    expect(stock.map(({ value }) => [value.delta, value.reason])).toEqual([
      [-2, 'sale'],
      [1, 'return'],
      [-5, 'write_off'],
      [-7, 'zero_price'],
      [-1, 'bad_debt'],
    ])
    const refunds = events.filter((event) => event.value.event_type === 'order_refunded')
    expect(refunds.map(({ value }) => [value.order_id, value.amount, value.reason])).toEqual([
      ['C2', '1', 'cancellation'],
      ['A5', '11062.06', 'bad_debt'],
    ])
  })

  it('gives every event an id of its own that fits, and events that our schema takes', async () => {
    const mapping = compileMapping(RETAIL)
    const text = `${HEADER}1,A,X,2,2011-01-05 10:00:00,1,,UK\nC2,A,X,-1,2011-01-05 10:00:00,1,,UK\n`
    const path = join(directory, 'ids.csv')
    writeFileSync(path, text)
    const ids: string[] = []
    for await (const { value } of mapRows(mapping, readRows(path, mapping), {
      sha256: await hashFile(path),
    })) {
      ids.push(value.event_id as string)
      const fields = EVENTS[value.event_type as EventType].fields
      expect(objectOf(fields).safeParse(value).error).toBeUndefined()
    }
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^online-retail:[0-9a-f]{64}:[23](:\w+)?$/)
  })
})

const LINES = {
  name: 'lines',
  columns: ['id', 'n'],
  outputs: [
    {
      name: 'paid',
      event_type: 'order_paid',
      when: { greater: [{ column: 'n' }, { constant: 0 }] },
      fields: {
        timestamp: { constant: '2025-01-01T00:00:00Z' },
        order_id: { column: 'id' },
        amount: { decimal: { column: 'n' } },
      },
    },
  ],
}

describe('mapRows', () => {
  it('refuses a row that no output takes, one that cannot be read and one that is not CSV, with its line', async () => {
    const events = await run(LINES, 'id,n\n"a\nb",1\nc,0\nd,x\ne\n"f"g,1\nh,2\n"i,1\nj,1\n')
    expect(events.map(({ line, refusal }) => [line, refusal?.message])).toEqual([
      [2, undefined],
      [4, 'no output of the mapping takes this row'],
      [5, 'paid: "x" is not a decimal with at most four digits after the point'],
      [6, 'the row has 1 fields, the header 2'],
      [7, undefined],
      [8, undefined],
      [10, expect.stringContaining('Quote Not Closed')],
    ])
    expect(events[2]?.value).toEqual({ id: 'd', n: 'x' })
  })

  it('reads amounts with a decimal comma where the mapping says so, and none that could be meant otherwise', async () => {
    const mapping = {
      name: 'comma',
      delimiter: ';',
      outputs: [
        {
          name: 'paid',
          event_type: 'order_paid',
          fields: { amount: { decimal: { column: 'n' }, mark: ',' } },
        },
      ],
    }
    const events = await run(mapping, 'n;x\n12,50;\n1.234,5;\n-7;\n12.50;\n1.2345;\n')
    expect(events.map(({ value }) => value.amount)).toEqual([
      '12.5',
      '1234.5',
      '-7',
      undefined,
      undefined,
    ])
    expect(events[3]?.refusal?.message).toMatch('"12.50" is not a decimal such as 1.234,50')
  })

  it('lets a refused row make no event at all', async () => {
    const stock = {
      name: 'stock',
      event_type: 'inventory_updated',
      fields: { product_id: { column: 'id' }, delta: { whole: { column: 'n' } } },
    }
    const events = await run({ ...LINES, outputs: [...LINES.outputs, stock] }, 'id,n\na,1.5\nb,2\n')
    expect(
      events.map(({ line, value, refusal }) => [line, value.event_type, refusal?.message]),
    ).toEqual([
      [2, undefined, 'stock: delta: "1.5" is not a whole number'],
      [3, 'order_paid', undefined],
      [3, 'inventory_updated', undefined],
    ])
  })

  it('ends a contiguous group where another begins', async () => {
    const output = { ...LINES.outputs[0], group_by: { column: 'id' }, contiguous: true }
    const fields = { ...output.fields, amount: { sum: { column: 'n' } } }
    const events = await run(
      { ...LINES, outputs: [{ ...output, fields }] },
      'id,n\na,1\na,2\nb,3\na,4\n',
    )
    expect(events.map(({ line, value }) => [line, value.order_id, value.amount])).toEqual([
      [2, 'a', '3'],
      [4, 'b', '3'],
      [5, 'a', '4'],
    ])
  })

  it('reads gzip and NDJSON, paths and lists', async () => {
    const mapping = {
      name: 'export',
      format: 'ndjson',
      outputs: [
        {
          name: 'order',
          event_type: 'order_created',
          fields: {
            order_id: { concat: [{ constant: 'web-' }, { column: 'number' }] },
            timestamp: { date: { column: 'at' } },
            total_amount: {
              sum: { multiply: [{ column: 'price.amount' }, { column: 'qty' }] },
              of: { column: 'lines' },
            },
            items: {
              each: { product_id: { column: 'sku' }, quantity: { column: 'qty' } },
              of: { column: 'lines' },
            },
          },
        },
      ],
    }
    const row = {
      number: 7,
      at: '2025-01-01T00:00:00+07:00',
      lines: [{ sku: 'a', qty: 3, price: { amount: 1.1 } }],
    }
    const events = await run(mapping, `${JSON.stringify(row)}\n\n[1]\n{\n`, '.ndjson.gz')
    expect(events[0]?.value).toEqual({
      event_id: 'export:ab:1',
      event_type: 'order_created',
      order_id: 'web-7',
      timestamp: '2025-01-01T00:00:00+07:00',
      total_amount: '3.3',
      items: [{ product_id: 'a', quantity: 3 }],
    })
    expect(events.slice(1).map(({ line, refusal }) => [line, refusal !== undefined])).toEqual([
      [3, true],
      [4, true],
    ])
  })

  it('says which column a file lacks', async () => {
    await expect(run(LINES, 'id,m\n1,2\n')).rejects.toMatchObject({
      code: 'mapping_invalid',
      message: expect.stringContaining('no column "n"'),
    })
  })

  it('never throws whatever the cells hold, and explains every row', async () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', '1e9', '-0', '9'.repeat(40), 'C1'),
    )
    const row = fc.record({ id: cell, n: cell })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        const source = (async function* () {
          for (const [index, values] of rows.entries()) yield { line: index + 2, values }
        })()
        const lines: number[] = []
        for await (const event of mapRows(compileMapping(LINES), source, { sha256: 'x' })) {
          lines.push(event.line)
        }
        expect(lines).toEqual(rows.map((_, index) => index + 2))
      }),
      { numRuns: 200 },
    )
  })
})

describe('compileMapping', () => {
  it.each([
    [{ ...LINES, name: 'Too Long A Name' }, 'name:'],
    [{ ...LINES, outputs: [] }, 'outputs: expected a list'],
    [{ ...LINES, outputs: [{ ...LINES.outputs[0], event_type: 'sale' }] }, 'outputs.0.event_type'],
    [
      { ...LINES, outputs: [{ ...LINES.outputs[0], when: { like: [] } }] },
      'unknown condition "like"',
    ],
    [
      { ...LINES, outputs: [{ ...LINES.outputs[0], fields: { a: { eval: '1' } } }] },
      'outputs.0.fields.a: unknown expression "eval"; known are column',
    ],
    [{ ...LINES, outputs: [LINES.outputs[0], LINES.outputs[0]] }, 'two outputs have one name'],
    [
      {
        ...LINES,
        outputs: [{ ...LINES.outputs[0], fields: { a: { date: { column: 'x' }, form: 'HH' } } }],
      },
      'the form needs yyyy',
    ],
  ])('refuses %j', (json, message) => {
    expect(() => compileMapping(json)).toThrow(message)
  })
})

describe('localTimeReader', () => {
  const london = localTimeReader('yyyy-MM-dd HH:mm:ss', 'Europe/London')
  it.each([
    ['2011-01-05 10:00:00', '2011-01-05T10:00:00.000Z'],
    ['2011-07-05 10:00:00', '2011-07-05T09:00:00.000Z'],
    ['2011-03-27 00:59:59', '2011-03-27T00:59:59.000Z'],
    ['2011-03-27 01:30:00', '2011-03-27T01:30:00.000Z'],
    ['2011-03-27 02:00:00', '2011-03-27T01:00:00.000Z'],
    ['2011-10-30 01:30:00', '2011-10-30T00:30:00.000Z'],
    ['2011-10-30 02:00:00', '2011-10-30T02:00:00.000Z'],
    ['2011-02-29 10:00:00', undefined],
    ['2011-02-28 24:00:00', undefined],
    ['2011-02-28 10:60:00', undefined],
    ['2011-02-28', undefined],
  ])('reads %s in London as %s', (text, expected) => {
    expect(london(text)).toBe(expected)
  })

  it('knows zones with half hours and the date line', () => {
    expect(localTimeReader('dd.MM.yyyy HH:mm', 'Asia/Kolkata')('05.01.2025 00:10')).toBe(
      '2025-01-04T18:40:00.000Z',
    )
    expect(localTimeReader('yyyyMMdd', 'Pacific/Kiritimati')('20250101')).toBe(
      '2024-12-31T10:00:00.000Z',
    )
  })
})
