import { describe, expect, it } from 'vitest'
import { EVENTS } from '../../src/schema/registry.ts'
import { compose } from './compose.ts'

const ORDER = EVENTS.order_created.example
const VIEW = EVENTS.product_view.example

describe('erase', () => {
  it('answers a receipt that names nobody, and follows it to the end', async () => {
    const shop = await compose()
    try {
      const link = { event_type: 'customer_identified', timestamp: '2025-01-15T10:00:00Z' }
      await shop.send([
        ORDER,
        { ...link, customer_id: 'cust_789', anonymous_id: 'browser-1' },
        { ...VIEW, anonymous_id: 'browser-1' },
      ])
      const response = await shop.request('/v1/customers/cust_789', { method: 'DELETE' })
      expect(response.status).toBe(202)
      const receipt = (await response.json()) as { erasure_id: string; customer_id: string }
      expect(JSON.stringify(receipt)).not.toContain('cust_789')
      expect(receipt).toMatchObject({
        state: 'pending',
        places: expect.arrayContaining([
          expect.objectContaining({ place: 'stream', state: 'expires' }),
          { place: 'lake', state: 'pending' },
        ]),
      })
      await shop.updater.settled()
      const later = await shop.request(`/v1/erasures/${receipt.erasure_id}`)
      expect(await later.json()).toMatchObject({
        erasure_id: receipt.erasure_id,
        places: expect.arrayContaining([
          { place: 'store', state: 'done' },
          { place: 'dead_letters', state: 'done' },
        ]),
      })
      expect((await shop.request('/v1/customers/cust_789')).status).toBe(404)
      const order = (await (await shop.request('/v1/orders/ord_123456')).json()) as object
      expect(order).toMatchObject({ customer_id: receipt.customer_id, total_amount: 59.98 })
      expect(JSON.stringify(shop.logged)).not.toContain('cust_789')
    } finally {
      await shop.close()
    }
  })

  it('of the same person again ends too, and takes what has named them since', async () => {
    let clock = Date.parse('2025-01-15T12:00:00Z')
    const shop = await compose({ now: () => clock })
    try {
      const erase = async () => {
        clock += 60_000
        const answers = [1, 2].map(() =>
          shop.request('/v1/customers/cust_789', { method: 'DELETE' }),
        )
        const [first, second] = await Promise.all(answers)
        const receipt = (await first!.json()) as { erasure_id: string; requested_at: string }
        expect(await second!.json()).toEqual(receipt)
        return receipt
      }
      const placesOf = async ({ erasure_id, requested_at }: Awaited<ReturnType<typeof erase>>) => {
        const response = await shop.request(`/v1/erasures/${erasure_id}`)
        const found = (await response.json()) as { places: { state: string }[] }
        expect(found).toMatchObject({ erasure_id, requested_at })
        return found.places.map(({ state }) => state)
      }
      await shop.send([ORDER])
      const first = await erase()
      await shop.updater.settled()
      expect(await placesOf(first)).toEqual(['done', 'done', 'pending', 'expires'])
      const refused = { event_type: 'order_paid', timestamp: 'never', order_id: 'of cust_789' }
      await shop.send([refused, { ...ORDER, event_id: 'again', order_id: 'ord_2' }])
      const letters = async () =>
        shop.store.list('dead_letters', { limit: 9 }).map(({ document }) => document.raw)
      expect(await letters()).toMatchObject([expect.stringContaining('cust_789')])

      const second = await erase()
      expect(second.erasure_id).toBe(first.erasure_id)
      expect(second.requested_at > first.requested_at).toBe(true)
      await shop.updater.settled()
      expect(await placesOf(second)).toEqual(['done', 'done', 'pending', 'expires'])
      expect(await letters()).toEqual([''])
      expect(shop.store.list('orders', { limit: 9 }).map(({ document }) => document)).toMatchObject(
        [
          { customer_id: `erased:${first.erasure_id}` },
          { customer_id: `erased:${first.erasure_id}` },
        ],
      )
    } finally {
      await shop.close()
    }
  })

  it('knows a receipt at once, before any consumer has seen it, and no other', async () => {
    const shop = await compose()
    try {
      const response = await shop.request('/v1/customers/nobody', { method: 'DELETE' })
      const { erasure_id } = (await response.json()) as { erasure_id: string }
      expect((await shop.request(`/v1/erasures/${erasure_id}`)).status).toBe(200)
      expect((await shop.request('/v1/erasures/none')).status).toBe(404)
      const again = await shop.request(`/v1/customers/erased:${erasure_id}`, { method: 'DELETE' })
      expect(again.status).toBe(400)
    } finally {
      await shop.close()
    }
  })
})
