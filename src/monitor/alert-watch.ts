import type { Metrics } from '../metrics.ts'
import { createPoll, type Poll } from '../poll.ts'
import type { AlertDelivery } from './alert-delivery.ts'
import type { AlertRule } from './alert-rules.ts'
import { type AlertInput, type AlertStates, evaluateAlerts, isFiring } from './alerts.ts'

/** Evaluates the rules again and again. */
export interface AlertWatch {
  /** One evaluation, now. Rejects with what `input` rejects with; states stay as they were. */
  tick(): Promise<void>
  states(): AlertStates
  start(): void
  stop(): Promise<void>
}

const EVERY_MS = 15_000

/** `input` says what is known now; `onError` is told when it could not, and the next tick tries again. */
export function createAlertWatch(options: {
  rules: readonly AlertRule[]
  input(): Promise<AlertInput>
  delivery: AlertDelivery
  metrics: Metrics
  onError(error: unknown): void
  every_ms?: number
}): AlertWatch {
  let states: AlertStates = new Map()
  let poll: Poll | undefined

  async function tick(): Promise<void> {
    const { states: next, notices } = evaluateAlerts(options.rules, states, await options.input())
    states = next
    for (const rule of options.rules) {
      const firing = isFiring(states.get(rule.name)) ? 1 : 0
      options.metrics.set('shoplake_alerts_firing', firing, { rule: rule.name })
    }
    for (const notice of notices) options.delivery.send(notice)
  }

  function start(): void {
    poll = createPoll(options.every_ms ?? EVERY_MS, tick, options.onError)
  }

  return {
    tick,
    states: () => states,
    start,
    async stop() {
      await poll?.stop()
      await options.delivery.stop()
    },
  }
}
