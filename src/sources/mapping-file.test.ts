import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compileMapping, type MappedEvent, mapRows, unknownFields } from './mapping.ts'
import { readRows, requireEncoding } from './read-rows.ts'

const directory = mkdtempSync(join(tmpdir(), 'shoplake-mapping-file-'))
afterAll(() => rmSync(directory, { recursive: true }))

const PAID = {
  name: 'paid',
  event_type: 'order_paid',
  fields: {
    timestamp: { constant: '2025-01-01T00:00:00Z' },
    order_id: { column: 'id' },
    payment_method: { column: 'way' },
  },
}
const SHOP = { name: 'shop', outputs: [PAID] }

async function read(json: unknown, bytes: string | Uint8Array): Promise<MappedEvent[]> {
  const mapping = compileMapping(json)
  const path = join(directory, 'rows.csv')
  writeFileSync(path, bytes)
  await requireEncoding(path, mapping)
  const events: MappedEvent[] = []
  for await (const event of mapRows(mapping, readRows(path, mapping), { sha256: 'ab' })) {
    events.push(event)
  }
  return events
}

test('a column that an expression reads and the file lacks keeps it from being read', async () => {
  await expect(read(SHOP, 'id,weg\n1,x\n')).rejects.toThrow(
    /no column "way", which mapping shop reads; it has id, weg/,
  )
  const events = await read({ ...SHOP, optional_columns: ['way'] }, 'id,weg\n1,x\n')
  expect(events[0]?.value).toMatchObject({ order_id: '1' })
  const lines = { each: { product_id: { column: 'sku' } }, of: { column: 'lines' } }
  const nested = { ...PAID, fields: { ...PAID.fields, lines } }
  expect(compileMapping({ ...SHOP, outputs: [nested] }).columns).toEqual(['id', 'way', 'lines'])
})

test('text in another encoding than the mapping says is refused, and read where it is said', async () => {
  const bytes = Buffer.from('id,way\n1,Überweisung\n', 'latin1')
  await expect(read(SHOP, bytes)).rejects.toThrow(/is not in utf-8; .*"encoding": "windows-1252"/)
  const western = await read({ ...SHOP, encoding: 'windows-1252' }, bytes)
  expect(western[0]?.value.payment_method).toBe('Überweisung')
  const wide = await read(
    { ...SHOP, encoding: 'utf-16le' },
    Buffer.from('id,way\n1,Ü\n', 'utf16le'),
  )
  expect(wide[0]?.value.payment_method).toBe('Ü')
})

test.each([
  [
    { ...SHOP, timezone: 'Europe/Berlin' },
    /mapping: unknown key "timezone"; known are .*time_zone/,
  ],
  [{ ...SHOP, outputs: [{ ...PAID, filter: {} }] }, /outputs\.0: unknown key "filter"/],
  [
    { ...SHOP, outputs: [{ ...PAID, fields: { a: { decimal: { column: 'a' }, marc: ',' } } }] },
    /fields\.a: unknown key "marc"; known are decimal, mark/,
  ],
  [{ ...SHOP, encoding: 'klingon' }, /encoding: expected a name such as/],
  [
    { ...SHOP, outputs: [{ ...PAID, event_type: 'order_payed' }] },
    /"order_payed" is no event type/,
  ],
])('what a mapping cannot mean is told: %j', (json, says) => {
  expect(() => compileMapping(json)).toThrow(says)
})

test('fields that no definition knows are named', () => {
  const odd = { ...PAID, fields: { ...PAID.fields, custmer_id: { column: 'id' } } }
  expect(
    unknownFields(compileMapping({ ...SHOP, outputs: [PAID, { ...odd, name: 'odd' }] })),
  ).toEqual(['order_paid.custmer_id'])
})
