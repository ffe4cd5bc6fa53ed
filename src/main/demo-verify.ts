import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from './client.ts'
import type { Figure } from './figure.ts'

/** What one look at the server found. */
export interface Findings {
  readonly figures: readonly Figure[]
  /** Whether store and lake had handled all that came; figures that differ before that say nothing. */
  readonly settled: boolean
}

/** The figures as they were found last, or why there are none. */
export type Verification = { readonly figures: readonly Figure[] } | { readonly failure: string }

export interface Patience {
  /** So long it is tried again; five minutes unless given. */
  readonly patience_ms?: number
  /** Before the second, third, … try; the last one holds from then on. */
  readonly pauses_ms?: readonly number[]
  /** Whether there is still somebody who wants to know. */
  isRunning(): boolean
}

const PATIENCE_MS = 300_000
const PAUSES_MS = [1000, 2000, 5000, 10_000, 20_000]
const TICK_MS = 250

/**
 * Looks until all figures are equal, or differ though everything has settled; again while a look fails, as on a machine
 * with so much to do that queries are turned away or reach their time limit. Never rejects: undefined when nobody wants to
 * know any more.
 */
export async function verifyPatiently(
  look: () => Promise<Findings>,
  { patience_ms = PATIENCE_MS, pauses_ms = PAUSES_MS, isRunning }: Patience,
): Promise<Verification | undefined> {
  const deadline = performance.now() + patience_ms
  for (let tries = 1; ; tries++) {
    const { verification, isFinal } = await verdictOf(look)
    if (!isRunning()) return undefined
    if (isFinal || performance.now() >= deadline) return verification
    await rest(pauses_ms[Math.min(tries, pauses_ms.length) - 1] ?? TICK_MS, isRunning)
  }
}

async function verdictOf(
  look: () => Promise<Findings>,
): Promise<{ verification: Verification; isFinal: boolean }> {
  try {
    const { figures, settled } = await look()
    return {
      verification: { figures },
      isFinal: settled || figures.every((figure) => figure.equal),
    }
  } catch (error) {
    return { verification: { failure: messageOf(error) }, isFinal: false }
  }
}

/** Ends early with whoever waits: a stop is not to wait for the next try. */
async function rest(pause_ms: number, isRunning: () => boolean): Promise<void> {
  const end = performance.now() + pause_ms
  for (let left = pause_ms; left > 0 && isRunning(); left = end - performance.now()) {
    await sleep(Math.min(left, TICK_MS))
  }
}
