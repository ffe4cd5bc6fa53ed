import type { Documents } from '../pipeline/documents.ts'
import { DAY_MS, LIVE_DAYS, SEEN_DAYS, SESSION_DAYS } from '../pipeline/project-context.ts'
import type { Workspace } from '../pipeline/project-workspace.ts'
import type { Store, StoreTable } from '../ports.ts'

/** Documents looked at per table and call: a table is gone through bit by bit. */
const LOOKED_AT = 300

/** Deletes documents past keeping, a bounded number a call; where it stands in each table it remembers itself. */
export interface Sweep {
  /** Marks what is to be deleted in the workspace; the caller commits. How many. */
  step(now: number): number
}

/** `dead_letter_days` is the setting of that name; the other tables have fixed times, see project-context.ts. */
export function createSweep(options: {
  store: Pick<Store, 'list'>
  workspace: Workspace
  dead_letter_days: number
}): Sweep {
  const { store, workspace } = options
  const places = new Map<StoreTable, string>()

  function sweepTable<T extends StoreTable>(
    table: T,
    isPast: (document: Documents[T]) => boolean,
  ): number {
    const from = places.get(table) ?? ''
    const page = store.list(table, { from, limit: LOOKED_AT })
    const last = page.at(-1)
    places.set(table, last && page.length === LOOKED_AT ? `${last.key}\u0000` : '')
    let removed = 0
    for (const { key, document } of page) {
      if (!isPast(document as unknown as Documents[T])) continue
      // What has come since the last commit may have made it young again.
      const now = workspace.get(table, key)
      if (!now || !isPast(now)) continue
      workspace.remove(table, key)
      removed++
    }
    return removed
  }

  return {
    step(now) {
      const isoBefore = (days: number) => new Date(now - days * DAY_MS).toISOString()
      const [sessions, minutes] = [isoBefore(SESSION_DAYS), isoBefore(LIVE_DAYS)]
      const letters = isoBefore(options.dead_letter_days)
      const day = Math.floor(now / DAY_MS) - SEEN_DAYS
      return (
        sweepTable('sessions', (session) => lastMoment(session) < sessions) +
        sweepTable('live_minutes', (minute) => minute.minute < minutes) +
        sweepTable('dead_letters', (letter) => letter.received_at < letters) +
        sweepTable('seen', (seen) => seen.day < day)
      )
    },
  }
}

/** A visit that only an order has named has no event of its own. */
function lastMoment(session: Documents['sessions']): string {
  return session.last_at === '' ? (session.cart_at ?? '') : session.last_at
}
