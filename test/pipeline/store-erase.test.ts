import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LmdbStore } from '../../src/local/lmdb-store.ts'
import { NOON, openDoor } from '../door-fixture.ts'
import {
  bytesUnder,
  catchUp,
  dumpStore,
  ledgerSums,
  openStore,
  openUpdater,
} from './store-fixture.ts'

const now = () => NOON
const PERSON = 'cust_zanzibar'
const BROWSERS = ['anon_ouagadougou', 'anon_timbuktu']
const TRACES = [
  PERSON,
  ...BROWSERS,
  'Lan Nguyen',
  'Le Loi',
  'TRACK-77',
  'sess_reykjavik',
  'landing-xyz',
]

function events(suffix: string) {
  const visit = {
    session_id: 'sess_reykjavik',
    anonymous_id: BROWSERS[0],
    timestamp: '2025-02-01T11:00:00Z',
  }
  const order = {
    event_type: 'order_created',
    timestamp: '2025-02-01T11:30:00Z',
    order_id: `ord_${suffix}`,
    customer_id: PERSON,
    items: [{ product_id: 'p1', quantity: 1, price: 10 }],
    total_amount: 10,
    shipping_address: { name: 'Lan Nguyen', street: '1 Le Loi', city: 'Hanoi', country: 'Vietnam' },
    email: 'lan@example.com',
  }
  return [
    { ...visit, event_type: 'page_view', page_url: `/landing-xyz?${suffix}` },
    {
      ...visit,
      event_type: 'add_to_cart',
      product_id: 'p1',
      quantity: 1,
      price: 10,
      event_id: `cart-${suffix}`,
    },
    {
      event_type: 'customer_identified',
      timestamp: visit.timestamp,
      anonymous_id: BROWSERS[0],
      customer_id: PERSON,
      event_id: `i-${suffix}`,
    },
    {
      event_type: 'customer_updated',
      timestamp: visit.timestamp,
      customer_id: PERSON,
      name: 'Lan Nguyen',
      country: 'Vietnam',
    },
    order,
    {
      event_type: 'order_shipped',
      timestamp: visit.timestamp,
      order_id: `ord_${suffix}`,
      carrier: 'dhl',
      tracking_number: 'TRACK-77',
    },
    {
      event_type: 'page_view',
      timestamp: visit.timestamp,
      anonymous_id: BROWSERS[1],
      event_id: `late-${suffix}`,
    },
    { event_type: 'order_paid', timestamp: 'never', order_id: 'x', customer_id: PERSON },
  ]
}

const TOMBSTONE = {
  customer_id: PERSON,
  anonymous_ids: [BROWSERS[1]!],
  erased_id: 'erased:q1w2e3',
  requested_at: NOON,
}

describe('an erased person', () => {
  let store: LmdbStore
  let directory: string
  let remove: () => Promise<void>

  beforeEach(async () => {
    ;({ store, directory, remove } = await openStore())
  })

  afterEach(() => remove())

  it('leaves counts and money, and not one byte on disk, now and from later events', async () => {
    const { stream, door, send } = openDoor()
    await send(events('before'))
    await send([{ ...events('other')[4], customer_id: 'cust_other' }])
    await catchUp(stream, store, now)
    const before = await bytesUnder(directory)
    expect(TRACES.filter((trace) => !before.includes(trace))).toEqual([])
    const customer = store.get('customers', PERSON)!

    await door.erase(TOMBSTONE)
    await send(events('after'), { request_id: 'request-2' })
    await catchUp(stream, store, now)

    const after = await bytesUnder(directory)
    expect(TRACES.filter((trace) => after.includes(trace) && !isOther(trace))).toEqual([])
    const erased = store.get('customers', 'erased:q1w2e3')!
    expect(customer).toMatchObject({ orders: 1, spend: '10' })
    expect(erased).toMatchObject({ orders: 2, spend: '20', country: 'Vietnam', anonymous_ids: [] })
    expect(store.get('customers', PERSON)).toBeUndefined()
    for (const order_id of ['ord_before', 'ord_after']) {
      expect(store.get('orders', order_id)).toMatchObject({
        customer_id: 'erased:q1w2e3',
        total_amount: '10',
        shipping_address: { city: 'Hanoi', country: 'Vietnam' },
      })
    }
    expect(store.get('orders', 'ord_other')).toMatchObject({ customer_id: 'cust_other' })
    expect(store.get('products', 'p1')).toMatchObject({ units_sold: 3, carts: 2 })
    const index = Object.keys(dumpStore(store).order_index as object)
    expect(index.filter((key) => key.startsWith('customer/erased:q1w2e3/'))).toHaveLength(2)
    const sessions = Object.keys(dumpStore(store).sessions as object)
    expect(sessions).toHaveLength(2)
    expect(sessions.every((key) => key.startsWith('erased:q1w2e3:'))).toBe(true)
    const letters = store.list('dead_letters', { limit: 9 }).map(({ document }) => document)
    expect(letters.map((letter) => letter.raw)).toEqual(['', ''])
    const { accepted, applied } = ledgerSums(store)
    expect(applied).toBe(accepted)
    const tombstones = store.list('tombstones', { limit: 9 })
    expect(tombstones).toHaveLength(3)
    expect(tombstones.every(({ document }) => document.scrubbed_at !== undefined)).toBe(true)
  })

  it('is found in refused events however they were written', async () => {
    const { stream, door, send } = openDoor()
    const customer_id = 'gid://Zürich/77'
    const bodies = (order_id: string) => [
      `{"event_type":"order_paid","order_id":"${order_id}","customer_id":"gid:\\/\\/Z\\u00fcrich\\/77"}`,
      `{"event_type":"order_paid","order_id":"${order_id}","customer_id":"gid:\\/\\/Z\\u00FCrich\\/77","x":`,
      `[{"order_id":"${order_id}","customer_id" : "gid://Zürich/77"}, nonsense]`,
    ]
    const sendAll = async (name: string) => {
      for (const [index, body] of bodies(name).entries()) {
        await send(body, { request_id: `${name}-${index}` }).catch(() => {})
      }
    }
    await sendAll('before')
    await catchUp(stream, store, now)
    await door.erase({ ...TOMBSTONE, customer_id, anonymous_ids: [] })
    await sendAll('after')
    await catchUp(stream, store, now)
    const letters = store.list('dead_letters', { limit: 9 }).map(({ document }) => document)
    expect(letters.map((letter) => letter.raw)).toEqual(['', '', '', '', '', ''])
    expect((await bytesUnder(directory)).includes('rich')).toBe(false)
  })

  it('does not hold the store up with browsers that come to be theirs later', async () => {
    const { stream, door, send } = openDoor()
    const ids = Array.from({ length: 120 }, (_, index) => `anon_late_${index}`)
    const view = { event_type: 'page_view', timestamp: '2025-02-01T11:00:00Z' }
    await send(ids.map((anonymous_id) => ({ ...view, anonymous_id })))
    await send(`{"anonymous_id":"${ids[7]}","event_type":"nothing"}`, { request_id: 'bad' })
    await send({ ...events('x')[3] })
    await catchUp(stream, store, now)
    await door.erase({ ...TOMBSTONE, anonymous_ids: [] })
    await catchUp(stream, store, now)
    const link = { event_type: 'customer_identified', timestamp: '2025-02-01T11:00:00Z' }
    for (const [index, anonymous_id] of ids.entries()) {
      const request = { request_id: `late-${index}`, received_at: NOON + 60_000 }
      await send({ ...link, anonymous_id, customer_id: PERSON }, request)
    }
    let looks = 0
    const counted = {
      ...store,
      list: (...args: Parameters<typeof store.list>) => {
        looks += args[0] === 'sessions' ? 1 : 0
        return store.list(...args)
      },
    }
    await catchUp(stream, counted, now)
    expect(looks).toBeLessThan(10)
    const requests = store.list('tombstones', { limit: 999 }).map(({ document }) => document)
    expect(new Set(requests.map((one) => one.requested_at)).size).toBe(1)
    const bytes = await bytesUnder(directory)
    expect(ids.filter((id) => bytes.includes(id))).toEqual([])
    const sessions = Object.keys(dumpStore(store).sessions as object)
    expect(sessions.every((key) => key.startsWith('erased:q1w2e3:'))).toBe(true)
  })

  it('is taken off the disk after a crash between erase and scrub', async () => {
    const { stream, door, send } = openDoor()
    await send(events('before'))
    await door.erase(TOMBSTONE)
    const crashed = openUpdater(stream, { ...store, scrub: () => new Promise(() => {}) }, now)
    crashed.start()
    const gone = () =>
      store.get('customers', PERSON) === undefined &&
      store.list('tombstones', { limit: 1 }).length > 0
    await expect.poll(gone).toBe(true)
    await catchUp(stream, store, now)
    const bytes = await bytesUnder(directory)
    expect(TRACES.filter((trace) => bytes.includes(trace))).toEqual([])
  })
})

/** The other customer's own parcel goes to the same address. */
function isOther(trace: string): boolean {
  return trace === 'Lan Nguyen' || trace === 'Le Loi'
}
