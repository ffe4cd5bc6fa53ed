import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import type { ChildOrders, ChildReport } from './child.ts'
import type { Logger } from './logger.ts'
import { DIST } from './paths.ts'

const BACK_OFF_MS = [200, 500, 1000, 2000, 5000]
/** A process that lived this long starts with the shortest wait again. */
const STEADY_MS = 30_000
const STOP_LIMIT_MS = 30_000
/** DuckDB, LMDB commits, zlib and fs share libuv's threads; with the default four, slow queries hold up commits. */
const THREADS = '8'

export interface Supervised {
  /** Resolves when the process is ready for the first time; rejects when it ends before that. */
  readonly ready: Promise<{ port?: number }>
  /** Asks it to stop in order; kills it after 30 s. */
  stop(): Promise<void>
  /** Tells the process something, when it is there to hear it. */
  send(message: SupervisorMessage): void
  readonly pid: () => number | undefined
}

export type SupervisorMessage = 'stop' | { readonly restarted: string }

/**
 * Keeps one process of ours running: starts it, starts it again with growing waits when it ends without being asked.
 * `file` is the bundle's name in dist/.
 */
export function supervise(
  file: string,
  orders: ChildOrders,
  hooks: { log: Logger; onRestart(): void; onNote?(text: string): void; once?: boolean },
): Supervised {
  let child: ChildProcess | undefined
  /** As given, but for a free port that was once taken: clients know it by now. */
  let current = orders
  let stopping = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let settle: { resolve(value: { port?: number }): void; reject(error: Error): void } | undefined
  const ready = new Promise<{ port?: number }>((resolve, reject) => {
    settle = { resolve, reject }
  })

  const launch = () => {
    const startedAt = Date.now()
    child = fork(path.join(DIST, file), [JSON.stringify(current)], {
      env: { ...process.env, UV_THREADPOOL_SIZE: THREADS },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--enable-source-maps'],
    })
    child.on('message', (message: ChildReport) => {
      if (message.kind === 'note') hooks.onNote?.(message.text)
      else if (message.kind === 'failed') settle?.reject(new Error(message.text))
      else onReady(message.port)
    })
    child.on('exit', (code, signal) => onExit(startedAt, code, signal))
  }

  const onReady = (port: number | undefined) => {
    if (port !== undefined) current = { ...orders, config: { ...orders.config, port } }
    settle?.resolve(port === undefined ? {} : { port })
  }

  const onExit = (startedAt: number, code: number | null, signal: string | null) => {
    child = undefined
    settle?.reject(new Error(`${file} ended before it was ready (${signal ?? code})`))
    if (stopping || (hooks.once && code === 0)) return
    failures = Date.now() - startedAt > STEADY_MS ? 0 : failures + 1
    const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)]!
    hooks.log.error({ file, code, signal, wait_ms: wait }, 'process ended; starting it again')
    hooks.onRestart()
    timer = setTimeout(launch, wait)
  }

  launch()
  const send = (message: SupervisorMessage) => {
    if (child?.connected) child.send(message)
  }
  return { ready, send, pid: () => child?.pid, stop: () => stop() }

  async function stop(): Promise<void> {
    stopping = true
    clearTimeout(timer)
    const running = child
    if (!running) return
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()))
    send('stop')
    const limit = setTimeout(() => running.kill('SIGKILL'), STOP_LIMIT_MS)
    await ended
    clearTimeout(limit)
  }
}
