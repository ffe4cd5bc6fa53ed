import { randomInt } from 'node:crypto'
import { ShoplakeError } from '../errors.ts'
import { bookInto, emptyMinute, type MinuteShare, minuteKey } from '../pipeline/ledger-shares.ts'
import type { StoreDocument } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type { BucketStore, Share, ShareWrite } from '../share-ports.ts'

/** How often clients sent events of one type again, all told, with one source and in one minute. */
export interface LateCount {
  readonly source: string
  readonly event_type: EventType
  /** Minutes since 1970 of received_at. */
  readonly minute: number
  readonly events: number
}

/** They are of no bucket in particular. */
const BUCKET = 0
/** Guards grow by up to so much, by chance: no run takes another's write for its own. */
const GUARD_STEP = 2 ** 40

/**
 * Books late duplicates of some minutes: the lake's writer has counted them as rows of the lake. `count` says what there are of these
 * minutes by now, all of them, and that takes the place of what was booked: so it may be done again at any time. Rejects
 * with store_unavailable, also where another run books the same minutes: do it again.
 */
export async function bookLateDuplicates(
  store: BucketStore,
  minutes: readonly number[],
  options: {
    count(): Promise<readonly LateCount[]>
    /** When a minute's counts may be deleted, in milliseconds since 1970. */
    expiresAt(key: string): number | undefined
  },
): Promise<void> {
  const keys = minutes.map(
    (minute) => ({ table: 'lake_duplicates', key: minuteKey(minute) }) as const,
  )
  // Before counting: who counts later writes over this, and never the other way round.
  const held = new Map((await store.load(BUCKET, keys)).map((share) => [share.key, share]))
  const shares = sharesOf(await options.count())
  const writes = keys.flatMap(({ key }) => {
    const document = shares.get(key)
    return document ? writeOf(key, document, held.get(key), options.expiresAt(key)) : []
  })
  if ((await store.save(BUCKET, writes)) === 'saved') return
  throw new ShoplakeError('store_unavailable', 'late duplicates are being booked by another run')
}

function sharesOf(counts: readonly LateCount[]): Map<string, MinuteShare> {
  const shares = new Map<string, MinuteShare>()
  for (const { source, event_type, minute, events } of counts) {
    const key = minuteKey(minute)
    const share = shares.get(key) ?? emptyMinute()
    shares.set(key, share)
    const moved = { in_lake: -events, duplicate_late: events }
    bookInto(share, { source, event_type, minute, counts: moved })
  }
  return shares
}

function writeOf(
  key: string,
  share: MinuteShare,
  held: Share | undefined,
  expires_at: number | undefined,
): ShareWrite {
  return {
    ...{ table: 'lake_duplicates', key, document: share as unknown as StoreDocument },
    sequence: String(Number(held?.sequence ?? 0) + randomInt(1, GUARD_STEP)),
    after: held?.sequence,
    ...(expires_at !== undefined && { expires_at }),
  }
}
