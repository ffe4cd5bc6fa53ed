import { setImmediate as nextTurn } from 'node:timers/promises'

/** Longest stretch without giving the event loop back: what an answer may have to wait for it. */
const SLICE_MS = 8

/** Long work in slices: gives the event loop back when a stretch has lasted too long. */
export interface Pace {
  /** To be called between pieces that take less than a millisecond. */
  rest(): Promise<void>
}

export function createPace(): Pace {
  let since = performance.now()
  return {
    async rest() {
      if (performance.now() - since < SLICE_MS) return
      await nextTurn()
      since = performance.now()
    },
  }
}
