import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { simulate } from '../simulator/simulate.ts'
import { report, runChild } from './child.ts'
import { layoutOf } from './paths.ts'

const DAY_MS = 86_400_000
const BATCH_EVENTS = 500
const KEYS = { browser: 'pk_dev', server: 'sk_dev' } as const
const LIVE_TICK_MS = 250

type Source = keyof typeof KEYS

/** Where the demo shop stands: with the seed and the start, everything that it will ever send is known. */
interface DemoState {
  readonly seed: number
  readonly from: number
  /** Every event up to this moment has been acknowledged. */
  readonly sent_until: number
}

/**
 * The demo shop: sends its history as fast as the server takes it, then goes on in real time. Started again, it plays the same
 * shop from the same seed and sends what happened since it was stopped.
 */
runChild('demo', async (orders) => {
  const file = path.join(layoutOf(orders.config.data_dir).root, 'demo.json')
  const url = String(orders.args?.['url'])
  let running = true
  const shop = startShop(file, Number(orders.args?.['days'] ?? 90))
  const done = play(shop.state, {
    zone: orders.config.shop_time_zone,
    currency: orders.config.shop_currency,
    send: (source, events) => post(url, source, events),
    save: shop.save,
    isRunning: () => running,
  })
  done.catch((error: unknown) => process.emit('uncaughtException', error as Error))
  return {
    async stop() {
      running = false
      await done
    },
  }
})

function startShop(file: string, days: number): { state: DemoState; save(state: DemoState): void } {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const fresh: DemoState = { seed: 42, from: today - days * DAY_MS, sent_until: 0 }
  const state: DemoState = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : fresh
  const save = (next: DemoState) => {
    writeFileSync(`${file}.new`, JSON.stringify(next))
    renameSync(`${file}.new`, file)
  }
  return { state, save }
}

interface Stage {
  readonly zone: string
  readonly currency: string
  send(source: Source, events: readonly object[]): Promise<void>
  save(state: DemoState): void
  isRunning(): boolean
}

async function play(state: DemoState, stage: Stage): Promise<void> {
  const started = Date.now()
  const pending: { [S in Source]: object[] } = { browser: [], server: [] }
  let sent = 0
  let live = false
  let at = state.sent_until
  const flush = async () => {
    for (const source of Object.keys(KEYS) as Source[]) {
      const events = pending[source].splice(0)
      if (events.length > 0) await stage.send(source, events)
      sent += events.length
    }
    stage.save({ ...state, sent_until: at })
  }
  const shop = simulate({
    seed: state.seed,
    from: state.from,
    to: Number.POSITIVE_INFINITY,
    time_zone: stage.zone,
    currency: stage.currency,
  })
  for (const next of shop) {
    if (next.at <= state.sent_until) continue
    if (next.at > Date.now()) {
      await flush()
      if (!live) announce(sent, started)
      live = true
      while (next.at > Date.now() && stage.isRunning())
        await sleep(Math.min(next.at - Date.now(), LIVE_TICK_MS))
    }
    if (!stage.isRunning()) return
    pending[next.source].push(next.event)
    at = next.at
    if (pending[next.source].length >= BATCH_EVENTS) await flush()
  }
}

function announce(sent: number, started: number): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  report({
    kind: 'note',
    text: `  ✓ demo shop: ${sent.toLocaleString('en')} events of history in ${seconds} s; now live`,
  })
}

/** Sends until the server takes it: a 429 or 503 waits as long as the server asks. Throws on an answer that no retry mends. */
async function post(url: string, source: Source, events: readonly object[]): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': KEYS[source] },
      body: JSON.stringify(events),
    }).catch(() => undefined)
    if (response?.ok || response?.status === 422) {
      await response.arrayBuffer()
      return
    }
    if (response && response.status !== 429 && response.status !== 503) {
      throw new Error(`demo: the server answered ${response.status}: ${await response.text()}`)
    }
    await sleep(Number(response?.headers.get('retry-after') ?? 1) * 1000)
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
