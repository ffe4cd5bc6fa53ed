import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventType } from '../../src/schema/registry.ts'
import { type Event, openTestLake, type TestLake } from './lake.ts'

function act(event_type: EventType, at: string, fields: object): Event {
  return { event_type, occurred_at: `2025-01-${at}Z`, source_kind: 'browser', ...fields }
}

const LAMP = { product_id: 'A', price: '10', quantity: 2 }

function order(order_id: string, at: string, fields: object): Event {
  return act('order_created', at, {
    order_id,
    source_kind: 'server',
    fx_rate: 1,
    items: [LAMP],
    total_amount: '20',
    ...fields,
  })
}

const s1 = { session_id: 's1', anonymous_id: 'a1' }
const s2 = { session_id: 's2', anonymous_id: 'a2' }
const s5 = { session_id: 's5', anonymous_id: 'a5', device: 'mobile' }

/** Every 29 minutes for 25 hours: one stretch without a gap, cut after a day. */
const RESTLESS = Array.from({ length: 52 }, (_, index): Event => {
  const at = new Date(Date.parse('2025-01-20T00:00:00Z') + index * 29 * 60_000)
  return { event_type: 'page_view', occurred_at: at.toISOString(), anonymous_id: 'a4' }
})

const EVENTS: Event[] = [
  // s1 walks the whole funnel, in order.
  act('page_view', '10T10:00:00', {
    ...s1,
    channel: 'organic_search',
    page_url: '/?utm_campaign=spring#top',
    ...{ utm_campaign: 'spring', utm_source: 'news', utm_medium: 'email' },
  }),
  act('search', '10T10:00:30', { ...s1, search_term: ' Lamp', results: 3 }),
  act('product_view', '10T10:01:00', { ...s1, product_id: 'A', channel: 'direct' }),
  act('add_to_cart', '10T10:02:00', { ...s1, ...LAMP }),
  act('checkout_started', '10T10:03:00', s1),
  order('o1', '10T10:05:00', { session_id: 's1', customer_id: 'c1' }),
  // s2 puts into the cart before it has seen a product, and buys without checkout: it stops at the view.
  act('add_to_cart', '11T10:00:00', { ...s2, ...LAMP }),
  act('remove_from_cart', '11T10:00:30', { ...s2, product_id: 'A', price: '10', quantity: 1 }),
  act('product_view', '11T10:01:00', { ...s2, product_id: 'A' }),
  order('o2', '11T10:05:00', { session_id: 's2' }),
  // a3 has no session_id: half an hour of quiet begins another session, which the order joins by way of the customer.
  act('page_view', '12T12:00:00', { anonymous_id: 'a3' }),
  act('page_view', '12T12:29:00', { anonymous_id: 'a3' }),
  act('page_view', '12T12:59:00', { anonymous_id: 'a3' }),
  act('search', '12T13:00:00', { anonymous_id: 'a3', search_term: 'LAMP', results: 0 }),
  act('customer_identified', '12T13:01:00', { anonymous_id: 'a3', customer_id: 'c9' }),
  order('o3', '12T13:10:00', { customer_id: 'c9' }),
  // s5 leaves a cart behind, after checkout.
  act('add_to_cart', '13T10:00:00', { ...s5, ...LAMP, quantity: 3 }),
  act('checkout_started', '13T10:00:05', s5),
  // s6 looks at one page for a moment.
  act('page_view', '14T10:00:00', { session_id: 's6', anonymous_id: 'a6' }),
  // Too young to be abandoned.
  { ...act('add_to_cart', '31T13:00:00', { session_id: 's7', anonymous_id: 'a7', ...LAMP }) },
  // Programs do not count.
  act('page_view', '14T10:00:00', { session_id: 's8', anonymous_id: 'a8', bot: true }),
  act('search', '14T10:00:00', { session_id: 's8', search_term: 'lamp', bot: true }),
  act('add_to_cart', '14T10:00:00', { session_id: 's8', ...LAMP, bot: true }),
  ...RESTLESS,
]

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.add(EVENTS)
})
afterAll(() => lake.close())

describe('sessions', () => {
  it('go by session_id, else by gaps of half an hour, and end after a day', async () => {
    const rows = await lake.query(
      `SELECT visitor_id, COUNT(*) AS n, BOOL_OR(converted) AS converted
       FROM sessions GROUP BY visitor_id ORDER BY visitor_id`,
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['a1', '1', true],
      ['a2', '1', true],
      ['a3', '2', true],
      ['a4', '2', false],
      ['a5', '1', false],
      ['a6', '1', false],
      ['a7', '1', false],
    ])
  })

  it('take the order without session_id into the latest visit of its customer', async () => {
    const rows = await lake.query(
      `SELECT e.order_id, s.started_at FROM session_events AS e
       JOIN sessions AS s ON s.session_key = e.session_key WHERE e.order_id = 'o3'`,
    )
    expect(rows).toEqual([{ order_id: 'o3', started_at: '2025-01-12 12:59:00' }])
  })

  it('have channels: that of the first event with one', async () => {
    const rows = await lake.report('channels')
    expect(rows).toEqual([
      {
        channel: 'direct',
        sessions: '8',
        visitors: '6',
        bounce_rate: 1 / 8,
        add_to_cart_rate: 3 / 8,
        reached_checkout_rate: 1 / 8,
        conversion_rate: 2 / 8,
        orders: '2',
        gross_sales: '40.0000',
        revenue_per_session: '5.0000',
      },
      {
        channel: 'organic_search',
        sessions: '1',
        visitors: '1',
        bounce_rate: 0,
        add_to_cart_rate: 1,
        reached_checkout_rate: 1,
        conversion_rate: 1,
        orders: '1',
        gross_sales: '20.0000',
        revenue_per_session: '20.0000',
      },
    ])
  })

  it('are counted by day', async () => {
    const rows = await lake.report('sessions_by_day', { from: '2025-01-12', to: '2025-01-15' })
    expect(rows.map((row) => [row.day, row.sessions, row.visitors, row.conversion_rate])).toEqual([
      ['2025-01-12', '2', '1', 0.5],
      ['2025-01-13', '1', '1', 0],
      ['2025-01-14', '1', '1', 0],
      ['2025-01-15', '0', '0', null],
    ])
  })
})

describe('funnel', () => {
  it('counts a step only after the one before it', async () => {
    const rows = await lake.report('purchase_funnel')
    expect(rows.map((row) => [row.step_name, row.sessions, row.share_of_previous])).toEqual([
      ['session', '9', null],
      ['product_view', '2', 2 / 9],
      ['add_to_cart', '1', 0.5],
      ['checkout_started', '1', 1],
      ['order_created', '1', 1],
    ])
  })

  it('can be cut by device', async () => {
    const rows = await lake.report('purchase_funnel', { device: 'mobile' })
    expect(rows.map((row) => row.sessions)).toEqual(['1', '0', '0', '0', '0'])
    expect(rows[2]?.share_of_previous).toBeNull()
  })

  it('counts carts once they are a day old, on every day', async () => {
    const days = { from: '2025-01-10', to: '2025-01-13' }
    const rows = await lake.report('cart_abandonment', days)
    expect(
      rows.map((row) => [
        row.day,
        row.carts,
        row.bought,
        row.cart_abandonment_rate,
        row.checkout_abandonment_rate,
        row.abandoned_value,
      ]),
    ).toEqual([
      ['2025-01-10', '1', '1', 0, 0, '0.0000'],
      ['2025-01-11', '1', '1', 0, null, '0.0000'],
      ['2025-01-12', '0', '0', null, null, '0.0000'],
      ['2025-01-13', '1', '0', 1, 1, '30.0000'],
    ])
    const last = { from: '2025-01-31', to: '2025-01-31' }
    expect(await lake.report('cart_abandonment', last)).toMatchObject([{ carts: '0' }])
    const younger = await lake.report('cart_abandonment', { ...last, maturity_hours: 22 })
    expect(younger).toMatchObject([{ day: '2025-01-31', abandoned: '1' }])
  })
})

describe('search', () => {
  it('joins spellings and looks at what followed', async () => {
    expect(await lake.report('search_terms')).toEqual([
      {
        search_term: 'lamp',
        searches: '2',
        sessions: '2',
        no_result_searches: '1',
        no_result_rate: 0.5,
        no_click_rate: 0.5,
        search_purchase_rate: 1,
      },
    ])
  })

  it('ranks what was not found, however rarely it was looked for', async () => {
    const shop = await openTestLake()
    const looked = 'lamp 3,lamp 3,lamp 3,desk 2,desk 2,desk 0,sofa 0,sofa 0,rug'.split(',')
    const events = looked.map((text, index) => {
      const [search_term, results] = text.split(' ')
      const found = results === undefined ? {} : { results: Number(results) }
      return act('search', `20T10:00:0${index}`, { ...s1, search_term, ...found })
    })
    await shop.add(events)
    const terms = async (params: object) =>
      (await shop.report('search_terms', { ...params })).map((row) => row.search_term)
    expect(await terms({ limit: 2 })).toEqual(['desk', 'lamp'])
    expect(await terms({ by: 'no_result' })).toEqual(['sofa', 'desk'])
    shop.close()
  })
})

describe('products', () => {
  it('compares sight, cart and sale', async () => {
    const [row] = await lake.report('product_performance')
    expect(row).toMatchObject({
      product_id: 'A',
      viewing_sessions: '2',
      carting_sessions: '4',
      units: '6',
      view_to_cart_rate: 1,
    })
  })
})

describe('visits', () => {
  const RANGE = { from: '2025-01-10', to: '2025-01-14' }

  it('are counted by device, over weeks, and by what they began with', async () => {
    const devices = await lake.report('devices', RANGE)
    expect(devices.map((row) => [row.device, row.sessions, row.conversion_rate])).toEqual([
      ['unknown', '5', 3 / 5],
      ['mobile', '1', 0],
    ])
    const weeks = await lake.report('sessions_over_time', { ...RANGE, grain: 'week' })
    expect(weeks.map((row) => [row.period, row.sessions])).toEqual([
      ['2025-01-06', '4'],
      ['2025-01-13', '2'],
    ])
    const [mobile] = await lake.report('sessions_over_time', {
      ...RANGE,
      grain: 'month',
      device: 'mobile',
    })
    expect(mobile).toMatchObject({ sessions: '1', add_to_cart_rate: 1 })
    const pages = await lake.report('landing_pages', RANGE)
    expect(pages.find((row) => row.landing_page === '/')).toMatchObject({
      sessions: '1',
      conversion_rate: 1,
    })
  })

  it('of a campaign have its orders', async () => {
    expect(await lake.report('campaigns', RANGE)).toEqual([
      {
        campaign: 'spring',
        utm_source: 'news',
        utm_medium: 'email',
        sessions: '1',
        conversion_rate: 1,
        orders: '1',
        revenue_per_session: '20.0000',
      },
    ])
  })

  it('of a campaign have an order once, also where its reports came on two days', async () => {
    const night = await openTestLake()
    const visit = { session_id: 'n1', anonymous_id: 'n1' }
    await night.add([
      act('page_view', '10T23:55:00', { ...visit, utm_campaign: 'night' }),
      order('n', '10T23:59:58', { ...visit, source_kind: 'browser' }),
      order('n', '11T00:00:02', visit),
    ])
    const [campaign] = await night.report('campaigns')
    const [channel] = await night.report('channels')
    const [visited] = await night.report('session_list')
    night.close()
    expect(campaign).toMatchObject({ sessions: '1', orders: '1', revenue_per_session: '20.0000' })
    expect(channel).toMatchObject({ orders: '1', revenue_per_session: '20.0000' })
    expect(visited).toMatchObject({ orders: '1' })
  })

  it('are a list, by channel and device', async () => {
    const count = async (params: object) =>
      (await lake.report('session_list', { ...RANGE, ...params })).length
    expect(await count({})).toBe(6)
    expect(await count({ channel: 'organic_search' })).toBe(1)
    expect(await count({ device: 'mobile' })).toBe(1)
  })

  it('search, in one line', async () => {
    expect(await lake.report('search_overview', RANGE)).toEqual([
      {
        searches: '2',
        terms: '1',
        no_result_rate: 0.5,
        no_click_rate: 0.5,
        search_purchase_rate: 1,
      },
    ])
  })
})
