import type { Positions } from '../ports.ts'
import { lagBehind } from './lag.ts'

/** Those who wait until positions are committed. */
export interface Waiters {
  until(target: Positions): Promise<void>
  any(): boolean
  /** Resolves those whose target is reached. */
  answer(committed: Positions): void
  /** Rejects all that are left. */
  reject(error: Error): void
}

export function createWaiters(): Waiters {
  let waiting: { target: Positions; resolve(): void; reject(error: Error): void }[] = []
  return {
    until: (target) => new Promise((resolve, reject) => waiting.push({ target, resolve, reject })),
    any: () => waiting.length > 0,
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
