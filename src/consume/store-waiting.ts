import type { Positions } from '../ports.ts'

/** Sleep of a loop that can be woken. */
export interface Alarm {
  /** Ends after `ms`, at `stop`, and at `wake` where `wakeable`; at once when woken since `arm`. */
  sleep(ms: number, wakeable: boolean): Promise<void>
  wake(): void
  /** From here on a `wake` is remembered until the next wakeable sleep. */
  arm(): void
  /** Ends every sleep from now on. */
  stop(): void
}

export function createAlarm(): Alarm {
  let woken = false
  let stopped = false
  let end: ((wakeableOnly: boolean) => void) | undefined
  return {
    async sleep(ms, wakeable) {
      if (ms <= 0 || stopped || (wakeable && woken)) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        end = (wakeableOnly) => {
          if (wakeableOnly && !wakeable) return
          clearTimeout(timer)
          resolve()
        }
      })
      end = undefined
    },
    wake() {
      woken = true
      end?.(true)
    },
    arm() {
      woken = false
    },
    stop() {
      stopped = true
      end?.(false)
    },
  }
}

/** Those who wait until positions are committed. */
export interface Waiters {
  until(target: Positions): Promise<void>
  /** Resolves those whose target is reached. */
  answer(committed: Positions): void
  /** Rejects all that are left. */
  reject(error: Error): void
}

export function createWaiters(): Waiters {
  let waiting: { target: Positions; resolve(): void; reject(error: Error): void }[] = []
  return {
    until: (target) => new Promise((resolve, reject) => waiting.push({ target, resolve, reject })),
    answer(committed) {
      const done = waiting.filter(({ target }) => lagBehind(target, committed) === 0)
      waiting = waiting.filter((waiter) => !done.includes(waiter))
      for (const waiter of done) waiter.resolve()
    },
    reject(error) {
      for (const waiter of waiting) waiter.reject(error)
      waiting = []
    },
  }
}

/** Records between positions and the heads they run after. */
export function lagBehind(heads: Positions, positions: Positions): number {
  let records = 0
  for (const [bucket, head] of heads.entries()) {
    records += Math.max(0, head - (positions[bucket] ?? 0))
  }
  return records
}
