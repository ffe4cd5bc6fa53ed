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
/**
 * Of visitors and of carts, as JSON: together well below the 400 KB of an item that a distributed store may hold, also where nothing can
 * be compressed. Beyond it the live view of a bucket is rather incomplete than large.
 */
const MOST_BYTES = 180_000
/** Left when there were too many, so that the next look is some thousand events away. */
const LEFT_BYTES = 140_000

function emptyShare(): LiveShare {
  return { visitors: {}, carts: {} }
}

/** A share as it is being changed, with what its parts take. */
interface OpenShare {
  readonly share: LiveShare
  readonly visitors: Part<string>
  readonly carts: Part<LiveShare['carts'][string]>
}

/** Notes what projections tell of visits in the bucket's share. */
export function watchVisits(workspace: FoldWorkspace): VisitWatch {
  let last: OpenShare | undefined
  const open = (): OpenShare => {
    const share = workspace.editShare<LiveShare>('live', LIVE_KEY, emptyShare)
    if (last?.share !== share) {
      const visitors = createPart(share.visitors, (at) => at)
      last = { share, visitors, carts: createPart(share.carts, (cart) => cart.at) }
    }
    return last
  }
  return {
    visitor({ session_id: visit }, at) {
      const { share, visitors } = open()
      const held = share.visitors[visit]
      if (held === undefined || held < at) visitors.set(visit, at)
    },
    cart(visit, at, value) {
      const { carts } = open()
      if (value === undefined) carts.delete(visit)
      else carts.set(visit, { at, value: String(value) })
    },
    forget(visit) {
      const { visitors, carts } = open()
      visitors.delete(visit)
      carts.delete(visit)
    },
  }
}

/** Visits of a share with a bound: what is past keeping goes first, then the oldest. */
interface Part<V> {
  set(visit: string, value: V): void
  delete(visit: string): void
}

function createPart<V>(visits: { [visit: string]: V }, momentOf: (value: V) => string): Part<V> {
  const bytesOf = (visit: string) =>
    Buffer.byteLength(JSON.stringify({ [visit]: visits[visit] })) - 1
  let bytes = 0
  for (const visit of Object.keys(visits)) bytes += bytesOf(visit)

  function remove(visit: string): void {
    if (visits[visit] === undefined) return
    bytes -= bytesOf(visit)
    delete visits[visit]
  }

  function forgetOld(): void {
    const byAge = Object.entries(visits)
      .map(([visit, value]) => ({ visit, at: momentOf(value) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1))
    const oldest = new Date(Date.parse(byAge.at(-1)!.at) - KEPT_MS).toISOString()
    for (const { visit, at } of byAge) {
      if (at >= oldest && bytes <= LEFT_BYTES) return
      remove(visit)
    }
  }

  return {
    set(visit, value) {
      remove(visit)
      visits[visit] = value
      bytes += bytesOf(visit)
      if (bytes > MOST_BYTES) forgetOld()
    },
    delete: remove,
  }
}

/** Tells a live memory of a bucket's visits. */
export function recallVisits(share: LiveShare, live: LiveMemory): void {
  for (const [session_id, at] of Object.entries(share.visitors)) live.visitor({ session_id }, at)
  for (const [visit, { at, value }] of Object.entries(share.carts))
    live.cart(visit, at, BigInt(value))
}

/**
 * Drops what no live view shows any more, in place. Once a batch: the share is written with each, and paid for by the kilobyte. `at` is
 * milliseconds since 1970.
 */
export function forgetPast({ visitors, carts }: LiveShare, at: number): void {
  const oldest = new Date(at - KEPT_MS).toISOString()
  for (const [visit, seen] of Object.entries(visitors)) if (seen < oldest) delete visitors[visit]
  for (const [visit, cart] of Object.entries(carts)) if (cart.at < oldest) delete carts[visit]
}
