import { readFileSync } from 'node:fs'

/** Why a query is stopped from outside. */
export type StopReason = 'timeout' | 'cancelled' | 'memory'

/** What a running query looks like to its watch. */
export interface Watched {
  /** May be called again and again: DuckDB forgets an interrupt that comes between two of its own steps. */
  interrupt(reason: StopReason): void
}

export interface WatchOptions {
  /** Anonymous memory of the process at which running queries are interrupted; at twice that the process is given up. */
  readonly memory_max_bytes: number
  /** How long an interrupted query may go on before the process is given up. */
  readonly stuck_ms: number
  /** Called at most once: only ending the process helps now. */
  onStuck(reason: string): void
  /** Bytes in use; undefined where the system does not tell. */
  memoryBytes?(): number | undefined
}

const TICK_MS = 50

/**
 * Watches running queries. Some functions of DuckDB work for minutes, or allocate outside of its memory limit, without
 * ever looking at an interrupt: those can only be ended with their process, which is built to be ended at any time.
 */
export function createWatch(options: WatchOptions) {
  const { memory_max_bytes, stuck_ms, onStuck, memoryBytes = anonymousBytes } = options
  const running = new Map<Watched, { reason?: StopReason; ticks: number }>()
  let timer: NodeJS.Timeout | undefined
  let givenUp = false

  const giveUp = (reason: string) => {
    if (!givenUp) onStuck(reason)
    givenUp = true
  }

  const checkMemory = () => {
    const bytes = memoryBytes() ?? 0
    if (bytes > memory_max_bytes * 2) giveUp(`queries hold ${bytes} bytes`)
    if (bytes <= memory_max_bytes) return
    for (const state of running.values()) state.reason ??= 'memory'
  }

  const tick = () => {
    checkMemory()
    for (const [query, state] of running) {
      if (!state.reason) continue
      state.ticks += 1
      query.interrupt(state.reason)
      if (state.ticks * TICK_MS >= stuck_ms) giveUp('a query does not stop')
    }
  }

  return {
    add(query: Watched): void {
      running.set(query, { ticks: 0 })
      timer ??= setInterval(tick, TICK_MS)
    },
    /** Interrupts now, and on every tick until the query is removed. The first reason stands. */
    stop(query: Watched, reason: StopReason): void {
      const state = running.get(query)
      if (!state) return
      state.reason ??= reason
      query.interrupt(state.reason)
    },
    remove(query: Watched): void {
      running.delete(query)
      if (running.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
}

/** RssAnon on Linux: unlike RSS it leaves out mapped files, which are the system's to drop. */
function anonymousBytes(): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    // No /proc in this container: the limit of DuckDB itself remains.
    return undefined
  }
}
