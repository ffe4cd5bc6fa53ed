import type { Config } from '../config.ts'
import { createLogger, type Logger } from './logger.ts'

/** How long a process waits for one of a killed supervisor to end; above the time that a stop may take. */
export const PREDECESSOR_MS = 40_000

/** What the supervisor hands to a process that it starts. */
export interface ChildOrders {
  readonly config: Config
  readonly mode: 'dev' | 'start'
  readonly args?: { readonly [name: string]: string | number | boolean }
}

/** What a process tells its supervisor. */
export type ChildReport =
  | { readonly kind: 'ready'; readonly port?: number }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string }

/**
 * Runs one process under the supervisor: reads its orders, starts it, tells that it is ready, and stops it in order on
 * a stop message, on SIGTERM, or when the supervisor is gone. An error that reaches the top ends the process with 1:
 * the supervisor starts it again.
 */
export function runChild(
  name: string,
  start: (orders: ChildOrders, log: Logger) => Promise<{ port?: number; stop(): Promise<void> }>,
): void {
  const orders = JSON.parse(process.argv[2] ?? '{}') as ChildOrders
  const log = createLogger(name, orders.config.log_level)
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'process failed')
    const text = error instanceof Error ? error.message : String(error)
    if (process.connected) process.send?.({ kind: 'failed', text }, () => process.exit(1))
    else process.exit(1)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // Ctrl-C reaches the whole group; the supervisor decides on the order in which we stop.
  process.on('SIGINT', () => log.debug('interrupt is left to the supervisor'))
  start(orders, log).then((running) => {
    let stopping = false
    const stop = () => {
      if (stopping) return
      stopping = true
      running.stop().then(() => process.exit(0), fail)
    }
    process.on('SIGTERM', stop)
    process.on('disconnect', stop)
    process.on('message', (message) => message === 'stop' && stop())
    report({ kind: 'ready', ...(running.port === undefined ? {} : { port: running.port }) })
  }, fail)
}

export function report(message: ChildReport): void {
  process.send?.(message)
}
