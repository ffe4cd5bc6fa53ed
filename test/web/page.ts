import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** A page under watch. */
export interface Watched {
  readonly page: Page
  /** What went wrong since it was opened: messages of the console, failed requests, requests to other hosts, dialogs. */
  readonly troubles: string[]
  close(): Promise<void>
}

/** Opens a page in a context of its own and notes whatever goes wrong there. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ locale: 'en-US', ...options })
  // Shorter than the test's own limit, so that a failure names what was waited for.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const troubles: string[] = []
  let closing = false
  const note = (text: string) => {
    if (!closing) troubles.push(text)
  }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note(message.text())
  })
  page.on('pageerror', (error) => note(String(error)))
  page.on('requestfailed', (request) => {
    // Given up by the page itself: another question came, or it was left.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') note(`failed: ${request.url()}`)
  })
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host) note(`elsewhere: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) note(`${response.status()}: ${response.url()}`)
  })
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch((error: unknown) => note(String(error)))
  })
  await page.goto(url)
  return {
    page,
    troubles,
    async close() {
      closing = true
      await context.close()
    },
  }
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe-core finds on the page as it is now, or within a selector; each with the first element concerned. */
export async function axeFindings(page: Page, within = 'html'): Promise<string[]> {
  await page.evaluate(AXE)
  const rules = JSON.stringify({ runOnly: AXE_TAGS, resultTypes: ['violations'] })
  const found = await page.evaluate<Violation[]>(
    `axe.run(${JSON.stringify(within)}, ${rules}).then((result) => result.violations)`,
  )
  return found.map(
    ({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  )
}

/** Pixels by which the page is wider than its window. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
}

/** The exact value behind a number that the page shows. */
export async function shownValue(page: Page, selector: string): Promise<number> {
  const value = await page.locator(selector).getAttribute('value')
  expect(value, selector).not.toBeNull()
  return Number(value)
}
