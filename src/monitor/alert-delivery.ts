import type { Metrics } from '../metrics.ts'
import type { AlertNotice } from './alerts.ts'

/** Tells people of alerts, in order, without holding up who calls. */
export interface AlertDelivery {
  /** Queues a notice. The oldest goes when more than MOST_WAITING wait. */
  send(notice: AlertNotice): void
  /** Waits until nothing is queued. */
  settled(): Promise<void>
  /** Gives up what is queued. */
  stop(): Promise<void>
}

/** What is posted as JSON. `text` is what chat systems show of an incoming webhook. */
export interface AlertMessage {
  readonly text: string
  readonly alert: string
  readonly state: 'firing' | 'resolved'
  readonly severity: string
  readonly summary: string
  readonly detail: string
  readonly since: string
  readonly at: string
  readonly shop: string
}

/** Pauses between tries; then the notice is given up. */
const PAUSES_MS: readonly number[] = [1000, 5000, 30_000, 120_000, 300_000]
const TIMEOUT_MS = 10_000
export const MOST_WAITING = 100

type Outcome = 'delivered' | 'refused' | 'retry'

/**
 * Posts to `url`; an empty one sends nothing. 2xx is delivered; a network error, a timeout, 408, 429 and 5xx are tried
 * again after growing pauses; any other answer is refused for good. Each try is counted by its outcome.
 */
export function createAlertDelivery(options: {
  url: string
  shop: string
  metrics: Metrics
  pauses_ms?: readonly number[]
}): AlertDelivery {
  const pauses = options.pauses_ms ?? PAUSES_MS
  const stopped = new AbortController()
  let queue: AlertNotice[] = []
  let running: Promise<void> | undefined

  function send(notice: AlertNotice): void {
    if (options.url === '' || stopped.signal.aborted) return
    if (queue.length >= MOST_WAITING) {
      queue.shift()
      count('dropped')
    }
    queue.push(notice)
    running ??= drain()
  }

  async function drain(): Promise<void> {
    for (let notice = queue.shift(); notice; notice = queue.shift()) await deliver(notice)
    running = undefined
  }

  async function deliver(notice: AlertNotice): Promise<void> {
    for (const pause of [...pauses, undefined]) {
      const outcome = await post(messageOf(notice, options.shop))
      count(outcome)
      if (outcome !== 'retry') return
      if (pause === undefined) break
      await sleep(pause, stopped.signal)
      if (stopped.signal.aborted) return
    }
    count('given_up')
  }

  async function post(message: AlertMessage): Promise<Outcome> {
    try {
      const answer = await fetch(options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      await answer.body?.cancel()
      return outcomeOf(answer.status)
    } catch (error) {
      // fetch rejects with TypeError when it cannot connect and with a DOMException at the timeout.
      if (error instanceof TypeError || error instanceof DOMException) return 'retry'
      throw error
    }
  }

  function count(outcome: string): void {
    options.metrics.add('shoplake_alert_deliveries_total', 1, { outcome })
  }

  return {
    send,
    settled: async () => running,
    async stop() {
      queue = []
      stopped.abort()
      await running
    },
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'delivered'
  return status === 408 || status === 429 || status >= 500 ? 'retry' : 'refused'
}

function messageOf(notice: AlertNotice, shop: string): AlertMessage {
  const { rule, state, detail } = notice
  return {
    text: `${shop}: ${rule.name} ${state}. ${rule.summary} ${detail}`,
    alert: rule.name,
    state,
    severity: rule.severity,
    summary: rule.summary,
    detail,
    since: new Date(notice.since).toISOString(),
    at: new Date(notice.at).toISOString(),
    shop,
  }
}

/** Ends early when the signal aborts. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })
}
