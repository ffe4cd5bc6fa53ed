import { expect, test } from 'vitest'
import { until } from '../e2e/server.ts'
import { orderOf } from './shop.ts'
import { openConsole, type Stage } from './stage.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'
const FORMULA = '=HYPERLINK("http://evil","x")'

/** What a shop's visitors send is text wherever it is shown, and no formula where it is opened. */
export function hostileCases(stage: Stage): void {
  test('a product with markup for a name and a formula for a category does no harm', async () => {
    const order = JSON.parse(orderOf('hostile-order', 9_999_999, HOSTILE))
    order.items[0] = {
      ...order.items[0],
      product_id: '"><script>alert(2)</script>',
      category: FORMULA,
    }
    const answer = await stage.server.post(JSON.stringify(order), { 'x-api-key': 'sk_dev' })
    expect(answer.body.accepted).toBe(1)
    const path = '/v1/reports/top_products'
    await until(async () => (await stage.server.call(path)).body.rows[0]?.[1] === HOSTILE)

    const { page, troubles, close } = await openConsole(stage, '/products')
    const row = page.locator('[data-chart=top_products] .bar-row').first()
    expect(await row.textContent()).toContain(HOSTILE)
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    await row.click()
    await page.getByRole('heading', { level: 1, name: HOSTILE }).waitFor()
    expect(await page.title()).toContain('Products')
    expect(troubles).toEqual([])
    await close()

    const csv = await stage.server.call(path, { headers: { accept: 'text/csv' } })
    expect(csv.body).toContain(`"'=HYPERLINK(""http://evil"",""x"")"`)
  })
}
