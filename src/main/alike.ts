import { ShoplakeError } from '../errors.ts'
import type { Positions } from '../ports.ts'

/** Throws lake_unavailable where lake and store have not handled the same records. */
export function refuseUnlike(store: Positions, lakes: readonly Positions[]): void {
  const alike = lakes.every((lake) => store.every((position, bucket) => lake[bucket] === position))
  if (alike) return
  throw new ShoplakeError(
    'lake_unavailable',
    'lake and store have not handled the same records; start the server, wait until `shoplake status` shows nothing pending, stop it and try again',
  )
}
