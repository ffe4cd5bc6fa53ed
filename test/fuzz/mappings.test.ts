import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ShoplakeError } from '../../src/errors.ts'
import { compileMapping, type MappedEvent, mapRows } from '../../src/sources/mapping.ts'
import { readRows } from '../../src/sources/read-rows.ts'
import { openDoor, REQUEST } from '../door-fixture.ts'
import { mangled, runs } from './bytes.ts'

const RETAIL = JSON.parse(
  readFileSync(path.resolve('src/sources/mappings/online-retail.json'), 'utf8'),
)
const FILE = { sha256: 'ab'.repeat(32) }
const HEADER = RETAIL.columns.join(',')
const LINES = [
  '536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
  'C536379,D,"Discount, ""big""",-1,2010-12-01 09:41:00,27.50,14527,United Kingdom',
  '536414,22139,,56,2010-12-01 11:52:00,0,,United Kingdom',
]
const CSV = [HEADER, ...LINES].join('\r\n')
const ROWS = LINES.map((line) => {
  const fields = line.replace(/"(.*)"/, '$1').split(',')
  return JSON.stringify(
    Object.fromEntries(RETAIL.columns.map((name: string, at: number) => [name, fields[at]])),
  )
}).join('\n')
const AS_LINES = { ...RETAIL, format: 'ndjson' }

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'shoplake-fuzz-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** What a file of these bytes becomes. Throws what reading throws. */
async function eventsOf(mapping: unknown, bytes: Uint8Array, name: string): Promise<MappedEvent[]> {
  const file = path.join(directory, name)
  writeFileSync(file, bytes)
  const compiled = compileMapping(mapping)
  const events: MappedEvent[] = []
  for await (const event of mapRows(compiled, readRows(file, compiled), FILE)) events.push(event)
  return events
}

test('any file is events and refusals with their lines, and the door decides on each', async () => {
  const kind = fc.constantFrom(
    { mapping: RETAIL, name: 'rows.csv', zip: false },
    { mapping: AS_LINES, name: 'rows.ndjson', zip: false },
    { mapping: RETAIL, name: 'rows.csv.gz', zip: true },
  )
  const { door } = openDoor()
  await fc.assert(
    fc.asyncProperty(mangled([CSV, CSV, ROWS]), kind, async (bytes, { mapping, name, zip }) => {
      const body = Buffer.concat([Buffer.from(mapping === RETAIL ? `${HEADER}\n` : ''), bytes])
      const events = await eventsOf(mapping, zip ? gzipSync(body) : body, name)
      const ids = new Set<unknown>()
      for (const { value, line, refusal } of events) {
        expect(line).toBeGreaterThan(0)
        if (refusal) expect(refusal.message.length).toBeGreaterThan(3)
        else expect(String(value.event_id).length).toBeLessThanOrEqual(100)
        if (!refusal) ids.add(value.event_id)
      }
      const good = events.filter(({ refusal }) => !refusal)
      expect(ids.size).toBe(good.length)
      const source = { name: 'import', kind: 'import' } as const
      const answer = await door.collectValues(
        good.map(({ value }) => value),
        { ...REQUEST, source },
      )
      expect(answer.received).toBe(good.length)
    }),
    runs(300),
  )
})

test('a damaged archive is an error with a code, and never an endless wait', async () => {
  await fc.assert(
    fc.asyncProperty(mangled([gzipSync(CSV), gzipSync(gzipSync(CSV))]), async (bytes) => {
      const events = await eventsOf(RETAIL, bytes, 'damaged.csv.gz').catch(
        (error: unknown) => error,
      )
      if (events instanceof Error)
        expect((events as { code?: string }).code).toMatch(/^[A-Za-z_]+$/)
      else expect(Array.isArray(events)).toBe(true)
    }),
    runs(150),
  )
})

/** The mapping's own JSON with something else at some place. */
function changedMapping(): fc.Arbitrary<unknown> {
  const paths: (string | number)[][] = []
  const visit = (value: unknown, at: (string | number)[]) => {
    paths.push(at)
    if (Array.isArray(value))
      for (const [index, inner] of value.entries()) visit(inner, [...at, index])
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) visit(inner, [...at, name])
  }
  visit(RETAIL, [])
  const parts = paths.map((at) => at.reduce((value, step) => value[step], RETAIL))
  const other = fc.oneof(fc.constantFrom(...parts), fc.jsonValue(), fc.constantFrom(...DEEP))
  const change = fc.tuple(fc.constantFrom(...paths), other)
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((json, [at, value]) => replaced(json, at, value), structuredClone(RETAIL)),
    )
}

const DEEP = [
  { constant: {} },
  { column: '__proto__' },
  { column: 'constructor' },
  { sum: { sum: { column: 'Quantity' } } },
  { date: { column: 'InvoiceDate' }, form: '((((' },
  { date: { column: 'InvoiceDate' }, form: '' },
  { multiply: [] },
  { each: {} },
  { object: { __proto__: null } },
  Array.from({ length: 3000 }).reduce<unknown>((inner) => ({ not: inner }), true),
  Array.from({ length: 3000 }).reduce<unknown>((inner) => ({ trim: inner }), { column: 'Country' }),
]

function replaced(json: unknown, [step, ...rest]: (string | number)[], value: unknown): unknown {
  if (step === undefined) return value
  if (typeof json !== 'object' || json === null) return value
  const copy = Array.isArray(json) ? [...json] : { ...json }
  Object.assign(copy, {
    [step]: replaced((json as { [name: string]: unknown })[step], rest, value),
  })
  return copy
}

test('any mapping is compiled and reads rows, or is refused with the place that is wrong', async () => {
  await fc.assert(
    fc.asyncProperty(changedMapping(), async (json) => {
      const outcome = await eventsOf(json, Buffer.from(CSV), 'plain.csv').catch(
        (error: unknown) => error,
      )
      if (Array.isArray(outcome)) return
      expect(outcome).toBeInstanceOf(ShoplakeError)
      expect((outcome as ShoplakeError).code).toBe('mapping_invalid')
      expect((outcome as ShoplakeError).message.length).toBeGreaterThan(10)
    }),
    runs(400),
  )
})
