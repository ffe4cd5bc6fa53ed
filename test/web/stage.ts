import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { removeServer, startServer, type TestServer, until } from '../e2e/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage, type Watched } from './page.ts'
import { playShop } from './shop.ts'

/** One server with a played shop and one browser, which all cases of the console share. */
export interface Stage {
  readonly server: TestServer
  readonly browser: Browser
}

/** A stage to be: cases are given it before it is set up, and look at it while they run. */
export function createStage(): Stage & { begin(): Promise<void>; end(): Promise<void> } {
  let [server, browser]: [TestServer?, Browser?] = []
  return {
    get server() {
      return server!
    },
    get browser() {
      return browser!
    },
    async begin() {
      ;[server, browser] = await Promise.all([startServer(), launchBrowser()])
      await playShop(server)
    },
    async end() {
      await browser?.close()
      if (server) await removeServer(server)
    },
  }
}

/** Opens an address of the console and waits until nothing on it is on its way any more. */
export async function openConsole(
  { server, browser }: Stage,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const watched = await openPage(browser, new URL(path, server.url).href, {
    reducedMotion: 'reduce',
    ...options,
  })
  await settled(watched.page)
  return watched
}

/** Scrolls once through the page, so that what waits below is fetched, and waits for all of it. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  const height = await page.evaluate<number>('document.documentElement.scrollHeight')
  for (let at = 0; at < height; at += 600) await page.evaluate(`scrollTo(0, ${at})`)
  await page.evaluate('scrollTo(0, 0)')
  // Not waitForFunction: the page's own policy refuses what it evaluates.
  await until(() => page.evaluate<boolean>(IS_SETTLED))
}

/** Cards still ask for their place in the order of the page: nothing loads, nothing is dimmed, drawings are drawn. */
const IS_SETTLED = `(() => {
  const busy = document.querySelector('[aria-label=Loading], [data-busy=true]')
  const blank = [...document.querySelectorAll('[data-canvas]')].some((one) => !('drawn' in one.dataset))
  return !busy && !blank
})()`
