import { ShoplakeError } from '../errors.ts'

/** Places for queries that run at once, first come first served, and a bounded queue before them. */
export interface Slots {
  /**
   * Resolves with the function that frees the place again. Rejects with sql_busy when the queue is full, or with
   * sql_cancelled when the signal fires first.
   */
  take(signal: AbortSignal): Promise<() => void>
  readonly taken: number
  readonly waiting: number
}

export function createSlots(places: number, queue: number): Slots {
  let taken = 0
  const waiting = new Set<() => void>()

  const free = () => {
    const [next] = waiting
    taken -= 1
    if (next) next()
  }

  const occupy = (): (() => void) => {
    taken += 1
    let held = true
    return () => {
      if (held) free()
      held = false
    }
  }

  const wait = (signal: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter)
        reject(cancelled())
      }
      const enter = () => {
        waiting.delete(enter)
        signal.removeEventListener('abort', leave)
        resolve(occupy())
      }
      waiting.add(enter)
      signal.addEventListener('abort', leave, { once: true })
    })

  return {
    async take(signal) {
      if (signal.aborted) throw cancelled()
      if (taken < places) return occupy()
      if (waiting.size >= queue) {
        throw new ShoplakeError('sql_busy', `${places} queries run and ${queue} wait; try again.`, {
          retryAfterS: 2,
        })
      }
      return wait(signal)
    },
    get taken() {
      return taken
    },
    get waiting() {
      return waiting.size
    },
  }
}

function cancelled(): ShoplakeError {
  return new ShoplakeError('sql_cancelled', 'The query was cancelled while it waited.')
}
