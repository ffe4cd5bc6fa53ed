import { expect, test } from 'vitest'
import { axeFindings } from './page.ts'
import { openConsole, type Stage } from './stage.ts'

/** Settings: keys made and revoked, rules and settings as the API has them. */
export function settingsCases(stage: Stage): void {
  test('a key is made, shown once, opens the door, and is revoked', async () => {
    const { page, troubles, close } = await openConsole(stage, '/settings')
    await page.getByLabel('Name').fill('web-test')
    await page.getByLabel('Who holds it').selectOption('server')
    await page.getByRole('button', { name: 'Make it' }).click()
    const text = (await page.locator('[data-new-key]').textContent())!
    expect(await axeFindings(page)).toEqual([])
    const send = () => stage.server.post('[]', { 'x-api-key': text })
    expect((await send()).status).not.toBe(401)
    await page.getByRole('button', { name: 'I have it' }).click()
    await page.getByText(text).waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('button', { name: 'Revoke web-test …' }).click()
    await page.getByRole('button', { name: 'Revoke web-test', exact: true }).click()
    await page.getByText('There is none yet').waitFor()
    expect((await send()).status).toBe(401)
    expect(troubles).toEqual([])
    await close()
  })

  test('rules and settings are those of the server', async () => {
    const { page, close } = await openConsole(stage, '/settings?part=alerts')
    const { alerts } = (await stage.server.call('/v1/alerts')).body
    const shown = await page
      .locator('[data-alert]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-alert')))
    expect(shown.sort()).toEqual(alerts.map(({ name }: { name: string }) => name).sort())
    await page.getByRole('link', { name: 'Settings in force' }).click()
    await page.getByLabel('Find a setting').fill('low_stock')
    await page.getByText('Stock level that counts as low').waitFor()
    expect(await page.locator('dl > div').count()).toBe(1)
    await page.getByRole('link', { name: 'Definitions' }).click()
    await page.getByText('Gross sales less discounts and sales reversals.').waitFor()
    await close()
  })
}
