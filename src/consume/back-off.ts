import { ShoplakeError } from '../errors.ts'

/** Tries what may fail for a while again, with growing pauses. */
export interface BackOff {
  /** Tries until it succeeds; gives the last error up when `gaveUp`. */
  until<T>(work: () => Promise<T>, gaveUp: () => boolean): Promise<T>
  /** Tries once; on failure waits and returns undefined, longer each time in a row. */
  once<T>(work: () => Promise<T>): Promise<T | undefined>
  /** Ends the pause that is being waited; there are no more from here on. */
  stop(): void
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 5000

/** `failed` is told of each error before the pause. */
export function createBackOff(failed: (error: unknown) => void): BackOff {
  let failures = 0
  let end: (() => void) | undefined
  let stopped = false

  async function pause(error: unknown): Promise<void> {
    failed(error)
    if (stopped) return
    const pause_ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause_ms)
      end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    end = undefined
  }

  return {
    async until(work, gaveUp) {
      for (;;) {
        try {
          const result = await work()
          failures = 0
          return result
        } catch (error) {
          if (gaveUp()) throw error
          await pause(error)
        }
      }
    },
    async once(work) {
      try {
        const result = await work()
        failures = 0
        return result
      } catch (error) {
        await pause(error)
        return undefined
      }
    },
    stop() {
      stopped = true
      end?.()
    },
  }
}

/** The error's code as metrics carry it: a bounded set. */
export function codeOf(error: unknown): string {
  return error instanceof ShoplakeError ? error.code : 'internal'
}
