import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ShoplakeError } from '../../src/errors.ts'
import type { LmdbStore } from '../../src/local/lmdb-store.ts'
import type { Store } from '../../src/ports.ts'
import { NOON, openDoor } from '../door-fixture.ts'
import { createMemoryStream } from '../memory-stream.ts'
import {
  catchUp,
  countMetrics,
  dumpStore,
  ledgerSums,
  openStore,
  openUpdater,
  recordOf,
} from './store-fixture.ts'
import { rowOf } from './store-rows.ts'

const now = () => NOON

const ORDER = {
  event_type: 'order_created',
  timestamp: '2025-02-01T11:59:00Z',
  order_id: 'ord_123456',
  customer_id: 'cust_789',
  items: [{ product_id: 'prod_001', quantity: 2, price: 29.99 }],
  total_amount: 59.98,
  payment_method: 'credit_card',
  shipping_address: { city: 'Ho Chi Minh City', country: 'Vietnam' },
}
const VIEW = {
  event_type: 'product_view',
  timestamp: '2025-02-01T11:58:00Z',
  session_id: 'sess_abc123',
  customer_id: 'cust_789',
  product_id: 'prod_001',
}
const CART = { ...VIEW, event_type: 'add_to_cart', quantity: 1, price: 29.99 }

describe('the store updater', () => {
  let store: LmdbStore
  let remove: () => Promise<void>

  beforeEach(async () => {
    ;({ store, remove } = await openStore())
  })

  afterEach(() => remove())

  it('takes what the door has accepted, once, and books every verdict', async () => {
    const { stream, send } = openDoor()
    await send([ORDER, VIEW, { ...VIEW, product_id: 7 }])
    await send([ORDER, CART])
    await send('{"event_type":"nope"}')
    const updater = openUpdater(stream, store, now)
    updater.start()
    await updater.settled()
    expect(store.get('orders', 'ord_123456')).toMatchObject({
      status: 'created',
      total_amount: '59.98',
      country: 'Vietnam',
      shop_value: '59.98',
    })
    expect(store.get('customers', 'cust_789')).toMatchObject({ orders: 1, spend: '59.98' })
    expect(store.get('products', 'prod_001')).toMatchObject({ views: 1, units_sold: 2, carts: 1 })
    expect(ledgerSums(store)).toEqual({ accepted: 3, applied: 3, duplicate: 1, rejected: 2 })
    const letters = store.list('dead_letters', { limit: 9 })
    expect(letters.map(({ document }) => document.reason).sort()).toEqual([
      'invalid_field',
      'unknown_event_type',
    ])
    expect(store.checkpoint()).toEqual(stream.heads())
    expect(updater.liveNow()).toMatchObject({
      visitors: 1,
      open_carts: 1,
      open_cart_value: '29.99',
      currency: 'USD',
      today: { date: '2025-02-01', orders: 1, sales: '59.98' },
    })
    await updater.stop()
  })

  it('wakes up for what comes later', async () => {
    const { stream, send } = openDoor()
    const updater = openUpdater(stream, store, now)
    updater.start()
    await updater.settled()
    await send([ORDER])
    updater.wake()
    await updater.settled()
    expect(store.get('orders', 'ord_123456')).toBeDefined()
    await updater.stop()
    await expect(updater.settled()).rejects.toMatchObject({ code: 'shutting_down' })
  })

  it('goes on where it stopped, and brings the live view back', async () => {
    const { stream, send } = openDoor()
    await send([ORDER, VIEW])
    await catchUp(stream, store, now)
    await send([CART])
    await catchUp(stream, store, now)
    const updater = openUpdater(stream, store, now)
    updater.start()
    await updater.settled()
    expect(ledgerSums(store)).toMatchObject({ accepted: 3, applied: 3 })
    expect(store.get('sessions', 'sess_abc123')).toMatchObject({ events: 2 })
    expect(updater.liveNow()).toMatchObject({ visitors: 1, open_carts: 1, today: { orders: 1 } })
    await updater.stop()
  })

  it('tries a broken store again without losing or doubling anything', async () => {
    const { stream, send } = openDoor()
    for (let order = 0; order < 5; order++) await send([{ ...ORDER, order_id: `o${order}` }, VIEW])
    let failures = 3
    const flaky: Store = {
      ...store,
      apply: async (positions, changes, ledger) => {
        if (failures-- > 0) throw new ShoplakeError('store_unavailable', 'down')
        const answer = await store.apply(positions, changes, ledger)
        // The commit went through, its answer did not.
        if (failures === -1) throw new ShoplakeError('store_unavailable', 'answer lost')
        return answer
      },
    }
    const metrics = countMetrics()
    const updater = openUpdater(stream, flaky, now, metrics)
    updater.start()
    await updater.settled()
    await updater.stop()
    expect(store.get('customers', 'cust_789')).toMatchObject({ orders: 5 })
    expect(ledgerSums(store)).toEqual({ accepted: 10, applied: 10 })
    const retries = 'shoplake_consumer_retries_total{"consumer":"store","code":"store_unavailable"}'
    expect(metrics.added.get(retries)).toBe(4)
  })

  it('does not take a store that cannot be read for a bad row', async () => {
    const { stream, send } = openDoor()
    await send([ORDER])
    let failures = 2
    const flaky: Store = {
      ...store,
      get: (table, key) => {
        if (table === 'orders' && failures-- > 0) {
          throw new ShoplakeError('store_unavailable', 'unreadable')
        }
        return store.get(table, key)
      },
    }
    await catchUp(stream, flaky, now)
    expect(store.get('orders', 'ord_123456')).toBeDefined()
    expect(store.list('dead_letters', { limit: 9 })).toEqual([])
  })

  it('puts rows that no projection takes aside, whole, and the ledger balances', async () => {
    const stream = createMemoryStream()
    const paid = (minute: number, amount: string) =>
      rowOf('order_paid', minute, { order_id: 'o1', payment_id: `p${minute}`, amount })
    const bad = rowOf('order_created', 5, {
      order_id: 'o1',
      items: [{ product_id: 'p1', quantity: 1, price: 'no money' }],
      total_amount: '7',
      shop_value: '7',
    })
    const record = recordOf([paid(1, '5'), bad, paid(2, '6'), '{"cut'])
    await stream.append([{ bucket: 3, data: recordOf([paid(0, '1')]) }])
    await stream.append([{ bucket: 3, data: record }])
    await stream.append([{ bucket: 4, data: Buffer.from('no record at all') }])
    await stream.append([{ bucket: 4, data: recordOf([paid(3, '8')]) }])
    const metrics = countMetrics()
    const updater = openUpdater(stream, store, now, metrics)
    updater.start()
    await updater.settled()
    await updater.stop()
    const order = store.get('orders', 'o1')!
    expect(order).toMatchObject({ paid_amount: '20', items: [] })
    expect(order.timeline).toHaveLength(4)
    expect(store.get('products', 'p1')).toBeUndefined()
    expect(ledgerSums(store)).toEqual({ accepted: 6, applied: 6 })
    const letters = store.list('dead_letters', { limit: 9 }).map(({ document }) => document)
    expect(letters.map((letter) => [letter.event_type, letter.reason])).toEqual([
      [null, 'not_encodable'],
      ['order_created', 'not_encodable'],
      ['order_paid', 'not_encodable'],
    ])
    expect(letters[1]!.raw).toBe(JSON.stringify(bad.row))
    expect(metrics.added.get('shoplake_not_encodable_total{"event_type":"order_created"}')).toBe(1)
    expect(store.checkpoint().slice(3, 5)).toEqual([2, 2])
  })

  it('goes back once for each row that no projection takes, however many follow each other', async () => {
    const stream = createMemoryStream()
    const bad = (minute: number) =>
      recordOf([rowOf('order_paid', minute, { order_id: 'o1', payment_id: 'p', amount: 'none' })])
    for (let minute = 0; minute < 6; minute++) {
      await stream.append([{ bucket: minute % 2, data: bad(minute) }])
    }
    const metrics = countMetrics()
    const updater = openUpdater(stream, store, now, metrics)
    updater.start()
    await updater.settled()
    await updater.stop()
    expect(store.list('dead_letters', { limit: 9 })).toHaveLength(6)
    const retries = metrics.added.get(
      'shoplake_consumer_retries_total{"consumer":"store","code":"poisoned"}',
    )
    expect(retries).toBe(6)
  })

  it('commits in stretches that bound a transaction', async () => {
    const { stream, send } = openDoor()
    const views = Array.from({ length: 24_000 }, (_, index) => ({
      ...VIEW,
      session_id: `s${index}`,
      product_id: `p${index % 50}`,
    }))
    for (let from = 0; from < views.length; from += 500) await send(views.slice(from, from + 500))
    const sizes: number[] = []
    const watched: Store = {
      ...store,
      apply: (positions, changes, ledger) => {
        sizes.push(changes.length)
        return store.apply(positions, changes, ledger)
      },
    }
    await catchUp(stream, watched, now)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(21_000)
    expect(sizes.length).toBeGreaterThan(1)
    expect(store.list('sessions', { limit: 30_000 })).toHaveLength(24_000)
    expect(store.get('products', 'p1')).toMatchObject({ views: 480 })
  })

  it('marks a dead letter as replayed, or keeps it open with its new reason', async () => {
    const { stream, door, send } = openDoor()
    await send([
      { ...VIEW, product_id: 7 },
      { ...CART, quantity: 'x' },
    ])
    await catchUp(stream, store, now)
    const [first, second] = store.list('dead_letters', { limit: 9 })
    const request = { source: { name: 'shop', kind: 'server' }, received_at: NOON + 1 } as const
    await door.collectValues([VIEW], { ...request, request_id: 'a', replay_of: first!.key })
    const late = { ...CART, timestamp: 'yesterday' }
    await door.collectValues([late], { ...request, request_id: 'b', replay_of: second!.key })
    await catchUp(stream, store, now)
    expect(store.get('dead_letters', first!.key)).toMatchObject({ status: 'replayed' })
    expect(store.get('dead_letters', second!.key)).toMatchObject({
      status: 'open',
      path: 'timestamp',
      refused_again: 1,
    })
    expect(store.list('dead_letters', { limit: 9 })).toHaveLength(2)
  })

  it('settles a dead letter whose replay is a duplicate, but says nothing over an accepted one', async () => {
    const { stream, door, send } = openDoor()
    await send([{ ...ORDER, currency: 'dollars' }, { ...VIEW, product_id: 7 }, ORDER])
    await catchUp(stream, store, now)
    const letters = store.list('dead_letters', { limit: 9 })
    const keyOf = (type: string) =>
      letters.find(({ document }) => document.event_type === type)!.key
    const [order, view] = [keyOf('order_created'), keyOf('product_view')]
    const request = { source: { name: 'shop', kind: 'server' }, received_at: NOON + 1 } as const
    const mended = { ...VIEW, event_id: 'mended' }
    await door.collectValues([ORDER], { ...request, request_id: 'a', replay_of: order })
    await door.collectValues([mended], { ...request, request_id: 'b', replay_of: view })
    await door.collectValues([mended], { ...request, request_id: 'c', replay_of: view })
    await catchUp(stream, store, now)
    expect(store.get('dead_letters', order)).toMatchObject({
      ...{ status: 'replayed', replayed_as: 'duplicate' },
      replayed_at: new Date(NOON + 1).toISOString(),
    })
    expect(store.get('dead_letters', view)).toMatchObject({ replayed_as: 'accepted' })
  })

  it('keeps one dead letter of a row that is imported again, and another of every other refusal', async () => {
    const { stream, door } = openDoor()
    let imports = 0
    const read = (row: object, place: object = {}, source = 'my-shop') =>
      door.collectValues([{ ...VIEW, event_id: 'view' }, row], {
        ...{ source: { name: source, kind: 'import' }, request_id: `import-${++imports}` },
        received_at: NOON + imports,
        origin: [
          { file: 'a.csv', line: 1 },
          { file: 'a.csv', line: 2, ...place },
        ],
      })
    const bad = { ...ORDER, currency: 'dollars' }
    await read(bad)
    await read(bad)
    await catchUp(stream, store, now)
    await read(bad)
    await catchUp(stream, store, now)
    const [letter] = store.list('dead_letters', { limit: 9 })
    expect(store.list('dead_letters', { limit: 9 })).toHaveLength(1)
    expect(letter!.document).toMatchObject({ request_id: 'import-1', line: 2 })
    expect(ledgerSums(store)).toMatchObject({ accepted: 1, duplicate: 2, rejected: 3 })

    await read({ ...bad, currency: 'euros' })
    await read({ ...bad, timestamp: 'now' })
    await read(bad, { line: 3 })
    await read(bad, { file: 'b.csv' })
    await read(bad, {}, 'other-shop')
    await catchUp(stream, store, now)
    expect(store.list('dead_letters', { limit: 9 })).toHaveLength(6)

    // One that is past keeping stands for nothing any more.
    await store.change([{ table: 'dead_letters', key: letter!.key, document: null }])
    await read(bad)
    await catchUp(stream, store, now)
    expect(store.list('dead_letters', { limit: 9 })).toHaveLength(6)
  })

  it('deletes what is past keeping', async () => {
    const { stream, send } = openDoor()
    await send([ORDER, VIEW, '7'])
    await catchUp(stream, store, now)
    let later = NOON
    const updater = openUpdater(stream, store, () => later)
    later = NOON + 31 * 86_400_000
    updater.start()
    await expect.poll(() => store.list('sessions', { limit: 1 })).toEqual([])
    await updater.stop()
    const kept = dumpStore(store)
    expect(Object.keys(kept.sessions as object)).toEqual([])
    expect(Object.keys(kept.live_minutes as object)).toEqual([])
    expect(Object.keys(kept.dead_letters as object)).toEqual([])
    expect(Object.keys(kept.orders as object)).toEqual(['ord_123456'])
  })
})
