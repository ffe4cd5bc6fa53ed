import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Truth } from '../../src/simulator/truth.ts'
import { removeServer, startServer, type TestServer, until } from '../e2e/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage, type Watched } from './page.ts'
import { playShop } from './shop.ts'

/** One server with a played shop and one browser, which all cases of the console share. */
export interface Stage {
  readonly server: TestServer
  readonly browser: Browser
  /** What happened in the played shop. */
  readonly truth: Truth
}

/** A page that is left at once leaves its questions behind; on a busy machine they would fill the line. */
const FLAGS = ['--sql-queue', '200']

/** A stage to be: cases are given it before it is set up, and look at it while they run. */
export function createStage(): Stage & { begin(): Promise<void>; end(): Promise<void> } {
  let [server, browser, truth]: [TestServer?, Browser?, Truth?] = []
  return {
    get server() {
      return server!
    },
    get browser() {
      return browser!
    },
    get truth() {
      return truth!
    },
    async begin() {
      ;[server, browser] = await Promise.all([startServer(undefined, FLAGS), launchBrowser()])
      truth = await playShop(server)
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

/** Waits until nothing on the page is on its way, and looks at what only begins when it is near the window. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  // Not waitForFunction: the page's own policy refuses what it evaluates.
  await until(() => page.evaluate<boolean>(IS_SETTLED))
  await page.evaluate('scrollTo(0, 0)')
}

/** Nothing loads, nothing is dimmed, drawings are drawn; what does not yet is brought into view. */
const IS_SETTLED = `(() => {
  const blank = [...document.querySelectorAll('[data-canvas]')].find((one) => !('drawn' in one.dataset))
  const busy = blank ?? document.querySelector('main [aria-label=Loading], [data-busy=true], [data-waiting]')
  busy?.scrollIntoView({ block: 'center', behavior: 'instant' })
  return !busy
})()`
