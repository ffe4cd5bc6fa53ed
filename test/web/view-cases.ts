import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { shownValue } from './page.ts'
import { openConsole, type Stage, settled } from './stage.ts'

/** The address holds all that a page shows. */
export function viewCases(stage: Stage): void {
  test('a click filters, the address tells, a reload shows the same, back undoes it', async () => {
    const { page, troubles, close } = await openConsole(stage, '/?period=7d')
    const bar = page.locator('[data-chart=channels] button.bar-row').first()
    const before = await numbersOf(page)
    await bar.click()
    await page.locator('[data-filter=channel]').waitFor()
    await settled(page)
    expect(new URL(page.url()).searchParams.get('period')).toBe('7d')
    expect(new URL(page.url()).searchParams.get('channel')).toMatch(/^\w+$/)
    const filtered = await numbersOf(page)
    expect(filtered).not.toEqual(before)
    await page.reload()
    await settled(page)
    expect(await numbersOf(page)).toEqual(filtered)
    await page.goBack()
    await page.locator('[data-filter=channel]').waitFor({ state: 'detached' })
    await settled(page)
    expect(await numbersOf(page)).toEqual(before)
    expect(troubles).toEqual([])
    await close()
  })

  test('a filter reaches the numbers that can be told apart by it, and the others say that they are of all', async () => {
    const { page, troubles, close } = await openConsole(stage, '/?period=7d&channel=email')
    const { from, to } = await daysOf(page)
    const query = `from=${from}&to=${to}`
    const visits = (await stage.server.call(`/v1/reports/visit_overview?${query}&channel=email`))
      .body
    const sold = (await stage.server.call(`/v1/reports/sales_overview?${query}`)).body
    expect(await shownValue(page, '[data-tile=sessions] data')).toBe(cellOf(visits, 'sessions'))
    expect(await shownValue(page, '[data-tile=orders] data')).toBe(cellOf(sold, 'orders'))
    const told = await page
      .locator('[data-unfiltered]')
      .evaluateAll((all) =>
        all.map((one) => one.parentElement?.getAttribute('data-tile') ?? 'card'),
      )
    expect(told).toEqual(['net_sales', 'orders', 'aov', 'refund_rate', 'card', 'card', 'card'])
    expect(troubles).toEqual([])
    await close()
  })

  test('days before all that there is lead to those with something', async () => {
    const { page, troubles, close } = await openConsole(
      stage,
      '/sales?from=2020-01-06&to=2020-01-07',
    )
    expect(await shownValue(page, '[data-tile=orders] data')).toBe(0)
    await page.getByRole('button', { name: /^Go to [A-Z]/ }).click()
    await page.getByText('Nothing happened').waitFor({ state: 'detached' })
    await settled(page)
    expect(await shownValue(page, '[data-tile=orders] data')).toBeGreaterThan(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('days that no calendar and no menu has are the usual ones', async () => {
    const { page, troubles, close } = await openConsole(stage, '/sales?period=14d')
    const menu = page.locator('[data-period]')
    expect(await menu.getAttribute('data-period')).toBe('28d')
    for (const days of ['from=2025-02-30&to=2025-03-05', 'from=2025-03-05&to=2025-03-01']) {
      await page.goto(new URL(`/sales?${days}`, stage.server.url).href)
      await settled(page)
      expect(await menu.getAttribute('data-period')).toBe('28d')
    }
    expect(await shownValue(page, '[data-tile=orders] data')).toBeGreaterThan(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('where the frame itself breaks, it says what happened and leads home', async () => {
    const { page, close } = await openConsole(stage, '/settings?part=definitions')
    await page.route('**/shortcut-list*', (route) => route.abort())
    await page.keyboard.press('?')
    await page.getByRole('heading', { name: 'The console stopped' }).waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('shortcut-list')
    await page.getByRole('link', { name: 'Go to Home' }).click()
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    await close()
  })

  test('letters choose days, drop the comparison, and go to pages', async () => {
    const { page, troubles, close } = await openConsole(stage, '/')
    await page.keyboard.press('w')
    await page.waitForURL(/period=7d/)
    await page.keyboard.press('x')
    await page.waitForURL(/compare=off/)
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.waitForURL(/\/live\?.*period=7d/)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    expect(troubles).toEqual([])
    await close()
  })

  test('a filter is chosen, and a chart read, by keys alone', async () => {
    const { page, troubles, close } = await openConsole(stage, '/funnel')
    await page.getByRole('button', { name: 'Filter' }).focus()
    await page.keyboard.press('Enter')
    const field = page.getByRole('combobox', { name: 'Channel' })
    await field.getByRole('option', { name: 'Email' }).waitFor({ state: 'attached' })
    await field.focus()
    await page.keyboard.type('em')
    await page.waitForURL(/channel=email/)
    await page.keyboard.press('Escape')
    await settled(page)
    const slider = page.locator('[data-chart=sessions_over_time]').getByRole('slider')
    await slider.focus()
    await page.keyboard.press('Home')
    const first = await slider.getAttribute('aria-valuetext')
    await page.keyboard.press('ArrowRight')
    expect(await slider.getAttribute('aria-valuetext')).not.toBe(first)
    // The chart keeps its keys; Esc drops the filter from anywhere.
    await page.keyboard.press('Escape')
    await page.locator('[data-filter=channel]').waitFor({ state: 'detached' })
    expect(troubles).toEqual([])
    await close()
  })

  test('the palette goes to a report, and a number explains itself, by keys alone', async () => {
    const { page, troubles, close } = await openConsole(stage, '/')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Go to' }).waitFor()
    await page.keyboard.type('refund')
    await page.keyboard.press('Enter')
    await page.waitForURL(/reports\/refunds_by_reason/)
    await page.goBack()
    await settled(page)
    await page.getByRole('button', { name: 'Explain Net sales' }).focus()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog', { name: 'Net sales' })
    await panel.getByText('Gross sales less discounts and sales reversals.').waitFor()
    await panel.locator('pre').getByText('sales_reversals').waitFor()
    await panel.locator('tbody tr').first().waitFor()
    expect(page.url()).toContain('explain=sales_overview.net_sales')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(troubles).toEqual([])
    await close()
  })

  test('the rows behind a number of one product are those with it', async () => {
    const { page, troubles, close } = await openConsole(stage, '/products/prod_0005?category=tea')
    const [asked] = await Promise.all([
      page.waitForRequest(/\/reports\/order_list\?.*limit=100/),
      page.getByRole('button', { name: 'Explain Units', exact: true }).click(),
    ])
    expect(new URL(asked.url()).searchParams.get('product_id')).toBe('prod_0005')
    await page.getByRole('link', { name: 'All of them, with CSV' }).click()
    await page.waitForURL(/reports\/order_list/)
    const { searchParams } = new URL(page.url())
    expect(searchParams.get('product_id')).toBe('prod_0005')
    expect(searchParams.has('category')).toBe(false)
    expect(troubles).toEqual([])
    await close()
  })
}

/** The numbers of the funnel and of the lists, as they are shown. */
function numbersOf(page: Page): Promise<string[]> {
  return page.locator('[data-chart=purchase_funnel] data').allTextContents()
}

/** The days that the page asks its reports for. */
async function daysOf(page: Page): Promise<{ from: string; to: string }> {
  const asked = await page.evaluate<string[]>(
    `performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes('/v1/reports/sales_overview'))`,
  )
  const { searchParams } = new URL(asked[0]!)
  return { from: searchParams.get('from')!, to: searchParams.get('to')! }
}

function cellOf(
  {
    columns,
    rows,
  }: { columns: readonly { name: string }[]; rows: readonly (readonly unknown[])[] },
  name: string,
): number {
  return Number(rows[0]![columns.findIndex((column) => column.name === name)])
}
