import type { Config } from '../config.ts'
import { createLiveMemory } from '../pipeline/live-memory.ts'
import { type LiveShare, recallVisits } from '../pipeline/live-share.ts'
import type { LiveNow } from '../ports.ts'
import type { BucketReader } from '../share-ports.ts'

/** Today and yesterday in any zone. */
const MINUTES_MS = 52 * 3_600_000
/** Minutes that may still change are read each time, the others now and then. */
const FRESH_MS = 70 * 60_000
const WHOLE_MS = 10 * 60_000
/** Questions within it share an answer: a console asks every second or two. */
const SHARED_MS = 2000
const MINUTES_LIMIT = 5000

/** What is going on right now, from the store: as fresh as the store updater's last batch. */
export function liveOver(reader: BucketReader, config: Config, now: () => number) {
  const shop = { currency: config.shop_currency, time_zone: config.shop_time_zone }
  const minutes = createLiveMemory(shop)
  let wholeAt = Number.NEGATIVE_INFINITY
  let last: { at: number; answer: Promise<LiveNow> } | undefined

  async function look(at: number): Promise<LiveNow> {
    const isWhole = Math.abs(at - wholeAt) >= WHOLE_MS
    const from = new Date(at - (isWhole ? MINUTES_MS : FRESH_MS)).toISOString().slice(0, 16)
    const [found, shares] = await Promise.all([
      reader.list('live_minutes', { from, limit: MINUTES_LIMIT }),
      reader.shares('live', {}),
    ])
    if (isWhole) wholeAt = at
    for (const { key, document } of found) minutes.minute(key, document)
    const visits = createLiveMemory(shop)
    for (const { document } of shares) {
      if (document) recallVisits(document as unknown as LiveShare, visits)
    }
    const { visitors, open_carts, open_cart_value } = visits.now(at)
    return { ...minutes.now(at), visitors, open_carts, open_cart_value }
  }

  return (): Promise<LiveNow> => {
    const at = now()
    if (!last || Math.abs(at - last.at) >= SHARED_MS) {
      const answer = look(at)
      last = { at, answer }
      answer.catch(() => {
        last = undefined
      })
    }
    return last.answer
  }
}
