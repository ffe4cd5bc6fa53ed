import { beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS } from './calendar.ts'
import { createShop, simulate } from './simulate.ts'
import { netSalesOf, type Truth } from './truth.ts'
import type { WireEvent } from './world.ts'

const FROM = Date.parse('2025-03-03T00:00:00Z')
const DAYS = 150
const ZONE = 'America/New_York'

/** Wire amounts in ten-thousandths, exactly: they have at most four decimals. */
function units(amount: unknown): bigint {
  const [whole, fraction = ''] = (amount as number).toString().split('.')
  return BigInt(whole! + fraction.padEnd(4, '0'))
}

interface Item {
  product_id: string
  quantity: number
  price: number
  discount?: number
}

let truth: Truth
let events: WireEvent[]

beforeAll(() => {
  const simulation = simulate({
    seed: 4,
    from: FROM,
    to: FROM + DAYS * DAY_MS,
    sessions_per_day: 400,
    time_zone: ZONE,
  })
  events = [...simulation].map((next) => next.event)
  truth = simulation.truth()
})

function ofType(type: string): WireEvent[] {
  return events.filter((event) => event.event_type === type)
}

function sum<T>(list: readonly T[], value: (entry: T) => bigint): bigint {
  return list.reduce((total, entry) => total + value(entry), 0n)
}

describe('a simulated shop', () => {
  it('is as busy and as fond of buying as shops are', () => {
    const { totals } = truth
    const conversion = totals.converted_sessions / totals.sessions
    const orderValue = (totals.gross_sales - totals.discounts) / totals.orders / 10_000
    expect(totals.sessions / DAYS).toBeGreaterThan(360)
    expect(totals.sessions / DAYS).toBeLessThan(440)
    expect(conversion).toBeGreaterThan(0.02)
    expect(conversion).toBeLessThan(0.04)
    expect(orderValue).toBeGreaterThan(45)
    expect(orderValue).toBeLessThan(90)
    expect(truth.customers).toBeLessThan(totals.orders)
    expect(totals.sales_reversals / totals.gross_sales).toBeLessThan(0.15)
    expect(totals.no_result_searches / totals.searches).toBeGreaterThan(0.05)
    expect(totals.no_result_searches / totals.searches).toBeLessThan(0.2)
  })

  it('sees a fifth to a third of its customers again within 90 days', () => {
    const orders = new Map<string, number[]>()
    for (const event of ofType('order_created')) {
      if (event.customer_id === undefined) continue
      const id = event.customer_id as string
      orders.set(id, [...(orders.get(id) ?? []), Date.parse(event.timestamp as string)])
    }
    const seasoned = [...orders.values()].filter((times) => times[0]! < FROM + 60 * DAY_MS)
    const again = seasoned.filter((times) => (times[1] ?? Infinity) - times[0]! < 90 * DAY_MS)
    expect(seasoned.length).toBeGreaterThan(300)
    expect(again.length / seasoned.length).toBeGreaterThan(0.2)
    expect(again.length / seasoned.length).toBeLessThan(0.35)
    expect(truth.customers).toBe(orders.size)
    expect(truth.repeat_customers).toBe([...orders.values()].filter((one) => one[1]).length)
  })

  it('sells by Zipf: views fall with rank about as 1 / rank', () => {
    const { products } = createShop({ seed: 4 }).catalogue
    const ranked = [...products].sort((left, right) => left.rank - right.rank)
    const viewsOf = (from: number, to: number) =>
      ranked
        .slice(from, to)
        .reduce((views, { product_id }) => views + truth.products[product_id]!.views, 0)
    const [top, middle, tail] = [viewsOf(0, 5) / 5, viewsOf(20, 40) / 20, viewsOf(150, 200) / 50]
    expect(top / middle).toBeGreaterThan(6)
    expect(middle / tail).toBeGreaterThan(2)
  })

  it('has products that are bought together', () => {
    const { products } = createShop({ seed: 4 }).catalogue
    const indexOf = new Map(products.map((product, index) => [product.product_id, index]))
    let together = 0
    let pairs = 0
    for (const event of ofType('order_created')) {
      const lines = (event.items as Item[]).map((item) => indexOf.get(item.product_id)!)
      for (const [place, index] of lines.entries()) {
        for (const other of lines.slice(place + 1)) {
          pairs++
          if (products[index]!.companions.includes(other)) together++
        }
      }
    }
    expect(pairs).toBeGreaterThan(200)
    expect(together / pairs).toBeGreaterThan(0.3)
  })

  it('sleeps at night, in its own zone', () => {
    const hour = new Intl.DateTimeFormat('en', {
      timeZone: ZONE,
      hour: '2-digit',
      hourCycle: 'h23',
    })
    const counts = new Array<number>(24).fill(0)
    for (const event of ofType('page_view').slice(0, 30_000)) {
      counts[Number(hour.format(new Date(event.timestamp as string)))]!++
    }
    expect(counts[20]! / counts[3]!).toBeGreaterThan(5)
    expect(counts[12]! / counts[3]!).toBeGreaterThan(4)
  })
})

describe('the truth', () => {
  it('is what the orders say, to the last cent', () => {
    const orders = ofType('order_created')
    const items = orders.flatMap((event) => event.items as Item[])
    const { totals } = truth
    expect(totals.orders).toBe(orders.length)
    expect(totals.units).toBe(items.reduce((total, item) => total + item.quantity, 0))
    expect(BigInt(totals.gross_sales)).toBe(
      sum(items, (item) => units(item.price) * BigInt(item.quantity)),
    )
    expect(BigInt(totals.discounts)).toBe(
      sum(items, (item) => units(item.discount ?? 0)) +
        sum(orders, (event) => units(event.discount_amount ?? 0)),
    )
    expect(BigInt(totals.shipping)).toBe(sum(orders, (event) => units(event.shipping_amount)))
    expect(BigInt(totals.taxes)).toBe(sum(orders, (event) => units(event.tax_amount)))
    const total = totals.gross_sales - totals.discounts + totals.shipping + totals.taxes
    expect(sum(orders, (event) => units(event.total_amount))).toBe(BigInt(total))
  })

  it('knows what was given back', () => {
    const worth = new Map(
      ofType('order_created').map((event) => [
        event.order_id,
        units(event.total_amount) - units(event.shipping_amount) - units(event.tax_amount),
      ]),
    )
    const cancelled = sum(ofType('order_cancelled'), (event) => worth.get(event.order_id)!)
    const refunds = sum(ofType('order_refunded'), (event) => units(event.amount))
    expect(BigInt(truth.totals.sales_reversals)).toBe(cancelled + refunds)
    for (const event of ofType('order_refunded')) {
      expect(units(event.amount)).toBeLessThanOrEqual(worth.get(event.order_id)!)
    }
    expect(netSalesOf(truth.totals)).toBe(
      truth.totals.gross_sales - truth.totals.discounts - truth.totals.sales_reversals,
    )
  })

  it('knows each day, in the zone of the shop', () => {
    const date = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE })
    const perDay = (type: string) => {
      const counts: { [day: string]: number } = {}
      for (const event of ofType(type)) {
        const day = date.format(new Date(event.timestamp as string))
        counts[day] = (counts[day] ?? 0) + 1
      }
      return counts
    }
    const told = (name: 'orders' | 'searches' | 'reviews') =>
      Object.fromEntries(
        Object.entries(truth.days).flatMap(([day, counts]) =>
          counts[name] > 0 ? [[day, counts[name]]] : [],
        ),
      )
    expect(told('orders')).toEqual(perDay('order_created'))
    expect(told('searches')).toEqual(perDay('search'))
    expect(told('reviews')).toEqual(perDay('review_submitted'))
  })

  it('knows sessions, steps, searches, reviews and events', () => {
    const bots = truth.bot_sessions
    const sessions = new Set(events.map((event) => event.session_id).filter(Boolean))
    const converted = new Set(ofType('order_created').map((event) => event.session_id))
    expect(sessions.size).toBe(truth.totals.sessions + bots)
    expect(converted.size).toBe(truth.totals.converted_sessions)
    expect(truth.purchase_funnel).toEqual(funnelOf(events, bots))
    expect(ofType('search').length).toBe(truth.totals.searches)
    expect(ofType('search').filter((event) => event.results === 0).length).toBe(
      truth.totals.no_result_searches,
    )
    const stars = ofType('review_submitted').map((event) => event.rating as number)
    expect(stars.length).toBe(truth.totals.reviews)
    expect(stars.reduce((total, rating) => total + rating, 0)).toBe(truth.totals.rating_sum)
    for (const [type, count] of Object.entries(truth.events))
      expect(ofType(type).length).toBe(count)
    expect(Object.values(truth.events).reduce((total, count) => total + count, 0)).toBe(
      events.length,
    )
  })

  it('knows what is on the shelves: levels and deltas add up, and never below nothing', () => {
    const stock = new Map<unknown, number>()
    for (const event of ofType('inventory_updated')) {
      const before = stock.get(event.product_id) ?? 0
      const level = (event.level as number | undefined) ?? before + (event.delta as number)
      expect(level).toBeGreaterThanOrEqual(0)
      stock.set(event.product_id, level)
    }
    for (const [id, { on_hand }] of Object.entries(truth.products)) {
      expect(on_hand).toBe(stock.get(id))
    }
    const products = Object.values(truth.products)
    expect(products.reduce((lost, product) => lost + product.lost_sales, 0)).toBeGreaterThan(0)
  })

  it('knows how far each order came', () => {
    const statuses = new Map<unknown, string>()
    for (const event of events) {
      const match = /^order_(.+)$/.exec(event.event_type as string)
      if (match) statuses.set(event.order_id, match[1]!)
    }
    const counts: { [status: string]: number } = {}
    for (const status of statuses.values()) counts[status] = (counts[status] ?? 0) + 1
    expect(truth.orders_by_status).toEqual(counts)
    expect(Object.keys(counts).sort()).toEqual([
      ...['cancelled', 'created', 'delivered', 'paid', 'refunded', 'shipped'],
    ])
  })
})

const STEPS = ['product_view', 'add_to_cart', 'checkout_started', 'order_created'] as const

/** Sessions per step, each after the one before, as SQL would count them: from the events alone. Bots go no step. */
function funnelOf(list: readonly WireEvent[], bots: number) {
  const reached = new Map<unknown, number>()
  for (const event of list) {
    if (event.session_id === undefined || /bot/i.test(event.user_agent as string)) continue
    const step = reached.get(event.session_id) ?? 0
    reached.set(event.session_id, step + (event.event_type === STEPS[step] ? 1 : 0))
  }
  const counts: { [step: string]: number } = { sessions: reached.size }
  STEPS.forEach((name, index) => {
    counts[name] = [...reached.values()].filter((step) => step > index).length
  })
  expect(bots).toBeGreaterThan(0)
  return counts
}
