import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TABLES } from '../../src/derive/table.ts'
import { ShoplakeError } from '../../src/errors.ts'
import { decodeBody } from '../../src/pipeline/decode.ts'
import { decodeHeader, eventCount } from '../../src/pipeline/record.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../../src/schema/registry.ts'
import { lettersOf, openDoor, REQUEST, rowsOf } from '../door-fixture.ts'
import { type Composed, compose } from '../http/compose.ts'
import { mangled, runs } from './bytes.ts'

const EXAMPLES = EVENT_TYPES.map((type) => EVENTS[type].example)
const BODIES = [
  ...EXAMPLES.map((event) => JSON.stringify(event)),
  JSON.stringify(EXAMPLES),
  JSON.stringify({ events: EXAMPLES.slice(0, 4) }),
  EXAMPLES.map((event) => JSON.stringify(event)).join('\n'),
  '{"events":[{"event_type":"custom_event","name":"a","properties":{"b":[1,{"c":null}]}}]}',
]
const FORMAT = fc.constantFrom('json', 'ndjson')
const MOST_EVENTS = 50

/** Only errors of ours may leave the door, and of those only these. */
function expectCode(error: unknown, codes: readonly string[]) {
  expect(error).toBeInstanceOf(ShoplakeError)
  expect(codes).toContain((error as ShoplakeError).code)
}

test('any bytes are values with their texts, or malformed with a reason', () => {
  fc.assert(
    fc.property(mangled(BODIES), FORMAT, (body, format) => {
      try {
        const decoded = decodeBody(body, format, MOST_EVENTS)
        if ('malformed' in decoded && !('values' in decoded)) {
          expect(String(decoded.malformed).length).toBeGreaterThan(3)
          return
        }
        expect(decoded.values.length).toBeLessThanOrEqual(MOST_EVENTS)
        for (const [index, value] of decoded.values.entries()) {
          const raw = decoded.raw(index)
          if (decoded.malformed.has(index) || typeof raw !== 'string') continue
          expect(JSON.parse(raw)).toEqual(value)
        }
      } catch (error) {
        expectCode(error, ['too_many_events'])
      }
    }),
    runs(600),
  )
})

test('whatever is sent, each event has one verdict, and what is accepted is a row of its table', async () => {
  await fc.assert(
    fc.asyncProperty(mangled(BODIES), FORMAT, async (body, format) => {
      const { door, stream } = openDoor({ request_max_events: MOST_EVENTS })
      const answer = await door.collect({ ...REQUEST, body, format }).catch((error: unknown) => {
        expectCode(error, ['malformed_json', 'too_many_events'])
        return undefined
      })
      const headers = stream.records.map(({ data }) => decodeHeader(data))
      const sum = (counts: object) =>
        Object.values(counts).reduce((a: number, b) => a + Number(b), 0)
      if (answer) {
        const { received, accepted, duplicates, rejected, results } = answer
        expect([results.length, accepted + duplicates + rejected]).toEqual([received, received])
        expect(headers.reduce((all, header) => all + eventCount(header), 0)).toBe(accepted)
        expect(headers.reduce((all, header) => all + sum(header.rejected), 0)).toBe(rejected)
        expect(headers.reduce((all, header) => all + sum(header.duplicates), 0)).toBe(duplicates)
        for (const { type, row } of rowsOf(stream.records)) {
          const columns = TABLES[type as EventType].columns.map(({ name }) => name)
          expect(columns.filter((name) => name in row)).toEqual(Object.keys(row))
        }
      }
      for (const letter of lettersOf(stream.records)) {
        expect(letter.reason).toMatch(/^[a-z_]+$/)
        expect(String(letter.raw).length).toBeLessThanOrEqual(2 * 8192)
      }
    }),
    runs(400),
  )
})

let shop: Composed
beforeAll(async () => {
  shop = await compose({ settings: { request_max_bytes: 20_000, request_max_events: MOST_EVENTS } })
})
afterAll(() => shop.close())

test('any bytes over HTTP, gzip or not, get one of the answers that are documented', async () => {
  const zipped = BODIES.map((body) => gzipSync(body))
  const body = fc.oneof(
    mangled(BODIES),
    mangled(zipped),
    mangled(BODIES).map((bytes) => gzipSync(bytes)),
  )
  const headers = fc.record({
    'content-encoding': fc.constantFrom('identity', 'gzip', 'x-gzip', 'gzip', 'br'),
    'content-type': fc.constantFrom(
      ...[
        'application/json',
        'application/x-ndjson',
        'text/plain',
        'application/json; charset=utf-8',
      ],
      ...['text/html', ';', 'application/json;;charset=', ''],
    ),
  })
  const known = [200, 202, 400, 413, 415, 422]
  await fc.assert(
    fc.asyncProperty(body, headers, async (bytes, sent) => {
      const init = { method: 'POST', headers: sent, body: bytes as Uint8Array<ArrayBuffer> }
      const answer = await shop.request('/v1/events', init)
      const told = (await answer.json()) as { code?: string; received?: number; accepted?: number }
      expect(known).toContain(answer.status)
      if (answer.status >= 400) expect(told.code).toMatch(/^[a-z_]+$/)
      else expect(told.received).toBeGreaterThanOrEqual(told.accepted ?? 0)
    }),
    runs(300),
  )
  await shop.updater.settled()
  const totals = (await shop.deps.ledger(0, Number.MAX_SAFE_INTEGER / 1e6)).totals
  expect(totals.applied).toBe(totals.accepted)
  expect(shop.logged.filter(({ level }) => level === 'error')).toEqual([])
})

test('a large body of nothing but objects and arrays is refused before they are made', async () => {
  const many = ['[', '{"a":', '[\n', '[],', '{},', '[{},', '"x"[', '[ '].map((part) =>
    part.repeat(Math.ceil(4_000_000 / part.length)),
  )
  for (const body of many) {
    for (const format of ['json', 'ndjson'] as const) {
      expect(decodeBody(Buffer.from(body), format, 2500)).toEqual({
        malformed: 'There are too many objects and arrays in it.',
      })
    }
  }
  const texts = JSON.stringify([{ a: '[{'.repeat(600_000) }, { b: '\\"[{'.repeat(200_000) }])
  expect(decodeBody(Buffer.from(texts), 'json', 2500)).toHaveProperty('values')
})
