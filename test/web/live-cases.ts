import { expect, test } from 'vitest'
import { until } from '../e2e/server.ts'
import { shownValue } from './page.ts'
import { orderOf } from './shop.ts'
import { openConsole, type Stage } from './stage.ts'

interface Hour {
  readonly yesterday: { readonly sales: number; readonly orders: number }
}

/** The Live page: what it says is what the API says, also a moment later. */
export function liveCases(stage: Stage): void {
  test('tiles, charts and ledger say what the API says', async () => {
    const { page, close } = await openConsole(stage, '/live')
    const live = (await stage.server.call('/v1/live')).body
    expect(live.today.orders + live.yesterday.orders).toBeGreaterThan(0)
    expect(await shownValue(page, '[data-tile=sales] data')).toBe(live.today.sales)
    expect(await shownValue(page, '[data-tile=orders] data')).toBe(live.today.orders)
    const words = await page.locator('[data-chart=sales] figcaption').textContent()
    // Soon after midnight nothing was sold by this time yesterday.
    const { orders } = live.yesterday
    const told = orders > 0 ? `${orders.toLocaleString('en-US')} order` : 'nothing was sold'
    expect(words).toContain(told)
    await until(async () => {
      const now = (await stage.server.call('/v1/live')).body
      return (
        (await shownValue(page, '[data-tile=visitors] data')) === now.visitors &&
        (await shownValue(page, '[data-tile=carts] data')) === now.open_carts
      )
    })

    const { totals } = (await stage.server.call('/v1/ledger')).body
    for (const count of ['received', 'rejected', 'applied'].filter((name) => totals[name] > 0)) {
      expect(await shownValue(page, `[data-count=${count}]`), count).toBe(totals[count])
    }
    expect(await page.getByText('✓ balances').count()).toBe(1)

    const shown = await page.locator('main ul > li').allInnerTexts()
    expect(shown.length).toBe(live.latest_orders.length)
    for (const [index, order] of live.latest_orders.entries()) {
      expect(shown[index]).toContain(order.order_id)
      expect(shown[index]).toContain(order.total_amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/, ','))
    }
    await close()
  })

  test('a chart gives the same numbers in its table and under the arrow keys', async () => {
    const { page, close } = await openConsole(stage, '/live')
    const { hours, today } = (await stage.server.call('/v1/live')).body
    const chart = page.locator('[data-chart=sales]')
    await chart.getByText('View as table').click()
    const column = (place: number) =>
      chart
        .locator(`tbody td:nth-of-type(${place}) data`)
        .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('value'))))
    const sales = await column(1)
    expect(sales.reduce((sum, one) => sum + one, 0)).toBeCloseTo(today.sales, 4)
    expect(await column(3)).toEqual(hours.map((hour: Hour) => hour.yesterday.sales))
    expect(await column(4)).toEqual(hours.map((hour: Hour) => hour.yesterday.orders))

    const slider = chart.getByRole('slider')
    await slider.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^01–02 h · /)
    expect(await chart.locator('[data-readout]').textContent()).toBe(
      await slider.getAttribute('aria-valuetext'),
    )
    await close()
  })

  test('an order sent while the page is open changes it, and what its product is called is text', async () => {
    const { page, troubles, close } = await openConsole(stage, '/live')
    const before = (await stage.server.call('/v1/live')).body.today
    const hostile = '<img src=x onerror=alert(1)>'
    // Gone after a reload.
    await page.evaluate('window.isSamePage = true')
    await stage.server.post(orderOf('web-hostile', 12.34, hostile))
    await until(
      async () => (await shownValue(page, '[data-tile=orders] data')) === before.orders + 1,
    )
    expect(await shownValue(page, '[data-tile=sales] data')).toBeCloseTo(before.sales + 12.34, 4)
    expect(await page.locator('main ul > li').first().textContent()).toContain(hostile)
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(await page.evaluate('window.isSamePage')).toBe(true)
    expect(troubles).toEqual([])
    await close()
  })
}
