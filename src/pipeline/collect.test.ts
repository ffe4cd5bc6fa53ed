import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bytesOf,
  DEFAULTS,
  lettersOf,
  NOON,
  openDoor,
  REQUEST,
  rowsOf,
} from '../../test/door-fixture.ts'
import { goodEvent } from '../../test/schema/arbitrary.ts'
import { TABLES } from '../derive/table.ts'
import type { MetricName } from '../metrics.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import { bucketOf } from './bucket.ts'
import { readFxRates } from './enrich-fx.ts'
import { decodeHeader, decodeRecord, eventCount } from './record.ts'

const EXAMPLES = EVENT_TYPES.map((type) => EVENTS[type].example)
const VIEW = { event_type: 'page_view', timestamp: '2025-01-15T10:20:00Z', event_id: 'view-1' }
const ORDER = EVENTS.order_created.example
const BROWSER = { source: { name: 'web', kind: 'browser' } } as const
const AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'

async function onlyRow(event: object, request = {}, settings = {}, parts = {}) {
  const { send, stream } = openDoor(settings, parts)
  const answer = await send(event, request)
  expect(answer.results).toMatchObject([{ verdict: 'accepted' }])
  return rowsOf(stream.records)[0]!.row
}

test('every example is taken, and its row has the columns of its table in stored order', async () => {
  const { send, stream } = openDoor()
  const answer = await send(EXAMPLES)
  expect(answer).toMatchObject({ received: 20, accepted: 20, duplicates: 0, rejected: 0 })
  const rows = rowsOf(stream.records)
  expect(rows).toHaveLength(EXAMPLES.length)
  for (const { type, row } of rows) {
    const columns = TABLES[type as EventType].columns.filter(({ name }) => name !== 'written_at')
    const names = columns.map((column) => column.name)
    expect(Object.keys(row)).toEqual(names.filter((name) => name in row))
    expect(columns.filter((column) => column.required && !(column.name in row))).toEqual([])
  }
  expect(stream.appends).toBe(1)
})

test('a request makes one record per bucket, by partition key, and one of them counts', async () => {
  const { send, stream } = openDoor()
  const events = Array.from({ length: 40 }, (_, index) => ({
    ...VIEW,
    event_id: `view-${index}`,
    session_id: `session-${index}`,
  }))
  await send([...events, events[0], { event_type: 'oops' }])
  const buckets = stream.records.map((record) => record.bucket)
  expect(new Set(buckets).size).toBe(buckets.length)
  for (const { bucket, data } of stream.records) {
    for (const line of decodeRecord(data).groups.flatMap((group) => group.lines)) {
      const { session_id } = JSON.parse(`${Buffer.from(line)}`)
      if (session_id) expect(bucketOf(session_id, 16)).toBe(bucket)
    }
  }
  const headers = stream.records.map(({ data }) => decodeHeader(data))
  expect(headers.reduce((sum, header) => sum + eventCount(header), 0)).toBe(40)
  const counting = headers.filter((header) => Object.keys(header.duplicates).length > 0)
  expect(counting).toMatchObject([{ duplicates: { page_view: 1 }, rejected: { unknown: 1 } }])
  expect(headers.every((header) => header.source === 'shop' && header.dedup_from === 0)).toBe(true)
})

test('duplicates and refusals are booked even when nothing else is', async () => {
  const { send, stream } = openDoor({ dead_letter_quota_bytes: 0 })
  await send(VIEW)
  expect(await send(VIEW)).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await send({ event_type: 'x' })).toMatchObject({ accepted: 0, rejected: 1 })
  const headers = stream.records.slice(1).map(({ data }) => decodeHeader(data))
  expect(headers).toMatchObject([
    { duplicates: { page_view: 1 }, rejected: {}, groups: [] },
    { duplicates: {}, rejected: { unknown: 1 }, groups: [] },
  ])
})

test('no event is no record', async () => {
  const { send, stream } = openDoor()
  expect(await send([])).toEqual({
    received: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    results: [],
  })
  expect(stream.appends).toBe(0)
})

test('the same order twice is one order, also without an id, but not from another source', async () => {
  const { send } = openDoor()
  const answer = await send([ORDER, ORDER])
  expect(answer.results).toEqual([
    { index: 0, event_id: 'order_created:shop:ord_123456', verdict: 'accepted' },
    { index: 1, event_id: 'order_created:shop:ord_123456', verdict: 'duplicate' },
  ])
  expect(await send(ORDER)).toMatchObject({ duplicates: 1 })
  expect(await send(ORDER, { source: { name: 'till', kind: 'server' } })).toMatchObject({
    accepted: 1,
  })
})

test('a refused event does not stop its neighbours and becomes a dead letter', async () => {
  const { send, stream } = openDoor()
  const bad = '{"event_type":"order_created","timestamp":"2025-01-15T10:30:00Z", "order_id":"o"}'
  const answer = await send(`[${JSON.stringify(VIEW)},\n ${bad} ,${JSON.stringify(ORDER)}]`)
  expect(answer.results[1]).toEqual({
    index: 1,
    event_id: null,
    verdict: 'rejected',
    reason: 'missing_field',
    path: 'items',
    message: 'items: needed, but missing',
  })
  expect(answer).toMatchObject({ accepted: 2, rejected: 1 })
  expect(lettersOf(stream.records)).toEqual([
    {
      dead_letter_id: '2025-02-01T12:00:00.000Z:request-1:1',
      event_type: 'order_created',
      reason: 'missing_field',
      path: 'items',
      message: 'items: needed, but missing',
      index: 1,
      raw: bad,
      raw_encoding: 'utf8',
      raw_bytes: bad.length,
      truncated: false,
      source: 'shop',
      source_kind: 'server',
      received_at: '2025-02-01T12:00:00.000Z',
      request_id: 'request-1',
      status: 'open',
    },
  ])
})

test("the request's headers speak for browsers only", async () => {
  const headers = {
    user_agent: AGENT,
    page_url: 'https://s.example/?gclid=1',
    network: '1.2.3.0/24',
  }
  expect(await onlyRow(VIEW, { ...BROWSER, ...headers })).toMatchObject({
    page_url: 'https://s.example/?gclid=1',
    user_agent: AGENT,
    network: '1.2.3.0/24',
    channel: 'paid_search',
    click_id: 'gclid',
    device: 'mobile',
    bot: false,
    source: 'web',
    source_kind: 'browser',
  })
  const own = await onlyRow({ ...VIEW, user_agent: 'curl/8' }, { ...BROWSER, ...headers })
  expect(own).toMatchObject({ user_agent: 'curl/8', bot: true })
  const server = await onlyRow(VIEW, headers)
  expect(server).toMatchObject({ network: '1.2.3.0/24', bot: false })
  for (const name of ['user_agent', 'page_url', 'device', 'channel']) {
    expect(server).not.toHaveProperty(name)
  }
})

test('an order is valued in the currency of the shop, with the rate of its local day', async () => {
  const read = readFxRates({
    EUR: [
      { date: '2025-01-15', rate: 1.04 },
      { date: '2025-01-16', rate: 2 },
    ],
  })
  if ('problems' in read) throw new Error(read.problems.join())
  const order = { ...ORDER, currency: 'eur', timestamp: '2025-01-15T23:30:00Z' }
  const parts = { rates: read.rates }
  expect(await onlyRow(order, {}, {}, parts)).toMatchObject({
    local_date: '2025-01-15',
    local_hour: 23,
    shop_value: '62.3792',
    fx_rate: 1.04,
    fx_date: '2025-01-15',
    amount_mismatch: false,
  })
  const hanoi = await onlyRow(order, {}, { shop_time_zone: 'Asia/Ho_Chi_Minh' }, parts)
  expect(hanoi).toMatchObject({ local_date: '2025-01-16', local_hour: 6, shop_value: '119.96' })
  expect(await onlyRow(ORDER)).toMatchObject({ shop_value: '59.98', fx_rate: 1 })
  const unknown = await onlyRow({ ...ORDER, currency: 'GBP', total_amount: 1 }, {}, {}, parts)
  expect(unknown).toMatchObject({ amount_mismatch: true })
  expect(unknown).not.toHaveProperty('shop_value')
  const cart = await onlyRow({ ...EVENTS.add_to_cart.example, price: '0.3333', quantity: 3 })
  expect(cart).toMatchObject({ shop_value: '0.9999' })
})

test('without consent no trace of the person is kept, and the order still is', async () => {
  const { send, stream } = openDoor()
  const secret = 'PERSON-7f3'
  const event = {
    ...ORDER,
    consent: 'denied',
    customer_id: secret,
    session_id: secret,
    email: `${secret}@x.test`,
    page_url: `/account/${secret}?utm_source=google&utm_medium=cpc`,
    note: secret,
    shipping_address: { name: secret, city: 'Hanoi' },
  }
  const identified = {
    ...EVENTS.customer_identified.example,
    consent: 'denied',
    customer_id: secret,
  }
  const invalid = { ...VIEW, consent: 'denied', title: 7, customer_id: secret }
  const answer = await send([event, identified, invalid], { ...BROWSER, network: '9.9.9.0/24' })
  expect(answer.results).toMatchObject([
    { verdict: 'accepted' },
    { verdict: 'rejected', reason: 'invalid_field', path: 'consent' },
    { verdict: 'rejected', reason: 'invalid_field', path: 'title' },
  ])
  const everything = Buffer.concat(stream.records.map((record) => record.data)).toString('latin1')
  expect(everything).not.toContain(secret)
  expect(everything).not.toContain('9.9.9')
  expect(rowsOf(stream.records)[0]!.row).toMatchObject({
    order_id: 'ord_123456',
    total_amount: '59.98',
    channel: 'paid_search',
    consent: 'denied',
    shipping_address: { city: 'Hanoi' },
  })
  expect(lettersOf(stream.records)).toMatchObject([
    { raw: '', truncated: true },
    { raw: '', truncated: true },
  ])
})

test('a replayed event carries the dead letter that it was', async () => {
  expect(await onlyRow(VIEW, { replay_of: 'letter-1' })).toMatchObject({ replay_of: 'letter-1' })
  const { send, stream } = openDoor()
  await send({ event_type: 'x' }, { replay_of: 'letter-1' })
  expect(lettersOf(stream.records)).toMatchObject([{ replay_of: 'letter-1', status: 'open' }])
})

test('values in process are judged like bodies, and know where they were read', async () => {
  const { door, stream } = openDoor({ request_max_events: 1 })
  const circle: { [name: string]: unknown } = { ...VIEW, event_id: 'c' }
  circle.self = circle
  const values = [VIEW, { ...VIEW, event_id: 'b', x: Number.NaN }, circle, { ...VIEW, x: 1n }]
  const origin = values.map((_, line) => ({ file: 'a.csv', line: line + 1 }))
  const answer = await door.collectValues(values, { ...REQUEST, origin })
  expect(answer.results.map((result) => result.verdict)).toEqual([
    'accepted',
    'rejected',
    'rejected',
    'rejected',
  ])
  expect(lettersOf(stream.records)).toMatchObject([
    { file: 'a.csv', line: 2, path: 'x' },
    { file: 'a.csv', line: 3, message: expect.stringContaining('deeper') },
    { file: 'a.csv', line: 4 },
  ])
})

test('a preview keeps and remembers nothing', async () => {
  const { door, stream, send } = openDoor()
  const values = [VIEW, VIEW, { event_type: 'x' }]
  const expected = { received: 3, accepted: 1, duplicates: 1, rejected: 1 }
  expect(door.preview(values, REQUEST)).toMatchObject(expected)
  expect(door.preview(values, REQUEST)).toMatchObject(expected)
  expect(stream.appends).toBe(0)
  expect(await send(values)).toMatchObject(expected)
  expect(door.preview(values, REQUEST)).toMatchObject({ accepted: 0, duplicates: 2 })
})

test('an erase reaches every bucket in one append', async () => {
  const { door, stream } = openDoor()
  const tombstone = {
    customer_id: 'c',
    anonymous_ids: ['a'],
    erased_id: 'erased:1',
    requested_at: NOON,
  }
  await door.erase(tombstone)
  expect(stream.appends).toBe(1)
  expect(stream.records.map((record) => record.bucket)).toEqual([...Array(16).keys()])
  for (const { data } of stream.records) {
    const { header, groups } = decodeRecord(data)
    expect(eventCount(header)).toBe(0)
    expect(groups.map((group) => group.name)).toEqual(['tombstone'])
    expect(JSON.parse(`${Buffer.from(groups[0]!.lines[0]!)}`)).toEqual(tombstone)
  }
})

test('counts are metrics too', async () => {
  const counted: string[] = []
  const metrics = {
    add: (name: MetricName, value = 1, labels = {}) =>
      void counted.push(`${name} ${Object.values(labels).join()} ${value}`),
    set: (name: MetricName, value: number) => void counted.push(`${name} ${value}`),
    observe() {},
  }
  const { send } = openDoor({}, { metrics })
  await send([VIEW, VIEW, { ...VIEW, event_id: 'w', colour: 1 }, {}])
  expect(counted).toEqual([
    'shoplake_events_total accepted, 2',
    'shoplake_events_total duplicate, 1',
    'shoplake_events_total rejected,unknown_event_type 1',
    'shoplake_drift_events_total page_view 1',
    'shoplake_dedup_ids 2',
    `shoplake_dedup_window_seconds ${DEFAULTS.dedup_window_hours * 3600}`,
  ])
})

test('an event means the same in every form of body', async () => {
  const event = fc.constantFrom(...EVENT_TYPES).chain(goodEvent)
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 4 }), async (drawn) => {
      const events = drawn.map((each, index) => ({ ...each, event_id: `id-${index}` }))
      const forms = [
        { body: bytesOf(events), format: 'json' },
        { body: bytesOf({ events }), format: 'json' },
        { body: bytesOf(events.map((each) => JSON.stringify(each)).join('\n')), format: 'ndjson' },
      ] as const
      const outcomes = await Promise.all(
        forms.map(async ({ body, format }) => {
          const { send, stream } = openDoor({ event_max_bytes: 1_000_000 })
          const { results } = await send(body, { format })
          return { results, rows: rowsOf(stream.records) }
        }),
      )
      const { door, stream } = openDoor({ event_max_bytes: 1_000_000 })
      const { results } = await door.collectValues(JSON.parse(JSON.stringify(events)), REQUEST)
      const direct = { results, rows: rowsOf(stream.records) }
      for (const outcome of outcomes) expect(outcome).toEqual(direct)
    }),
    { numRuns: 60 },
  )
})
