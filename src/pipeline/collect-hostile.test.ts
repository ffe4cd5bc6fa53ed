import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, lettersOf, openDoor } from '../../test/door-fixture.ts'
import { ShoplakeError } from '../errors.ts'
import type { MetricName } from '../metrics.ts'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'
import { decodeHeader, eventCount } from './record.ts'

const EXAMPLES = EVENT_TYPES.map((type) => EVENTS[type].example)
const VIEW = { event_type: 'page_view', timestamp: '2025-01-15T10:20:00Z', event_id: 'view-1' }

test('a body that is not JSON is booked before it is refused', async () => {
  const { send, stream } = openDoor()
  await expect(send('{"a":')).rejects.toMatchObject({ code: 'malformed_json', retryable: false })
  await expect(send(new Uint8Array([0xff, 0xfe]))).rejects.toMatchObject({ code: 'malformed_json' })
  expect(stream.records.map(({ data }) => decodeHeader(data).rejected)).toEqual([
    { unknown: 1 },
    { unknown: 1 },
  ])
  expect(lettersOf(stream.records)).toMatchObject([
    { event_type: null, reason: 'malformed_json', raw: '{"a":', raw_encoding: 'utf8' },
    { event_type: null, reason: 'malformed_json', raw: '//4=', raw_encoding: 'base64' },
  ])
})

test('too many events are refused as a whole and not booked', async () => {
  const { send, stream } = openDoor({ request_max_events: 2 })
  await expect(send([VIEW, VIEW, VIEW])).rejects.toMatchObject({ code: 'too_many_events' })
  expect(stream.appends).toBe(0)
})

const DEEP = '['.repeat(10_000) + ']'.repeat(10_000)

const AS_TEXT = JSON.stringify(VIEW).slice(0, -1)

test.each([
  ['an own __proto__', `${AS_TEXT},"__proto__":{"x":1}}`, 'invalid_field', '__proto__'],
  [
    'an escaped __proto__',
    `${AS_TEXT},"a":[{"__pr\\u006fto__":1}]}`,
    'invalid_field',
    'a.0.__proto__',
  ],
  ['a lone surrogate', `${AS_TEXT},"title":"\\ud800"}`, 'invalid_field', 'title'],
  ['a lone surrogate within', `${AS_TEXT},"x":{"y":["\\udc00"]}}`, 'invalid_field', 'x.y.0'],
  ['nested arrays', `${AS_TEXT},"x":${DEEP}}`, 'invalid_field', `x${'.0'.repeat(32)}`],
  ['nested arrays alone', DEEP, 'not_an_object', undefined],
  ['a number beyond doubles', `${AS_TEXT},"x":1e999}`, 'invalid_field', 'x'],
  ['a text of 1 MB', `${AS_TEXT},"title":"${'x'.repeat(1_000_000)}"}`, 'invalid_field', 'title'],
  ['an unknown text of 1 MB', `${AS_TEXT},"x":"${'x'.repeat(1_000_000)}"}`, 'too_large', undefined],
  ['a name of 1 MB', `${AS_TEXT},"${'x'.repeat(1_000_000)}":1}`, 'too_large', undefined],
  [
    'tomorrow',
    `${AS_TEXT.replace('2025-01-15T10:20:00Z', '2025-02-02T12:00:00.001Z')}}`,
    'timestamp_in_future',
    'timestamp',
  ],
  ['a number', '7', 'not_an_object', undefined],
  ['null', 'null', 'not_an_object', undefined],
  ['no type', '{}', 'unknown_event_type', 'event_type'],
  ['a type of another kind', '{"event_type":{}}', 'unknown_event_type', 'event_type'],
  ['a type of the language', '{"event_type":"constructor"}', 'unknown_event_type', 'event_type'],
])('%s is answered with its reason', async (_, body, reason, path) => {
  const { send, stream } = openDoor()
  const { results } = await send(body)
  expect(results).toHaveLength(1)
  expect(results[0]).toMatchObject({ verdict: 'rejected', reason, message: expect.any(String) })
  expect(results[0]!.path).toBe(path)
  const [letter] = lettersOf(stream.records)
  expect(Buffer.byteLength(letter!.raw as string)).toBeLessThanOrEqual(8192)
  expect(letter!.truncated).toBe(body.length > 8192)
  expect(await send(VIEW)).toMatchObject({ accepted: 1 })
})

test('a name with a typo is told what was meant', async () => {
  const { results } = await openDoor().send({ event_type: 'OrderCreated' })
  expect(results[0]!.message).toBe(
    'event_type: "OrderCreated" is not known; did you mean order_created?',
  )
})

test('a day ahead is taken, and so is long ago', async () => {
  const { send } = openDoor()
  const events = ['2025-02-02T12:00:00Z', '0001-01-01T00:00:00Z'].map((timestamp, index) => ({
    ...VIEW,
    timestamp,
    event_id: `${index}`,
  }))
  expect(await send(events)).toMatchObject({ accepted: 2 })
})

const ORDER = {
  event_type: 'order_created',
  timestamp: '2025-01-15T10:20:00Z',
  order_id: '1001',
  total_amount: 100,
  items: [{ product_id: 'p', quantity: 1, price: 100 }],
}
const BROWSER = { source: { name: 'web', kind: 'browser' } } as const

test('a browser cannot claim the id of another source, so that an order would be a duplicate', async () => {
  const { send } = openDoor()
  const squat = { ...VIEW, event_id: 'order_created:shop:1001' }
  expect((await send(squat, BROWSER)).results).toMatchObject([
    { verdict: 'rejected', reason: 'invalid_field', path: 'event_id' },
  ])
  expect(await send(ORDER)).toMatchObject({ accepted: 1, duplicates: 0 })
  expect(await send({ ...ORDER, event_id: 'order_created:shop:1001' })).toMatchObject({
    duplicates: 1,
  })
})

test.each(['order_created:web:1001', 'page_view:a:b', 'order_created:1001', 'a:b:c'])(
  'a browser may use the event_id %s',
  async (event_id) => {
    const { send } = openDoor()
    expect(await send({ ...VIEW, event_id }, BROWSER)).toMatchObject({ accepted: 1 })
  },
)

test('nobody but an import may speak of erased customers', async () => {
  const { send } = openDoor()
  const event = { ...ORDER, customer_id: 'erased:0123' }
  for (const kind of ['browser', 'webhook', 'server'] as const) {
    expect(await send(event, { source: { name: 'web', kind } })).toMatchObject({
      results: [{ verdict: 'rejected', path: 'customer_id' }],
    })
  }
  const accepted = await send(event, { source: { name: 'old', kind: 'import' } })
  expect(accepted).toMatchObject({ accepted: 1 })
})

test('dead letters without raw bytes fill the quota too', async () => {
  const { send, stream } = openDoor({ dead_letter_quota_bytes: 5000 })
  await send(Array.from({ length: 100 }, () => ({ event_type: 'x', consent: 'denied' })))
  const letters = lettersOf(stream.records)
  expect(letters.length).toBeGreaterThan(0)
  expect(JSON.stringify(letters).length).toBeLessThan(5200)
})

test('what came before the dead-letter quota is kept, the rest counted', async () => {
  const counted: [MetricName, number][] = []
  const metrics = {
    add: (name: MetricName, value = 1) => void counted.push([name, value]),
    set() {},
    observe() {},
  }
  const { send, stream } = openDoor({ dead_letter_quota_bytes: 600 }, { metrics })
  await send([{ event_type: 'aaaaaaaaaa' }, { event_type: 'bbbbbbbbbb' }])
  await send({ event_type: 'c' }, { source: { name: 'other', kind: 'server' } })
  expect(lettersOf(stream.records).map((letter) => letter.raw)).toEqual([
    '{"event_type":"aaaaaaaaaa"}',
    '{"event_type":"c"}',
  ])
  expect(counted).toContainEqual(['shoplake_dead_letters_dropped_total', 1])
  expect(decodeHeader(stream.records[0]!.data).rejected).toEqual({ unknown: 2 })
})

test('a long dead letter is cut between characters', async () => {
  const { send, stream } = openDoor({ dead_letter_max_bytes: 256 })
  await send(`{"event_type":"${'ü'.repeat(300)}"}`)
  const [letter] = lettersOf(stream.records)
  expect(letter).toMatchObject({ truncated: true, raw_bytes: 617 })
  expect(letter!.raw).toBe(`{"event_type":"${'ü'.repeat(120)}`)
})

test('whatever the bytes are, the door answers or throws its own error, and the books balance', async () => {
  const { send, stream } = openDoor()
  const near = fc.constantFrom(...EXAMPLES).chain((event) => {
    const text = JSON.stringify(event)
    return fc
      .tuple(fc.nat(text.length), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, noise]) => bytesOf(text.slice(0, at) + noise + text.slice(at + 1)))
  })
  const body = fc.oneof(near, fc.uint8Array(), fc.json().map(bytesOf))
  let received = 0
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('json', 'ndjson'), async (bytes, format) => {
      try {
        const answer = await send(bytes, { format: format as 'json' | 'ndjson' })
        received += answer.received
        expect(answer.accepted + answer.duplicates + answer.rejected).toBe(answer.received)
      } catch (error) {
        expect(error).toBeInstanceOf(ShoplakeError)
        expect((error as ShoplakeError).code).toBe('malformed_json')
        received++
      }
    }),
    { numRuns: 400 },
  )
  let booked = 0
  for (const { data } of stream.records) {
    const header = decodeHeader(data)
    const refused = [...Object.values(header.duplicates), ...Object.values(header.rejected)]
    booked += eventCount(header) + refused.reduce((sum, count) => sum + count, 0)
  }
  expect(booked).toBe(received)
})
