import { describe, expect, it, test } from 'vitest'
import { axeFindings, openPage, sidewaysScroll } from './page.ts'
import { openConsole, type Stage } from './stage.ts'

/** Every page of the console; a new page gets a line here. */
export const CONSOLE_PAGES: readonly string[] = [
  '/',
  '/live',
  '/sales',
  '/funnel',
  '/products',
  '/customers',
  '/acquisition',
  '/search',
  '/inventory',
  '/orders',
  '/orders/web-order',
  '/products/prod_0005',
  '/customers/web-customer',
  '/events',
  '/explore',
  '/pipeline',
  '/settings',
  '/settings?part=alerts',
  '/settings?part=settings',
  '/settings?part=definitions',
  '/quality',
  '/quality/fix?reason=invalid_field&event_type=order_created',
  '/reports',
  '/reports/sales_by_hour_weekday',
  '/reports/latest_orders',
]

const WINDOWS = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
const LOOKS = [
  { window: 'desk', scheme: 'light' },
  { window: 'phone', scheme: 'dark' },
  { window: 'desk', scheme: 'dark' },
  { window: 'phone', scheme: 'light' },
] as const
/** Every page in every look; else each page in one, the looks taking turns. */
const IS_FULL = process.env.WEB_MATRIX === 'full'
/** What a finger needs, and what a pointer needs (WCAG 2.2, 2.5.8). */
const TARGET_PX = { phone: 44, desk: 24 } as const
/** The reference page is long and axe slow there. */
const REFERENCE_PARTS = 'header, #postEvents'

/** Each page loads without fault, at both widths and in both themes. */
export function pageCases(stage: Stage): void {
  const cases = CONSOLE_PAGES.flatMap((path, place) =>
    LOOKS.filter((_look, index) => IS_FULL || index === place % LOOKS.length).map((look) => ({
      path,
      ...look,
    })),
  )
  describe.each(cases)('$path at the $window, $scheme', ({ path, window, scheme }) => {
    it('is without fault', async () => {
      const options = { viewport: WINDOWS[window], colorScheme: scheme } as const
      const { page, troubles, close } = await openConsole(stage, path, options)
      expect(await sidewaysScroll(page)).toBe(0)
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate(smallTargets(TARGET_PX[window]))).toEqual([])
      expect(await page.evaluate('document.getAnimations().length')).toBe(0)
      expect(troubles).toEqual([])
      await close()
    })
  })

  test('the reference page loads, and scrolls one way', async () => {
    const { server, browser } = stage
    const options = { viewport: WINDOWS.phone, colorScheme: 'dark' } as const
    const { page, troubles, close } = await openPage(browser, `${server.url}/docs`, options)
    expect(await sidewaysScroll(page)).toBe(0)
    expect(await axeFindings(page, REFERENCE_PARTS)).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

  test('an address that is none leads home', async () => {
    const { page, troubles, close } = await openConsole(stage, '/nowhere')
    await page.getByText('There is no such page').waitFor()
    await page.getByRole('link', { name: 'Go to Home' }).click()
    await page.locator('[data-tile=orders] data').waitFor()
    expect(troubles).toEqual([])
    await close()
  })
}

/** Links and buttons lower than a size; links within running text are as high as their line. */
function smallTargets(size: number): string {
  return `[...document.querySelectorAll('main a, main button, header button, nav a, nav button, summary')]
    .filter((one) => getComputedStyle(one).display !== 'inline' && !one.closest('td, th'))
    .map((one) => ({ box: one.getBoundingClientRect(), one }))
    .filter(({ box }) => box.height > 0 && box.height < ${size})
    .map(({ one }) => one.outerHTML)`
}
