import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecentEvent } from '../../src/http/recent-types.ts'
import { EVENTS } from '../../src/schema/registry.ts'
import { type Composed, compose } from './compose.ts'

const VIEW = EVENTS.product_view.example

interface Answer {
  readonly events: readonly RecentEvent[]
  readonly cursor: string
}

describe('the latest events', () => {
  let shop: Composed
  beforeEach(async () => {
    shop = await compose()
  })
  afterEach(() => shop.close())

  const recent = async (query = ''): Promise<Answer> => {
    const response = await shop.request(`/v1/tail${query}`)
    expect(response.status).toBe(200)
    return (await response.json()) as Answer
  }

  it('have their verdicts: rows, dead letters without raw bytes, counts of duplicates', async () => {
    const view = { ...VIEW, event_id: 'e1', colour: 'red' }
    await shop.send([view, view, { ...VIEW, timestamp: 'now' }])
    const { events } = await recent()
    expect(events.map(({ verdict }) => verdict).sort()).toEqual([
      'accepted',
      'duplicate',
      'rejected',
    ])
    const of = (verdict: string) => events.find((event) => event.verdict === verdict)
    expect(of('accepted')?.event).toMatchObject({ event_id: 'e1', extra: { colour: 'red' } })
    expect(of('duplicate')).toMatchObject({ event_type: 'product_view', count: 1 })
    expect(of('rejected')?.dead_letter).toMatchObject({ reason: 'invalid_field' })
    expect(of('rejected')?.dead_letter).not.toHaveProperty('raw')
  })

  it('are told once: behind the cursor only what has come since, filtered, the latest first', async () => {
    await shop.send([{ ...VIEW, event_id: 'e1' }])
    const first = await recent()
    expect(first.events).toHaveLength(1)
    expect((await recent(`?after=${first.cursor}`)).events).toEqual([])
    await shop.send([{ ...VIEW, event_id: 'e2' }, EVENTS.order_created.example])
    const since = await recent(`?after=${first.cursor}`)
    expect(since.events).toHaveLength(2)
    const views = await recent('?event_type=product_view&verdict=accepted&limit=1')
    expect(views.events.map(({ event }) => event?.event_id)).toEqual(['e2'])
    expect((await recent('?source=nobody')).events).toEqual([])
    expect((await shop.request('/v1/tail?after=x')).status).toBe(400)
  })

  it('name nobody who was erased', async () => {
    await shop.send([{ ...VIEW, event_id: 'e1', customer_id: 'cust_1', session_id: 'sess_1' }])
    expect(JSON.stringify(await recent())).toContain('sess_1')
    const erase = await shop.request('/v1/customers/cust_1', { method: 'DELETE' })
    expect(erase.status).toBe(202)
    await shop.updater.settled()
    const told = JSON.stringify(await recent())
    expect(told).toContain('erased:')
    expect(told).not.toMatch(/cust_1|sess_1/)
  })
})
