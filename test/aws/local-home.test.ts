import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKinesisStream } from '../../src/aws/kinesis-stream.ts'
import { askSql, patiently } from '../../src/main/ask.ts'
import { createClient } from '../../src/main/client.ts'
import { type Ledger, recountChecks, settle } from '../../src/main/recount.ts'
import { openShopKeys, sendEvents } from '../../src/main/simulation-sender.ts'
import { verifyTruth } from '../../src/main/verify-truth.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { splitRecord } from '../../src/pipeline/split-record.ts'
import { EVENTS } from '../../src/schema/registry.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import { openDoor } from '../door-fixture.ts'
import { JSON_TYPE } from '../http/attacks.ts'
import { startEmulators } from './emulators.ts'
import { testKinesis } from './kinesis.ts'
import { type LocalHome, startLocalHome } from './local-home.ts'
import { keysBelow, testS3 } from './s3.ts'

const DAY_MS = 86_400_000

/** A few hundred events of two days, with faults of every kind. */
function shop(time_zone: string, currency: string) {
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const from = to - 2 * DAY_MS
  const faults = { duplicate: 0.03, late: 0.02, out_of_order: 0.02, invalid: 0.02 }
  const simulation = simulate({
    ...{ seed: 12, from, to, sessions_per_day: 20, time_zone, currency },
    faults: { ...faults, unknown_field: 0.02 },
  })
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  return { simulation, told: { ...period, time_zone } }
}

interface Receipt {
  readonly erasure_id: string
  readonly customer_id: string
  readonly places: readonly { readonly place: string; readonly state: string }[]
}

let emulators: Awaited<ReturnType<typeof startEmulators>>
let home: LocalHome

beforeAll(async () => {
  emulators = await startEmulators()
  home = await startLocalHome({ emulators, port: 0, window_ms: 20 })
})
afterAll(async () => {
  await home.close()
  await emulators.close()
})

test('a simulated shop with faults: every figure equals its truth, before compaction and after it', async () => {
  const client = createClient(home.url, home.key)
  const { simulation, told } = shop('UTC', 'USD')
  const keys = await openShopKeys(client)
  const sent = await sendEvents({ url: client.url, keys: keys.texts, events: simulation })
  await keys.close()
  expect(sent.accepted).toBeGreaterThan(300)
  expect(sent.duplicates).toBeGreaterThan(0)
  expect(sent.rejected).toBeGreaterThan(0)
  const truth = simulation.truth()
  const all = { ...told, sources: keys.sources, resumed: false, truth }
  const figures = await verifyTruth(client, all)
  expect(figures.filter((figure) => !figure.equal)).toEqual([])
  expect(figures.length).toBeGreaterThan(500)
  const s3 = testS3(emulators.endpoints.s3)
  expect((await keysBelow(s3, 'lake', 'raw/')).length).toBeGreaterThan(0)
  await home.compact()
  expect(await keysBelow(s3, 'lake', 'raw/')).toEqual([])
  s3.destroy()
  const recount = recountChecks(await settle(client))
  expect(recount.filter((check) => !check.equal)).toEqual([])
  expect(home.invocations.filter(({ failed }) => failed)).toEqual([])
}, 900_000)

test('what a client sends again to another instance is a late duplicate, once compaction has come by', async () => {
  const client = createClient(home.url, home.key)
  const events = (['product_view', 'search', 'add_to_cart'] as const).map((type) => ({
    ...EVENTS[type].example,
    event_id: `again-${type}`,
  }))
  const kinesis = testKinesis(emulators.endpoints.kinesis)
  const stream = openKinesisStream({
    ...{ client: kinesis, stream_name: 'shoplake', buckets: 16, metrics: NO_METRICS },
    split: splitRecord,
  })
  // An instance of its own each time: none remembers what another has taken.
  for (const request_id of ['first', 'second', 'third']) {
    const { door } = openDoor({}, { stream })
    const source = { name: 'again', kind: 'browser' } as const
    await door.collectValues(events, { source, received_at: Date.now(), request_id })
  }
  kinesis.destroy()
  const counts = async () => {
    const ledger = await patiently<Ledger>(client, `/v1/ledger?from=${new Date(0).toISOString()}`)
    const rows = ledger.rows.filter(({ source }) => source === 'again')
    const sum = (name: string) => rows.reduce((total, each) => total + Number(each[name]), 0)
    return ['accepted', 'in_lake', 'duplicate_late', 'pending_lake'].map(sum)
  }
  await expect.poll(counts).toEqual([9, 9, 0, 0])
  await home.compact()
  expect(await counts()).toEqual([9, 3, 6, 0])
  const whose = "SELECT DISTINCT event_type FROM late_duplicates WHERE source = 'again'"
  expect(await askSql(client, whose)).toHaveLength(events.length)
  const recount = recountChecks(await settle(client))
  expect(recount.filter((check) => !check.equal)).toEqual([])
}, 900_000)

test('an erased person is gone from compacted rows too, once compaction has come by', async () => {
  const client = createClient(home.url, home.key)
  const customer_id = "o'brien"
  const theirs = "customer_id = 'o''brien'"
  const types = ['customer_updated', 'order_created', 'review_submitted'] as const
  const events = types.map((type) => ({ ...EVENTS[type].example, customer_id }))
  await client.json('/v1/events', {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(events),
  })
  const typesWhere = async (condition: string) => {
    const sql = `SELECT event_type FROM events WHERE ${condition} ORDER BY 1`
    return (await askSql(client, sql)).map(({ event_type }) => event_type)
  }
  await expect.poll(() => typesWhere(theirs)).toEqual(types)
  await home.compact()
  expect(await typesWhere(theirs)).toEqual(types)
  const erased = await client.json<Receipt>(`/v1/customers/${encodeURIComponent(customer_id)}`, {
    method: 'DELETE',
  })
  const lakeState = async () => {
    await home.compact()
    const { places } = await client.json<Receipt>(`/v1/erasures/${erased.erasure_id}`)
    return places.find(({ place }) => place === 'lake')!.state
  }
  await expect.poll(lakeState).toBe('done')
  expect(await typesWhere(theirs)).toEqual([])
  expect(await typesWhere(`customer_id = '${erased.customer_id}'`)).toEqual(types)
}, 900_000)

test('browsers that are known too late as those of an erased person go with them, from rows before and after', async () => {
  const client = createClient(home.url, home.key)
  const post = (events: object[]) =>
    client.json('/v1/events', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(events) })
  const { customer_id: _, ...view } = EVENTS.page_view.example as { customer_id?: string }
  const viewBy = (anonymous_id: string) => ({
    ...view,
    anonymous_id,
    session_id: `of-${anonymous_id}`,
  })
  const link = (anonymous_id: string) => ({
    ...EVENTS.customer_identified.example,
    ...{ anonymous_id, customer_id: 'cust_leaving' },
  })
  const views = async () => {
    const sql = `SELECT customer_id, anonymous_id, session_id FROM page_view WHERE session_id LIKE 'of-b%'
      OR customer_id = '${erased_id}'`
    return (await askSql(client, sql)).map((row) => Object.values(row))
  }
  let erased_id = ''
  await post([viewBy('before'), viewBy('back')])
  // Neither the link nor the erase has reached the store when the other is taken.
  home.pause(true)
  await post([link('before')])
  const receipt = await client.json<Receipt>('/v1/customers/cust_leaving', { method: 'DELETE' })
  home.pause(false)
  erased_id = receipt.customer_id
  const places = async () => {
    await home.compact()
    const found = await client.json<Receipt>(`/v1/erasures/${receipt.erasure_id}`)
    return found.places.map(({ state }) => state).slice(0, 3)
  }
  await expect.poll(places).toEqual(['done', 'done', 'done'])
  await post([link('back')])
  const gone = Array.from({ length: 2 }, () => [erased_id, null, null])
  const compacted = async () => {
    await home.compact()
    return views()
  }
  await expect.poll(compacted).toEqual(gone)
  await post([viewBy('before'), viewBy('back')])
  await expect.poll(async () => (await views()).length).toBe(4)
  expect(await views()).toEqual([...gone, ...gone])
}, 900_000)

test.each(['/v1/tail', '/v1/pipeline', '/v1/alerts', '/v1/live/stream'])(
  '%s says that this home does not offer it',
  async (path) => {
    const response = await createClient(home.url, home.key).fetch(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      501,
      'application/problem+json',
    ])
    expect(await response.json()).toMatchObject({
      code: 'not_offered',
      detail: expect.stringMatching(/\w+ \w+ \w+/),
    })
  },
)

test('without a key the gateway answers, in words', async () => {
  const response = await fetch(`${home.url}/v1/orders`)
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'key_missing' })
})
