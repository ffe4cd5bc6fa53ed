import { launchBrowser } from '../test/web/browser.ts'

/**
 * `npm run bench -- console URL`: how soon the console of a running server stands in a fresh browser whose processor is
 * slowed down four times: first paint, first
 * number, and the tiles of the last 28 days. Milliseconds from the navigation's start.
 */
const CPU_SLOWER = 4
const RUNS = 7
const WINDOW = { width: 1440, height: 900 }

/** Notes when the first number stands, which is today's sales, and when the tiles of the days chosen have theirs. */
const WATCH = `
  window.seen = {}
  const look = () => {
    const { seen } = window
    if (document.querySelector('[data-today]')) seen.number ??= performance.now()
    if (document.querySelector('[data-tile] data')) seen.tiles ??= performance.now()
    if (!seen.number || !seen.tiles) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
`

const PAINT = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime`

interface Run {
  readonly first_paint: number
  readonly number: number
  readonly tiles: number
}

const url = process.argv[2] ?? 'http://127.0.0.1:4600'
const browser = await launchBrowser()
const runs: Run[] = []
for (let run = 0; run <= RUNS; run++) {
  const one = await measure()
  // The first one warms the server.
  if (run > 0) runs.push(one)
}
await browser.close()
const figures = {
  first_paint_ms: spread(runs.map((run) => run.first_paint)),
  first_number_ms: spread(runs.map((run) => run.number)),
  tiles_ms: spread(runs.map((run) => run.tiles)),
}
process.stdout.write(
  `${JSON.stringify({ bench: 'console', cpu_slower: CPU_SLOWER, runs: RUNS, ...figures })}\n`,
)

async function measure(): Promise<Run> {
  const context = await browser.newContext({ viewport: WINDOW })
  const page = await context.newPage()
  const tools = await context.newCDPSession(page)
  await tools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWER })
  await page.addInitScript(WATCH)
  await page.goto(url)
  await page.locator('[data-tile] data').first().waitFor()
  await page.locator('[data-today]').waitFor()
  const figures = {
    first_paint: await page.evaluate<number>(PAINT),
    ...(await page.evaluate<{ number: number; tiles: number }>('window.seen')),
  }
  await context.close()
  return figures
}

/** Lowest, middle and highest. */
function spread(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b).map(Math.round)
  return [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!]
}
