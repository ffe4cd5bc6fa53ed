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
