import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { removeServer, startServer, type TestServer, until } from '../e2e/server.ts'
import { launchBrowser } from './browser.ts'
import { axeFindings, openPage, shownValue, sidewaysScroll, type Watched } from './page.ts'
import { orderOf, playShop } from './shop.ts'

const WINDOWS = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
const MATRIX = (['desk', 'phone'] as const).flatMap((window) =>
  (['light', 'dark'] as const).map((scheme) => ({ window, scheme })),
)
const TARGET_PX = 44
/** The reference page is long and axe slow there: all of it in one theme, its beginning in the other. */
const AXE_WITHIN: { readonly [view: string]: string } = {
  'desk light': 'html',
  'phone dark': 'header, #postEvents',
}

interface Hour {
  readonly yesterday: { readonly sales: number; readonly orders: number }
}

let server: TestServer
let browser: Browser

/** A machine that is busy with other tests is no fault. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchBrowser()])
  await playShop(server)
})

afterAll(async () => {
  await browser.close()
  await removeServer(server)
})

/** The first page with its numbers there. */
async function openToday(options = {}): Promise<Watched> {
  const watched = await openPage(browser, server.url, options)
  await watched.page.locator('[data-tile=orders] data').waitFor()
  await watched.page.locator('[data-count=received]').waitFor()
  return watched
}

describe.each(MATRIX)('at the $window, $scheme', ({ window, scheme }) => {
  const options = {
    viewport: WINDOWS[window],
    colorScheme: scheme,
    reducedMotion: 'reduce',
  } as const

  it('the first page is without fault', async () => {
    const { page, troubles, close } = await openToday(options)
    await page.getByText('View as table').first().click()
    expect(await axeFindings(page)).toEqual([])
    expect(await sidewaysScroll(page)).toBe(0)
    expect(await page.evaluate('document.getAnimations().length')).toBe(0)
    const small = `[...document.querySelectorAll('a, button, summary')]
      .filter((one) => one.getBoundingClientRect().height < ${TARGET_PX}).map((one) => one.outerHTML)`
    expect(await page.evaluate(small)).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

  it('the reference page loads, and scrolls one way', async () => {
    const { page, troubles, close } = await openPage(browser, `${server.url}/docs`, options)
    expect(await sidewaysScroll(page)).toBe(0)
    const within = AXE_WITHIN[`${window} ${scheme}`]
    if (within) expect(await axeFindings(page, within)).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })
})

test('text is drawn with a font, and forced colours leave the charts visible', async () => {
  const { page, close } = await openToday({ forcedColors: 'active' })
  expect(
    await page.evaluate(`document.querySelector('h1').getBoundingClientRect().width`),
  ).not.toBe(0)
  await page.locator('[data-chart=sales] polyline.stroke-accent').waitFor({ state: 'attached' })
  const stroke = `getComputedStyle(document.querySelector('[data-chart=sales] polyline.stroke-accent')).stroke`
  const ground = `getComputedStyle(document.querySelector('[data-chart=sales]')).backgroundColor`
  expect(await page.evaluate(stroke)).not.toBe(await page.evaluate(ground))
  expect(await axeFindings(page)).toEqual([])
  await close()
})

test('tiles, charts and ledger say what the API says', async () => {
  const { page, close } = await openToday()
  const live = (await server.call('/v1/live')).body
  expect(live.today.orders + live.yesterday.orders).toBeGreaterThan(0)
  expect(await shownValue(page, '[data-tile=sales] data')).toBe(live.today.sales)
  expect(await shownValue(page, '[data-tile=orders] data')).toBe(live.today.orders)
  const words = await page.locator('[data-chart=sales] figcaption').textContent()
  expect(words).toContain(`${live.yesterday.orders.toLocaleString('en-US')} order`)
  await until(async () => {
    const now = (await server.call('/v1/live')).body
    return (
      (await shownValue(page, '[data-tile=visitors] data')) === now.visitors &&
      (await shownValue(page, '[data-tile=carts] data')) === now.open_carts
    )
  })

  const { totals } = (await server.call('/v1/ledger')).body
  for (const count of ['received', 'rejected', 'applied'].filter((name) => totals[name] > 0)) {
    expect(await shownValue(page, `[data-count=${count}]`), count).toBe(totals[count])
  }
  expect(await page.getByText('✓ balances').count()).toBe(1)

  const shown = await page.locator('ul > li').allInnerTexts()
  expect(shown.length).toBe(live.latest_orders.length)
  for (const [index, order] of live.latest_orders.entries()) {
    expect(shown[index]).toContain(order.order_id)
    expect(shown[index]).toContain(order.total_amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/, ','))
  }
  await close()
})

test('a chart gives the same numbers in its table and under the arrow keys', async () => {
  const { page, close } = await openToday()
  const { hours, today } = (await server.call('/v1/live')).body
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
  const { page, troubles, close } = await openToday()
  const before = (await server.call('/v1/live')).body.today
  const hostile = '<img src=x onerror=alert(1)>'
  await server.post(orderOf('web-hostile', 12.34, hostile))
  await until(async () => (await shownValue(page, '[data-tile=orders] data')) === before.orders + 1)
  expect(await shownValue(page, '[data-tile=sales] data')).toBeCloseTo(before.sales + 12.34, 4)
  expect(await page.locator('ul > li').first().textContent()).toContain(hostile)
  expect(await page.locator('img[src="x"]').count()).toBe(0)
  expect(troubles).toEqual([])
  await close()
})
