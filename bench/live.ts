import { launchBrowser } from '../test/web/browser.ts'

/**
 * `npm run bench -- live URL [WRITE_KEY]`: orders are sent to a running server while the Live page is open in a browser.
 * Milliseconds from the answer 202 to the change of the tiles, as a MutationObserver of the page sees it. The page itself
 * sends, so that there is one clock.
 */
const RUNS = 20
const PAUSE_MS = 700
const WINDOW = { width: 1440, height: 900 }

/** Sends an order; tells how long after the answer its number stood in the tile of orders and its id in the list. */
const PLAY = `async ({ body, id, key }) => {
  const tile = () => Number(document.querySelector('[data-tile=orders] data').value)
  const before = tile()
  let seen
  const changed = new Promise((resolve) => {
    const look = () => {
      if (tile() <= before || !document.querySelector('main').textContent.includes(id)) return
      seen = performance.now()
      observer.disconnect()
      resolve()
    }
    const observer = new MutationObserver(look)
    observer.observe(document.querySelector('main'), { attributes: true, childList: true, characterData: true, subtree: true })
  })
  const headers = { 'content-type': 'application/json', 'x-api-key': key }
  const sent = performance.now()
  const answer = await fetch('/v1/events', { method: 'POST', headers, body })
  const answered = performance.now()
  if (answer.status !== 202) throw new Error('answered ' + answer.status)
  await changed
  return { answer_ms: answered - sent, change_ms: seen - answered }
}`

interface Run {
  readonly answer_ms: number
  readonly change_ms: number
}

const url = process.argv[2] ?? 'http://127.0.0.1:4600'
const key = process.argv[3] ?? 'sk_dev'
const browser = await launchBrowser()
const page = await browser.newPage({ viewport: WINDOW })
await page.goto(new URL('/live', url).href)
await page.locator('[data-tile=orders] data').waitFor()
const runs: Run[] = []
for (let run = 0; run <= RUNS; run++) {
  const id = `bench-live-${Date.now().toString(36)}`
  const one = { body: orderOf(id), id, key }
  const figures = await page.evaluate<Run>(`(${PLAY})(${JSON.stringify(one)})`)
  // The first one warms the server and the page.
  if (run > 0) runs.push(figures)
  // Not in step with the server's own looks.
  await page.waitForTimeout(PAUSE_MS * (0.5 + Math.random()))
}
await browser.close()
const figures = {
  answer_ms: spread(runs.map((run) => run.answer_ms)),
  change_ms: spread(runs.map((run) => run.change_ms)),
}
process.stdout.write(`${JSON.stringify({ bench: 'live', runs: RUNS, ...figures })}\n`)

function orderOf(order_id: string): string {
  return JSON.stringify({
    event_type: 'order_created',
    timestamp: new Date().toISOString(),
    order_id,
    customer_id: 'bench-live',
    items: [{ product_id: 'bench-live', name: 'A thing', quantity: 1, price: 0.01 }],
    total_amount: 0.01,
  })
}

/** Middle, 95th percentile and highest. */
function spread(values: readonly number[]): object {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1]!)
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}
