import type { FoldWorkspace } from '../pipeline/fold-workspace.ts'
import { browsersHash } from '../pipeline/tombstone-record.ts'
import type { StoreDocument, Tombstone } from '../ports.ts'
import type { BucketReader, BucketStore, Share } from '../share-ports.ts'

/** What of a person is to be erased in rows that were written already. The ids stand here until that is done, and no longer. */
interface LakeErasure {
  readonly erased_id: string
  /** Milliseconds since 1970. */
  readonly requested_at: number
  readonly customer_id?: string
  readonly anonymous_ids?: readonly string[]
  /** Milliseconds since 1970; absent until it is done. */
  done_at?: number
}

/** A part of a person of whom no bucket has a row on its way any more. */
export interface WaitingErasure {
  readonly customer_id: string
  readonly anonymous_ids: readonly string[]
  readonly erased_id: string
  /** Every bucket's word of it. */
  readonly shares: readonly { readonly bucket: number; readonly share: Share }[]
}

/** Browsers in one share: one document, and one statement, have room for so many. */
const IDS_AT_ONCE = 200

/** Notes, in the bucket that is being written, whom to erase from what the bucket has written before; anew where it is asked for again. */
export function noteErasure(
  { customer_id, anonymous_ids, erased_id, requested_at }: Tombstone,
  workspace: FoldWorkspace,
): void {
  for (let at = 0; at === 0 || at < anonymous_ids.length; at += IDS_AT_ONCE) {
    const ids = anonymous_ids.slice(at, at + IDS_AT_ONCE)
    // Further browsers of the same person come by a tombstone of their own.
    const key = `${erased_id}/${browsersHash(ids)}`
    const asked: LakeErasure = { erased_id, requested_at, customer_id, anonymous_ids: ids }
    const noted = workspace.editShare('lake_erasures', key, () => ({ ...asked }))
    if (noted.requested_at >= requested_at) continue
    delete noted.done_at
    Object.assign(noted, asked)
  }
}

/**
 * What every bucket has noted, the same request, and nobody has done to the end. Rows of these people that were sent before are in the
 * lake by then; what comes later is written without them.
 */
export async function waitingErasures(store: BucketStore): Promise<WaitingErasure[]> {
  const noted = new Map<string, { bucket: number; share: Share }[]>()
  for (let bucket = 0; bucket < store.buckets; bucket++) {
    for (const share of await store.scan(bucket, 'lake_erasures', '')) {
      noted.set(share.key, [...(noted.get(share.key) ?? []), { bucket, share }])
    }
  }
  return [...noted.values()].flatMap((shares) => {
    const erasures = shares.flatMap(({ share }) => erasureOf(share) ?? [])
    const requests = new Set(erasures.map(({ requested_at }) => requested_at))
    if (erasures.length < store.buckets || requests.size > 1) return []
    const waiting = erasures.find(({ done_at }) => done_at === undefined)
    if (waiting?.customer_id === undefined) return []
    const { customer_id, anonymous_ids = [], erased_id } = waiting
    return [{ customer_id, anonymous_ids, erased_id, shares }]
  })
}

/** Forgets the ids. Rejects with store_unavailable; done again it changes nothing. */
export async function markErased(
  store: BucketStore,
  { shares }: WaitingErasure,
  done_at: number,
): Promise<void> {
  for (const { bucket, share } of shares) {
    const { erased_id, requested_at } = erasureOf(share)!
    const document = { erased_id, requested_at, done_at }
    await store.save(bucket, [{ ...share, document, after: share.sequence }])
  }
}

/** How far the lake is with an erasure; undefined where no bucket has met the request made at `requested_at`, or a later one. */
export async function erasureState(
  reader: Pick<BucketReader, 'shares'>,
  erased_id: string,
  requested_at: number,
): Promise<'pending' | 'done' | undefined> {
  // What follows a slash in order is 0: all keys that begin with the id and a slash.
  const shares = await reader.shares('lake_erasures', {
    from: `${erased_id}/`,
    to: `${erased_id}0`,
  })
  const noted = shares.flatMap((share) => erasureOf(share) ?? [])
  if (!noted.some((erasure) => erasure.requested_at >= requested_at)) return undefined
  return noted.every(({ done_at }) => done_at !== undefined) ? 'done' : 'pending'
}

function erasureOf({ document }: { document: StoreDocument | null }): LakeErasure | undefined {
  return (document ?? undefined) as LakeErasure | undefined
}
