import type { FoldWorkspace } from './fold-workspace.ts'
import type { LiveMemory, VisitWatch } from './live-memory.ts'

/** A bucket's visits of the last minutes, for the live view. `value` in ten-thousandths, as text. */
export interface LiveShare {
  /** By visit: the moment of its last event. */
  visitors: { [visit: string]: string }
  carts: { [visit: string]: { at: string; value: string } }
}

export const LIVE_KEY = 'visits'
/** Carts are shown for ten minutes. */
const KEPT_MS = 10 * 60_000
/** Beyond it the live view of a bucket is rather incomplete than large. */
const VISITS_LIMIT = 3000

function emptyShare(): LiveShare {
  return { visitors: {}, carts: {} }
}

/** Notes what projections tell of visits in the bucket's share. */
export function watchVisits(workspace: FoldWorkspace): VisitWatch {
  const open = () => workspace.editShare<LiveShare>('live', LIVE_KEY, emptyShare)
  return {
    visitor(visit, at) {
      const { visitors } = open()
      const held = visitors[visit]
      if (held === undefined || held < at) visitors[visit] = at
      forgetOld(visitors, (seen) => seen)
    },
    cart(visit, at, value) {
      const { carts } = open()
      if (value === undefined) delete carts[visit]
      else carts[visit] = { at, value: String(value) }
      forgetOld(carts, (cart) => cart.at)
    },
    forget(visit) {
      const share = open()
      delete share.visitors[visit]
      delete share.carts[visit]
    },
  }
}

/** Looks through all only where there are many: old ones are few otherwise, and readers leave them out. */
function forgetOld<V>(visits: { [visit: string]: V }, momentOf: (value: V) => string): void {
  const names = Object.keys(visits)
  if (names.length <= VISITS_LIMIT) return
  const latest = names
    .map((name) => momentOf(visits[name]!))
    .sort()
    .at(-1)!
  const oldest = new Date(Date.parse(latest) - KEPT_MS).toISOString()
  for (const name of names) if (momentOf(visits[name]!) < oldest) delete visits[name]
  for (const name of Object.keys(visits).slice(0, -VISITS_LIMIT)) delete visits[name]
}

/** Tells a live memory of a bucket's visits. */
export function recallVisits(share: LiveShare, live: LiveMemory): void {
  for (const [visit, at] of Object.entries(share.visitors)) live.visitor(visit, at)
  for (const [visit, { at, value }] of Object.entries(share.carts))
    live.cart(visit, at, BigInt(value))
}
