import { setTimeout as sleep } from 'node:timers/promises'
import { ShoplakeError } from '../errors.ts'
import type { Positions, Store, Stream } from '../ports.ts'

const LOOK_MS = 20
const PATIENCE_MS = 10_000

/** Waits until the store has handled all records up to `heads`. Throws store_unavailable, retryable, after ten seconds. */
export async function untilStoreHas(
  parts: { readonly store: Pick<Store, 'checkpoint'> },
  heads: ReturnType<Stream['heads']>,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!hasPassed(parts.store.checkpoint(), heads)) {
    if (performance.now() > end) {
      throw new ShoplakeError('store_unavailable', 'the store is behind; try again in a while', {
        retryAfterS: 10,
      })
    }
    await sleep(LOOK_MS)
  }
}

function hasPassed(positions: Positions, heads: Positions): boolean {
  return heads.every((head, bucket) => (positions[bucket] ?? 0) >= head)
}
