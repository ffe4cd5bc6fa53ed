import type { Config } from '../config.ts'
import { type ErrorCode, ShoplakeError } from '../errors.ts'
import type { LiveNow, StoreTable } from '../ports.ts'
import { createLogger, type Logger } from './logger.ts'

/** How long a process waits for one of a killed supervisor to end; above the time that a stop may take. */
export const PREDECESSOR_MS = 40_000

/** What the supervisor hands to a process that it starts. It holds secrets: never part of a command line. */
export interface ChildOrders {
  readonly config: Config
  readonly mode: 'dev' | 'start'
  readonly args?: { readonly [name: string]: string | number | boolean }
}

/** How often each process was started again since the supervisor began. */
export type Restarts = { readonly [process: string]: number }

/** What the supervisor tells a process: first its orders. */
export type SupervisorMessage =
  | { readonly kind: 'orders'; readonly orders: ChildOrders }
  | { readonly kind: 'restarts'; readonly restarts: Restarts }
  /** There may be new records in the stream. */
  | { readonly kind: 'wake' }
  /** Wants an answer, as a report with the same id. */
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'stop' }

/** What the supervisor may want to know: the process's metrics, or a document that it has in memory. */
export type Question =
  | { readonly of: 'metrics' }
  | { readonly of: 'document'; readonly table: StoreTable; readonly key: string }

/** What a process tells its supervisor. */
export type ChildReport =
  | { readonly kind: 'ready'; readonly port?: number }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string; readonly code?: ErrorCode }
  | { readonly kind: 'live'; readonly live: LiveNow }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }

/** A process that has started. */
export interface Running {
  readonly port?: number
  onRestarts?(restarts: Restarts): void
  onWake?(): void
  answer?(question: Question): unknown
  stop(): Promise<void>
}

/**
 * Runs one process under the supervisor: waits for its orders, starts it, tells that it is ready, and stops it in order
 * on a stop message, on SIGTERM, or when the supervisor is gone. Asked to stop before it is ready it ends at once: it has
 * accepted nothing yet, and every file bears a kill. An error that reaches the top ends the process with 1: the
 * supervisor starts it again.
 */
export function runChild(
  name: string,
  start: (orders: ChildOrders, log: Logger) => Promise<Running>,
): void {
  let log = createLogger(name, 'info')
  let running: Running | undefined
  let restarts: Restarts = {}
  let stopping = false

  const fail = (error: unknown) => {
    // Why a start was refused is told by the supervisor, in one sentence.
    if (running || !process.connected || !(error instanceof ShoplakeError)) {
      log.fatal({ err: error }, `the ${name} process failed`)
    }
    if (!process.connected) process.exit(1)
    process.send?.(failureOf(error), () => process.exit(1))
  }
  const stop = () => {
    if (stopping) return
    stopping = true
    if (!running) process.exit(0)
    running.stop().then(() => process.exit(0), fail)
  }
  const begin = async (orders: ChildOrders) => {
    log = createLogger(name, orders.config.log_level)
    running = await start(orders, log)
    running.onRestarts?.(restarts)
    report({ kind: 'ready', ...(running.port === undefined ? {} : { port: running.port }) })
  }

  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // Ctrl-C reaches the whole group; the supervisor decides on the order in which we stop.
  process.on('SIGINT', () => log.debug('interrupt is left to the supervisor'))
  process.on('SIGHUP', () => log.debug('hang-up is left to the supervisor'))
  process.on('SIGTERM', stop)
  process.on('disconnect', stop)
  process.on('message', (message: SupervisorMessage) => {
    if (message.kind === 'stop') stop()
    else if (message.kind === 'orders') begin(message.orders).catch(fail)
    else if (message.kind === 'wake') running?.onWake?.()
    else if (message.kind === 'ask') tellAnswer(message.id, message.question, running).catch(fail)
    else {
      restarts = message.restarts
      running?.onRestarts?.(restarts)
    }
  })
}

async function tellAnswer(id: number, question: Question, running?: Running): Promise<void> {
  report({ kind: 'answer', id, answer: await running?.answer?.(question) })
}

function failureOf(error: unknown): ChildReport {
  const text = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', text, ...(error instanceof ShoplakeError && { code: error.code }) }
}

export function report(message: ChildReport): void {
  // A supervisor that has just been killed cannot be told any more; `disconnect` follows.
  if (process.connected) process.send?.(message, () => undefined)
}
