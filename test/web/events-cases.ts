import { expect, test } from 'vitest'
import { until } from '../e2e/server.ts'
import { axeFindings } from './page.ts'
import { orderOf } from './shop.ts'
import { openConsole, type Stage, settled } from './stage.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'

/** Events: the tail as it grows, and one event from the moment it happened to what it touched. */
export function eventsCases(stage: Stage): void {
  test('an event shows with its verdict as it comes, waits while paused, and is traced', async () => {
    const { page, troubles, close } = await openConsole(stage, '/events')
    await page.locator('[data-tail=live]').waitFor()
    const send = (id: string, currency = 'USD') =>
      stage.server.post(
        JSON.stringify({ ...JSON.parse(orderOf(id, 10, HOSTILE)), event_id: id, currency }),
        { 'x-api-key': 'sk_dev' },
      )
    await send('tail-1')
    const row = (verdict: string) => page.locator(`[data-verdict=${verdict}]`).first()
    await row('accepted').getByText('tail-1').waitFor()
    await send('tail-1')
    await row('duplicate').getByText('1 event known already').waitFor()
    // Others may have been refused before.
    const refused = page.locator('[data-verdict=rejected]')
    const before = await refused.count()
    await send('tail-2', HOSTILE)
    await until(async () => (await refused.count()) === before + 1)
    await row('rejected').getByText('currency').waitFor()
    expect(await page.locator('img[src="x"]').count()).toBe(0)

    await page.getByRole('button', { name: 'Pause' }).click()
    await send('tail-3')
    await page.getByText('paused, 1 waiting').waitFor()
    expect(await page.getByText('tail-3').count()).toBe(0)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('tail-3').first().waitFor()

    await page.locator('summary', { hasText: 'tail-3' }).first().click()
    await page.getByRole('link', { name: 'Trace it' }).click()
    await page.waitForURL(/\/events\/tail-3\?.*day=/)
    await page.locator('[data-event-row]').getByText('tail-3').first().waitFor()
    await settled(page)
    await page.getByRole('link', { name: 'Sales overview' }).waitFor()
    await page.getByRole('link', { name: 'tail-3' }).waitFor()
    expect(await page.locator('main').textContent()).toContain(HOSTILE)
    expect(await axeFindings(page)).toEqual([])
    expect(troubles.filter((trouble) => !trouble.includes('404'))).toEqual([])
    await close()
  })
}
