import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENTS } from '../../src/schema/registry.ts'
import { type Composed, compose, postJson } from './compose.ts'

const ORDER = EVENTS.order_created.example
const VIEW = EVENTS.product_view.example

interface Letter {
  readonly dead_letter_id: string
  readonly reason: string
  readonly status: string
  readonly raw?: string
}

interface Replay {
  readonly dry_run: boolean
  readonly selected: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly not_replayable: number
  readonly results: readonly object[]
}

describe('dead letters', () => {
  let shop: Composed
  beforeEach(async () => {
    shop = await compose()
  })
  afterEach(() => shop.close())

  const list = async (query = '') => {
    const response = await shop.request(`/v1/dead-letters${query}`)
    expect(response.status).toBe(200)
    return (await response.json()) as { items: Letter[]; next_cursor: string | null }
  }

  const replay = async (order: object) => {
    const response = await shop.request('/v1/dead-letters/replay', postJson(order))
    expect(response.status).toBe(200)
    await shop.updater.settled()
    return (await response.json()) as Replay
  }

  const broken = (index: number) => ({
    ...ORDER,
    order_id: `ord_${index}`,
    currency: 'dollars',
  })

  it('are listed without raw bytes, shown with them, and filtered', async () => {
    await shop.send([broken(1), { event_type: 'nonsense' }, { ...VIEW, timestamp: 'now' }])
    const { items } = await list()
    expect(items).toHaveLength(3)
    expect(items.every((item) => item.raw === undefined)).toBe(true)
    expect((await list('?reason=unknown_event_type')).items).toHaveLength(1)
    expect((await list('?event_type=unknown')).items).toHaveLength(1)
    expect((await list('?event_type=order_created&reason=invalid_field')).items).toHaveLength(1)
    expect((await list('?path=currency')).items).toHaveLength(1)
    expect((await list('?source=sk_dev')).items).toHaveLength(3)
    expect((await list('?source=other')).items).toHaveLength(0)
    expect((await list('?status=replayed')).items).toHaveLength(0)
    expect((await list('?to=2020-01-01')).items).toHaveLength(0)
    expect((await list('?from=2020-01-01T00:00:00Z')).items).toHaveLength(3)
    const [order] = (await list('?event_type=order_created')).items
    const one = await shop.request(`/v1/dead-letters/${encodeURIComponent(order!.dead_letter_id)}`)
    const letter = (await one.json()) as Letter
    expect(JSON.parse(letter.raw!)).toEqual(broken(1))
    expect((await shop.request('/v1/dead-letters?reason=whatever')).status).toBe(400)
    expect((await shop.request('/v1/dead-letters?from=yesterday')).status).toBe(400)
    expect((await shop.request('/v1/dead-letters/none')).status).toBe(404)
  })

  it('come in pages, the latest first, with a filter too', async () => {
    for (let round = 0; round < 3; round++) {
      await shop.send([...Array(10).keys()].map((index) => broken(round * 10 + index)))
      await shop.send({ event_type: 'nonsense' })
    }
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = await list(`?limit=4&reason=invalid_field${query}`)
      ids.push(...page.items.map((item) => item.dead_letter_id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(ids).toHaveLength(30)
    expect(new Set(ids).size).toBe(30)
    const times = ids.map((id) => id.slice(0, 24))
    expect(times).toEqual([...times].sort().reverse())
  })

  it('a sample shows some of every kind', async () => {
    const items = [...Array(5).keys()].map((index) => ({
      ...ORDER,
      order_id: `ord_${index}`,
      items: [ORDER.items, { product_id: 'p', quantity: 1, price: index === 4 ? 1 : 'x' }].flat(),
      ...(index === 4 ? { total_amount: 'x' } : {}),
    }))
    await shop.send(items)
    const response = await shop.request('/v1/dead-letters?sample=2')
    const { kinds } = (await response.json()) as {
      kinds: { path: string; count: number; samples: Letter[] }[]
    }
    expect(kinds.map(({ path, count, samples }) => [path, count, samples.length])).toEqual([
      ['items.*.price', 4, 2],
      ['total_amount', 1, 1],
    ])
    expect(kinds[0]!.samples[0]!.raw).toContain('ord_')
  })

  it('a dry run says what would pass and changes nothing', async () => {
    await shop.send([broken(1), broken(2)])
    const filter = { event_type: 'order_created' }
    const before = await (await shop.request('/v1/ledger')).json()
    expect(await replay({ filter })).toMatchObject({ dry_run: true, selected: 2, rejected: 2 })
    expect(await replay({ filter, patch: { currency: 'EUR' } })).toMatchObject({
      dry_run: true,
      selected: 2,
      accepted: 2,
      results: [],
    })
    expect((await list('?status=open')).items).toHaveLength(2)
    expect((await shop.request('/v1/orders/ord_1')).status).toBe(404)
    expect(await (await shop.request('/v1/ledger')).json()).toMatchObject({
      totals: (before as { totals: object }).totals,
    })
  })

  it('a replay with a patch brings them in once, however often it is run', async () => {
    await shop.send([broken(1), broken(2)])
    const order = { filter: { event_type: 'order_created' }, patch: { currency: 'EUR' } }
    expect(await replay({ ...order, dry_run: false })).toMatchObject({ accepted: 2, rejected: 0 })
    expect(await (await shop.request('/v1/orders/ord_1')).json()).toMatchObject({ currency: 'EUR' })
    expect((await list('?status=open')).items).toHaveLength(0)
    const { items } = await list('?status=replayed')
    expect(items).toHaveLength(2)
    expect(await replay({ ...order, dry_run: false })).toMatchObject({ selected: 0 })
    const ids = items.map((item) => item.dead_letter_id)
    const again = await replay({ ids, patch: { currency: 'EUR' }, dry_run: false })
    expect(again).toMatchObject({ selected: 2, accepted: 0, not_replayable: 2 })
    const ledger = await (await shop.request('/v1/ledger')).json()
    expect(ledger).toMatchObject({ balanced: true, totals: { received: 4, accepted: 2 } })
  })

  it('an event without a name of its own is not doubled by two replays at once', async () => {
    await shop.send({ ...VIEW, timestamp: 'now' })
    const order = { filter: {}, patch: { timestamp: '2025-01-15T10:25:00Z' }, dry_run: false }
    const answers = await Promise.all([replay(order), replay(order)])
    const sum = (name: 'accepted' | 'duplicates' | 'not_replayable') =>
      answers.reduce((total, answer) => total + answer[name], 0)
    expect(sum('accepted')).toBe(1)
    await shop.updater.settled()
    expect(await (await shop.request('/v1/products/prod_001')).json()).toMatchObject({ views: 1 })
  })

  it('one whose event has come meanwhile is settled as a duplicate, and the ledger balances', async () => {
    await shop.send(broken(1))
    await shop.send({ ...broken(1), currency: 'EUR' })
    const order = { filter: {}, patch: { currency: 'EUR' } }
    expect(await replay(order)).toMatchObject({ dry_run: true, duplicates: 1 })
    expect((await list('?status=open')).items).toHaveLength(1)
    expect(await replay({ ...order, dry_run: false })).toMatchObject({ selected: 1, duplicates: 1 })
    expect((await list()).items).toMatchObject([{ status: 'replayed', replayed_as: 'duplicate' }])
    expect(await replay({ ...order, dry_run: false })).toMatchObject({ selected: 0 })
    expect(await (await shop.request('/v1/ledger')).json()).toMatchObject({
      balanced: true,
      totals: { received: 3, accepted: 1, duplicate: 1, rejected: 1, applied: 1 },
    })
  })

  it('a path without places of lists is that of every item', async () => {
    const priced = (order_id: string, prices: readonly unknown[]) => ({
      ...ORDER,
      order_id,
      items: prices.map((price) => ({ product_id: 'p', quantity: 1, price })),
    })
    await shop.send([priced('a', [1, 'x']), priced('b', ['x']), broken(1)])
    expect((await list('?path=items.*.price')).items).toHaveLength(2)
    expect((await list('?path=items.0.price')).items).toHaveLength(0)
    expect(await replay({ filter: { path: 'items.*.price' } })).toMatchObject({ selected: 2 })
  })

  it('one that fails again stays open', async () => {
    await shop.send(broken(1))
    const answer = await replay({ filter: {}, patch: { currency: 'euros' }, dry_run: false })
    expect(answer).toMatchObject({
      rejected: 1,
      results: [{ verdict: 'rejected', reason: 'invalid_field', path: 'currency' }],
    })
    expect((await list('?status=open')).items).toHaveLength(1)
  })

  it('what is not JSON cannot be sent again', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{oops' }
    await shop.request('/v1/events', init)
    await shop.updater.settled()
    const answer = await replay({ filter: { reason: 'malformed_json' }, dry_run: false })
    expect(answer).toMatchObject({ selected: 1, not_replayable: 1, accepted: 0 })
  })

  it('a file that is imported again adds no dead letter, and counts in the ledger all the same', async () => {
    const refusal = { reason: 'invalid_field', message: 'order: "zwei" is not a number' }
    const rows = [{ value: { qty: 'zwei' }, file: 'a.csv', line: 7, refusal }]
    const read = async (changed: object = {}) => {
      const body = { source: 'my-shop', rows: rows.map((row) => ({ ...row, ...changed })) }
      const response = await shop.request('/v1/import', postJson(body))
      expect(await response.json()).toMatchObject({ received: 1, rejected: 1 })
      await shop.updater.settled()
    }
    await read()
    await read()
    expect((await list()).items).toHaveLength(1)
    await read({ refusal: { ...refusal, message: 'order: no output takes it' } })
    expect((await list()).items).toHaveLength(2)
    expect(await (await shop.request('/v1/ledger')).json()).toMatchObject({
      balanced: true,
      totals: { received: 3, rejected: 3 },
    })
  })

  it('a row that a mapping refused is not sent again, and keeps its reason', async () => {
    const refusal = { reason: 'invalid_field', message: 'order: "zwei" is not a number' }
    const rows = [{ value: { qty: 'zwei' }, file: 'a.csv', line: 7, refusal }]
    await shop.request('/v1/import', postJson({ source: 'my-shop', rows }))
    await shop.updater.settled()
    const answer = await replay({ filter: {}, dry_run: false })
    expect(answer).toMatchObject({ selected: 1, not_replayable: 1, rejected: 0 })
    expect((await list()).items).toMatchObject([{ ...refusal, status: 'open' }])
  })

  it.each([
    {},
    { ids: ['a'], filter: {} },
    { ids: 'all' },
    { ids: [1] },
    { filter: 'all' },
    { filter: { colour: 'red' } },
    { filter: { from: 'yesterday' } },
    { filter: {}, dry_run: 'no' },
    { filter: {}, limit: 0 },
    { filter: {}, limit: 1e9 },
    { filter: {}, patch: [] },
    { filter: {}, dryrun: false },
  ])('refuses %j', async (order) => {
    const response = await shop.request('/v1/dead-letters/replay', postJson(order))
    expect(await response.json()).toMatchObject({ status: 400, code: 'bad_request' })
  })

  it('answers 404 for an id that is not there', async () => {
    const response = await shop.request('/v1/dead-letters/replay', postJson({ ids: ['none'] }))
    expect(response.status).toBe(404)
  })
})

describe('GET /v1/ledger', () => {
  it('counts what a clock received that was ahead and has been set back', async () => {
    let now = Date.parse('2026-03-02T10:00:00Z')
    const shop = await compose({ now: () => now })
    try {
      await shop.send([ORDER, VIEW])
      now -= 40 * 86_400_000
      await shop.send([{ ...VIEW, timestamp: '2025-01-15T10:26:00Z' }])
      const answer = await (await shop.request('/v1/ledger')).json()
      expect(answer).toMatchObject({ balanced: true, totals: { received: 3, applied: 3 } })
    } finally {
      await shop.close()
    }
  })

  it('balances, over all time and over a stretch', async () => {
    const shop = await compose()
    try {
      await shop.send([ORDER, VIEW, { event_type: 'nonsense' }])
      await shop.send([ORDER])
      const all = await (await shop.request('/v1/ledger')).json()
      expect(all).toMatchObject({
        balanced: true,
        totals: {
          received: 4,
          accepted: 2,
          duplicate: 1,
          rejected: 1,
          applied: 2,
          pending_lake: 2,
        },
      })
      const none = await (await shop.request('/v1/ledger?to=2020-01-01')).json()
      expect(none).toMatchObject({ balanced: true, totals: { received: 0 } })
      const wrong = await shop.request('/v1/ledger?from=2025-02-01&to=2025-01-01')
      expect(wrong.status).toBe(400)
    } finally {
      await shop.close()
    }
  })
})
