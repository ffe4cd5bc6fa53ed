import { type ChildProcess, fork } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { ShoplakeError } from '../errors.ts'
import type { ChildOrders, ChildReport, SupervisorMessage } from './child.ts'
import type { Logger } from './logger.ts'
import { DIST } from './paths.ts'

/** Waits before the first, second, … start again in a row; the last one holds from then on. */
const BACK_OFF_MS = [200, 500, 1000, 2000, 5000]
/** A process that lived this long starts with the shortest wait again. */
const STEADY_MS = 30_000
const STOP_LIMIT_MS = 30_000
/** DuckDB, LMDB commits, zlib and fs share libuv's threads; with the default four, slow queries hold up commits. */
const THREADS = '8'
/** Of V8's young generation, which takes three times as much: 32 cost more memory and no less CPU. */
const YOUNG_MB = 16
/** glibc gives every thread an arena of its own otherwise, and each keeps what was freed in it. */
const ARENAS = '2'

export interface Supervised {
  /** Resolves when the process is ready for the first time; rejects, with its own reason, when it ends before that. */
  readonly ready: Promise<{ port?: number }>
  /** Asks it to stop in order; kills it when that takes too long. */
  stop(): Promise<void>
  /** Ends it now, and for good. */
  kill(): void
  /** Tells the process something; whether it was there to hear it. */
  send(message: SupervisorMessage): boolean
}

export interface SuperviseOptions {
  /** As people and metrics call it. Its bundle is dist/<name>-process.js. */
  readonly name: string
  readonly orders: ChildOrders
  readonly log: Logger
  /** Nice values above the supervisor's: where the CPU is short, who has more of them stands behind. Default: 0. */
  readonly behind?: number
  /** How long a stop may take before it becomes a kill. Default: 30 s. */
  readonly stopLimitMs?: number
  onReady?(): void
  onRestart?(): void
  /** What else it tells. */
  onReport?(report: ChildReport): void
  /** A sentence for the person at the terminal. */
  onNote?(text: string): void
}

/**
 * Keeps one process of ours running: starts it, starts it again with growing waits when it ends without being asked. A
 * process that ends before it was ever ready is not started again: `ready` says why.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { name, log } = options
  const first = pendingStart()
  let child: ChildProcess | undefined
  /** As given, but for a free port that was once taken: clients know it by now. */
  let orders = options.orders
  let stopping = false
  let wasReady = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let reason: ShoplakeError | Error | undefined

  const launch = () => {
    const startedAt = performance.now()
    reason = undefined
    child = forkProcess(options, onMessage, (how) => {
      child = undefined
      onExit(startedAt, how)
    })
    send({ kind: 'orders', orders })
  }

  const onMessage = (message: ChildReport) => {
    if (message.kind === 'note') options.onNote?.(message.text)
    else if (message.kind === 'failed') reason = errorOf(message)
    else if (message.kind === 'ready') onReady(message.port)
    else options.onReport?.(message)
  }

  const onReady = (port: number | undefined) => {
    if (wasReady) log.info({ process: name }, `the ${name} process is up again`)
    wasReady = true
    if (port !== undefined) orders = { ...orders, config: { ...orders.config, port } }
    first.resolve(port === undefined ? {} : { port })
    options.onReady?.()
  }

  const onExit = (startedAt: number, how: string) => {
    first.reject(reason ?? endedEarly(name, how))
    if (stopping || !wasReady) return
    failures = performance.now() - startedAt > STEADY_MS ? 1 : failures + 1
    const wait_ms = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1]!
    const why = reason?.message
    log.error({ process: name, how, why, wait_ms }, `the ${name} process ended; starting it again`)
    options.onRestart?.()
    timer = setTimeout(launch, wait_ms)
  }

  const send = (message: SupervisorMessage) => {
    if (!child?.connected) return false
    child.send(message, () => undefined)
    return true
  }

  const rest = () => {
    stopping = true
    clearTimeout(timer)
  }

  launch()
  return {
    ready: first.promise,
    send,
    async stop() {
      rest()
      const running = child
      if (!running) return
      send({ kind: 'stop' })
      await endOf(running, options)
    },
    kill() {
      rest()
      child?.kill('SIGKILL')
    },
  }
}

interface PendingStart {
  readonly promise: Promise<{ port?: number }>
  resolve(value: { port?: number }): void
  reject(error: Error): void
}

function pendingStart(): PendingStart {
  let settle: Omit<PendingStart, 'promise'> | undefined
  const promise = new Promise<{ port?: number }>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Whoever never asks is not to end for it.
  promise.catch(() => undefined)
  return { promise, ...settle! }
}

/** `onEnd` is called once, with how it ended. */
function forkProcess(
  { name, log, behind = 0 }: SuperviseOptions,
  onMessage: (message: ChildReport) => void,
  onEnd: (how: string) => void,
): ChildProcess {
  const started = fork(path.join(DIST, `${name}-process.js`), [], {
    env: { ...process.env, UV_THREADPOOL_SIZE: THREADS, MALLOC_ARENA_MAX: ARENAS },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--enable-source-maps', `--max-semi-space-size=${YOUNG_MB}`],
  })
  if (behind > 0 && started.pid !== undefined) setBehind(started.pid, behind)
  let ended = false
  const end = (how: string) => {
    if (!ended) onEnd(how)
    ended = true
  }
  started.on('message', onMessage)
  started.on('exit', (code, signal) => end(String(signal ?? `exit code ${code}`)))
  // It could not be started, or a message did not reach it; the exit that follows in most cases says more.
  started.on('error', (error) => {
    log.warn({ process: name, err: error }, `the ${name} process cannot be reached`)
    if (started.pid === undefined) end(error.message)
  })
  return started
}

/** Linux keeps this per thread, and threads inherit it: so it is set before the process has made any. */
function setBehind(pid: number, behind: number): void {
  os.setPriority(pid, Math.min(19, os.getPriority() + behind))
}

/** Of a process that was asked to stop: kills it when that takes too long. */
async function endOf(running: ChildProcess, options: SuperviseOptions): Promise<void> {
  const { name, log, stopLimitMs = STOP_LIMIT_MS } = options
  const limit = setTimeout(() => {
    log.warn({ process: name }, `the ${name} process did not stop in time and is killed`)
    running.kill('SIGKILL')
  }, stopLimitMs)
  await new Promise<void>((resolve) => running.once('exit', () => resolve()))
  clearTimeout(limit)
}

/** Memory-mapped files answer for what is missing in them with a signal. */
const DAMAGE_SIGNALS = ['SIGBUS', 'SIGSEGV']

function endedEarly(name: string, how: string): Error {
  const told = `the ${name} process ended before it was ready (${how})`
  if (!DAMAGE_SIGNALS.includes(how)) return new Error(told)
  return new ShoplakeError(
    'data_damaged',
    `${told}: a file of the data directory is damaged or cut short; bring a backup back with \`shoplake restore\``,
  )
}

function errorOf({ text, code }: { text: string; code?: ShoplakeError['code'] }): Error {
  return code === undefined ? new Error(text) : new ShoplakeError(code, text)
}
