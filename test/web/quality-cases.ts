import { expect, test } from 'vitest'
import { until } from '../e2e/server.ts'
import { axeFindings, shownValue } from './page.ts'
import { orderOf } from './shop.ts'
import { openConsole, type Stage, settled } from './stage.ts'

interface Letter {
  readonly dead_letter_id: string
  readonly status: string
}

const HOSTILE = '<img src=x onerror=alert(1)>'

async function sendOrder(stage: Stage, id: string, currency: string): Promise<object> {
  const order = { ...JSON.parse(orderOf(id, 12.5, HOSTILE)), currency }
  return (await stage.server.post(JSON.stringify(order), { 'x-api-key': 'sk_dev' })).body
}

/** An order that no shop can mean, as a dead letter. */
async function sendBroken(stage: Stage, id: string, currency: string): Promise<void> {
  expect(await sendOrder(stage, id, currency)).toMatchObject({ rejected: 1 })
}

async function letters(stage: Stage, query: string): Promise<Letter[]> {
  return (await stage.server.call(`/v1/dead-letters?${query}`)).body.items
}

/** Data quality: the ledger as the API has it, and refused events mended and sent again. */
export function qualityCases(stage: Stage): void {
  test('the equations are those of the ledger', async () => {
    const { page, troubles, close } = await openConsole(stage, '/quality?period=7d')
    const { totals } = (await stage.server.call('/v1/ledger')).body
    for (const count of ['duplicate', 'rejected', 'applied', 'pending_store']) {
      expect(await shownValue(page, `[data-count=${count}]`), count).toBe(totals[count])
    }
    const first = page.locator('[data-equation=received] data')
    const [received, ...parts] = await first.evaluateAll((all) =>
      all.map((one) => Number(one.getAttribute('value'))),
    )
    expect(received).toBe(totals.received)
    expect(parts.reduce((sum, one) => sum + one, 0)).toBe(received)
    await page.getByText('✓ balances').waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('a refused event is shown as text, mended, previewed and sent again', async () => {
    await sendBroken(stage, 'mend-1', 'dollars')
    const query = 'status=open&reason=invalid_field&event_type=order_created&path=currency'
    await until(async () => (await letters(stage, query)).length === 1)
    const id = (await letters(stage, query))[0]!.dead_letter_id
    const { page, troubles, close } = await openConsole(
      stage,
      `/quality/dead-letters/${encodeURIComponent(id)}`,
    )
    const payload = page.locator('[data-payload]')
    expect(await payload.locator('mark').textContent()).toContain('"currency": "dollars"')
    expect(await payload.textContent()).toContain(HOSTILE)
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(await axeFindings(page)).toEqual([])

    const send = page.getByRole('button', { name: 'Send', exact: false })
    expect(await send.isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('1 would be rejected again').waitFor()
    expect(await send.isDisabled()).toBe(true)
    const field = page.getByLabel('The event, as JSON')
    await field.fill((await field.inputValue()).replace('"dollars"', '"USD"'))
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('1 would be accepted').waitFor()
    expect((await stage.server.call('/v1/orders/mend-1')).status).toBe(404)
    await page.getByRole('button', { name: 'Send 1 event again' }).click()
    await page.locator('.page-header .chip', { hasText: 'replayed' }).waitFor()
    expect((await stage.server.call('/v1/orders/mend-1')).body.currency).toBe('USD')
    expect(troubles).toEqual([])
    await close()
  })

  test('all of a kind are mended by one patch, from the page with the reasons', async () => {
    await sendBroken(stage, 'mend-2', 'euros')
    await sendBroken(stage, 'mend-3', 'EURO')
    const query = 'status=open&event_type=order_created&path=currency'
    await until(async () => (await letters(stage, query)).length === 2)
    const { page, troubles, close } = await openConsole(stage, '/quality')
    const more = page.getByRole('button', { name: 'Show all' })
    if (await more.isVisible()) await more.click()
    const kind = page.locator('summary', { hasText: 'Order created' })
    await kind.filter({ hasText: 'currency' }).click()
    await page.getByRole('link', { name: 'Mend and send again' }).click()
    await page.waitForURL(/path=currency/)
    await settled(page)
    await page.getByLabel('Patch').fill('{"currency":"EUR"}')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('2 would be accepted').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'Send 2 events again' }).click()
    await until(async () => (await letters(stage, query)).length === 0)
    expect((await stage.server.call('/v1/orders/mend-3')).body.currency).toBe('EUR')
    expect(troubles).toEqual([])
    await close()
  })

  test('one whose event has come meanwhile is settled by sending it again', async () => {
    const query = 'status=open&reason=invalid_field&event_type=order_created&path=currency'
    const open = async () => (await letters(stage, query)).map((letter) => letter.dead_letter_id)
    const before = await open()
    const order_id = `mend-4-${Date.now()}`
    await sendBroken(stage, order_id, 'dollars')
    await until(async () => (await open()).length > before.length)
    const id = (await open()).find((one) => !before.includes(one))!
    expect(await sendOrder(stage, order_id, 'USD')).toMatchObject({ accepted: 1 })
    const { page, troubles, close } = await openConsole(
      stage,
      `/quality/dead-letters/${encodeURIComponent(id)}`,
    )
    const field = page.getByLabel('The event, as JSON')
    await field.fill((await field.inputValue()).replace('"dollars"', '"USD"'))
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('1 would be duplicates').waitFor()
    await page.getByText('settles the dead letter').waitFor()
    await page.getByRole('button', { name: 'Send 1 event again' }).click()
    await page.locator('.page-header .chip', { hasText: 'replayed: a duplicate' }).waitFor()
    await page.getByText('its event had come by another way').waitFor()
    expect(troubles).toEqual([])
    await close()
  })
}
