import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openConsole, type Stage, settled } from './stage.ts'

/** Home has a drawing, lists of bars, and a funnel. */
const PATH = '/'

interface Answer {
  readonly columns: readonly { readonly name: string; readonly unit?: string }[]
  readonly rows: readonly (readonly unknown[])[]
}

/** Charts that everybody can read: named, in words, by keys, and as the table of the same numbers. */
export function chartCases(stage: Stage): void {
  test('each chart has a name, a sentence, a table equal to the API, and a cursor for the arrow keys', async () => {
    const { page, troubles, close } = await openConsole(stage, PATH)
    const asked = await answersOf(page)
    const charts = await page.locator('figure[data-chart]').all()
    expect(charts.length).toBeGreaterThan(3)
    for (const chart of charts) {
      const name = (await chart.getAttribute('data-chart'))!
      expect((await labelOf(page, chart, 'aria-labelledby')).length, name).toBeGreaterThan(3)
      expect((await labelOf(page, chart, 'aria-describedby')).length, name).toBeGreaterThan(15)
      await expectTable(chart, asked.get(name)!, name)
      await expectKeys(page, chart, name)
    }
    expect(troubles).toEqual([])
    await close()
  })

  test('a table says that it is cut, its download is of every row, and says why it could not be had', async () => {
    const { page, troubles, close } = await openConsole(stage, '/reports/top_products?limit=2')
    expect(await page.locator('[data-cut]').textContent()).toContain('The first 2 rows')
    const card = page.locator('[data-chart=top_products]').first()
    const save = async () => {
      await card.getByRole('button', { name: /^More:/ }).click()
      await page.getByRole('menuitem', { name: 'Download up to 1,000 rows as CSV' }).click()
    }
    const [download] = await Promise.all([page.waitForEvent('download'), save()])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString().trim().split('\r\n').length).toBeGreaterThan(3)
    expect(troubles).toEqual([])
    await page.route('**/v1/reports/top_products*', (route) => route.abort())
    await save()
    await card.getByRole('alert').getByText('It could not be saved').waitFor()
    await close()
  })
}

/** What the reports of a page answer when it is loaded again, by name. */
async function answersOf(page: Page): Promise<Map<string, Answer>> {
  const answers = new Map<string, Promise<Answer>>()
  const address = page.url()
  // What the page that is left still hears has no body any more.
  await page.goto('about:blank')
  page.on('response', (response) => {
    const name = /\/v1\/reports\/(\w+)/.exec(response.url())?.[1]
    if (name) answers.set(name, response.json() as Promise<Answer>)
  })
  await page.goto(address)
  await settled(page)
  return new Map(
    await Promise.all([...answers].map(async ([name, answer]) => [name, await answer] as const)),
  )
}

async function labelOf(page: Page, chart: Locator, attribute: string): Promise<string> {
  const id = await chart.getAttribute(attribute)
  return (await page.locator(`[id="${id}"]`).textContent()) ?? ''
}

/** The numbers of every column, row by row. */
async function expectTable(chart: Locator, answer: Answer, name: string): Promise<void> {
  await chart.getByRole('button', { name: 'View as table' }).click()
  const table = chart.locator('[data-table] table')
  await table.waitFor()
  const shown = await table
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll('data')].map((cell) => cell.getAttribute('value')),
      ),
    )
  const hidden = new Set(['name', 'name_a', 'name_b'])
  const told = answer.rows.map((row) =>
    row
      .filter((value, place) => value !== null && !hidden.has(answer.columns[place]!.name))
      .map(String),
  )
  expect(shown, name).toEqual(told)
  await chart.getByRole('button', { name: 'View as table' }).click()
}

/** A slider speaks another value; a list, a funnel and a grid hand the focus on. */
async function expectKeys(page: Page, chart: Locator, name: string): Promise<void> {
  const slider = chart.getByRole('slider')
  const isSlider = (await slider.count()) > 0
  const first = isSlider ? slider : chart.locator('[data-cell="0,0"]')
  const told = () =>
    isSlider
      ? slider.getAttribute('aria-valuetext')
      : page.evaluate<string | null>('document.activeElement.dataset.cell')
  await first.focus()
  if (isSlider) await page.keyboard.press('Home')
  const before = await told()
  await page.keyboard.press('ArrowRight')
  expect(await told(), name).not.toBe(before)
}
