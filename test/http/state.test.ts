import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Composed, compose } from './compose.ts'

const DAY = '2025-01-15'

function order(index: number, customer: string, price = 10) {
  const minute = String(index % 60).padStart(2, '0')
  return {
    event_type: 'order_created',
    timestamp: `${DAY}T10:${minute}:00Z`,
    order_id: `ord_${String(index).padStart(3, '0')}`,
    customer_id: customer,
    items: [{ product_id: `prod_${index % 7}`, quantity: 1, price }],
    total_amount: price,
    currency: 'USD',
  }
}

function stock(product: string, location: string, level: number) {
  return {
    event_type: 'inventory_updated',
    timestamp: `${DAY}T09:00:00Z`,
    product_id: product,
    location,
    level,
  }
}

interface PageOf<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
}

describe('current state', () => {
  let shop: Composed
  beforeAll(async () => {
    // Sessions are kept for some weeks: the shop's clock stands just behind its events.
    const late = Date.now() - Date.parse(`${DAY}T12:00:00Z`)
    shop = await compose({ now: () => Date.now() - late })
    const customers = ['cust_a', 'cust_b', 'cust/with?odd signs']
    const orders = Array.from({ length: 45 }, (_, index) => order(index, customers[index % 3]!))
    const levels = [
      stock('prod_0', 'hanoi', 2),
      stock('prod_0', 'hue', 50),
      stock('prod_1', 'hue', 0),
    ]
    const visit = {
      event_type: 'product_view',
      timestamp: `${DAY}T09:30:00Z`,
      session_id: 'sess_1',
      product_id: 'prod_0',
      page_url: '/p/0',
    }
    const huge = { ...order(50, 'cust_rich'), total_amount: '90000000000000.1234' }
    expect((await shop.send([...orders, ...levels, visit, huge])).status).toBe(202)
  })
  afterAll(() => shop.close())

  const get = async <T>(target: string) => {
    const response = await shop.request(target)
    expect([target, response.status]).toEqual([target, 200])
    return (await response.json()) as T
  }

  async function allPages<T>(target: string): Promise<T[]> {
    const items: T[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page: PageOf<T> = await get(`${target}${query}`)
      items.push(...page.items)
      cursor = page.next_cursor
    } while (cursor !== null)
    return items
  }

  it('lists orders, the latest first, page by page without gap or repeat', async () => {
    const orders = await allPages<{ order_id: string; created_at: string }>('/v1/orders?limit=7')
    const ids = orders.map((one) => one.order_id)
    expect(ids).toHaveLength(46)
    expect(new Set(ids).size).toBe(46)
    const times = orders.map((one) => one.created_at)
    expect(times).toEqual([...times].sort().reverse())
  })

  it("lists one customer's orders", async () => {
    const customer = encodeURIComponent('cust/with?odd signs')
    const orders = await allPages<{ customer_id: string }>(
      `/v1/orders?customer_id=${customer}&limit=4`,
    )
    expect(orders).toHaveLength(15)
    expect(new Set(orders.map((one) => one.customer_id))).toEqual(new Set(['cust/with?odd signs']))
    expect(await allPages('/v1/orders?customer_id=cust&limit=4')).toEqual([])
  })

  it('answers money as a number, from 10^11 up as text, and no bookkeeping', async () => {
    const one = await get<object>('/v1/orders/ord_000')
    expect(one).toMatchObject({ total_amount: 10, items: [{ price: 10 }] })
    expect(one).not.toHaveProperty('merge')
    const rich = await get<object>('/v1/orders/ord_050')
    expect(rich).toMatchObject({ total_amount: '90000000000000.1234' })
  })

  it('has customers, products and sessions by id and in lists', async () => {
    const odd = encodeURIComponent('cust/with?odd signs')
    expect(await get(`/v1/customers/${odd}`)).toMatchObject({ orders: 15, spend: 150 })
    expect(await get('/v1/products/prod_0')).toMatchObject({ views: 1, orders: 7, revenue: 70 })
    expect(await get('/v1/sessions/sess_1')).toMatchObject({ product_views: 1 })
    expect(await allPages('/v1/customers?limit=3')).toHaveLength(4)
    expect(await allPages('/v1/products?limit=3')).toHaveLength(7)
    expect((await allPages('/v1/sessions?limit=3')).length).toBeGreaterThan(0)
  })

  it('has stock by product and location, and low stock alone', async () => {
    const levels = await get<PageOf<object>>('/v1/inventory?product_id=prod_0')
    expect(levels.items).toMatchObject([
      { product_id: 'prod_0', location: 'hanoi', level: 2, low: true },
      { product_id: 'prod_0', location: 'hue', level: 50, low: false },
    ])
    const low = await get<PageOf<object>>('/v1/inventory?low=1')
    expect(low.items).toMatchObject([{ location: 'hanoi' }, { product_id: 'prod_1', level: 0 }])
  })

  it.each(['0', '501', '-1', 'many', '1.5', '1e2'])('refuses limit=%s', async (limit) => {
    const response = await shop.request(`/v1/orders?limit=${limit}`)
    expect(await response.json()).toMatchObject({ status: 400, code: 'bad_request' })
  })

  it('a cursor that is not ours narrows the list and never breaks it', async () => {
    for (const cursor of ['zzz', '', 'time/', '\u0000', 'x'.repeat(3000)]) {
      const response = await shop.request(`/v1/orders?cursor=${encodeURIComponent(cursor)}`)
      expect([200, 400]).toContain(response.status)
    }
  })

  it('an id that no key can hold is not found', async () => {
    for (const route of ['orders', 'sessions', 'dead-letters', 'erasures']) {
      const response = await shop.request(`/v1/${route}/${'x'.repeat(5000)}`)
      expect(response.status).toBe(404)
    }
    const filter = await shop.request(`/v1/orders?customer_id=${'x'.repeat(5000)}`)
    expect(filter.status).toBe(400)
  })
})
