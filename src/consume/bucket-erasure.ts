import { tombstoneKey } from '../pipeline/erase.ts'
import type { FoldWorkspace } from '../pipeline/fold-workspace.ts'
import type { Tombstone } from '../ports.ts'
import type { BucketStore } from '../share-ports.ts'
import type { LoadedShares } from './bucket-shares.ts'

/** What the lake's writer remembers of an erased person, under keyed hashes of their ids. */
interface LakeTombstone {
  readonly erased_id: string
  /** Milliseconds since 1970. */
  readonly requested_at: number
}

type Named = { readonly customer_id?: unknown; readonly anonymous_id?: unknown }

/** Keeps who was erased, for rows of this bucket that come later, also in other batches. The first tombstone of an id stands. */
export function keepTombstone(
  { customer_id, anonymous_ids, erased_id, requested_at }: Tombstone,
  secret: Uint8Array,
  workspace: FoldWorkspace,
): void {
  const keys = [
    tombstoneKey(secret, 'customer', customer_id),
    ...anonymous_ids.map((id) => tombstoneKey(secret, 'anonymous', id)),
  ]
  for (const key of keys) {
    workspace.editShare<LakeTombstone>('lake_tombstones', key, () => ({ erased_id, requested_at }))
  }
}

/**
 * Who of the rows' people was erased, by tombstones of earlier batches and those that the workspace holds by now: the erased_id
 * that takes the place of a customer_id. A bucket without any tombstone is asked once and no more.
 */
export async function loadErasure(
  store: BucketStore,
  bucket: number,
  shares: LoadedShares,
  options: { secret: Uint8Array; rows: readonly Named[]; tombstones: readonly Tombstone[] },
): Promise<(row: Named) => string | undefined> {
  const { secret, rows, tombstones } = options
  const any =
    tombstones.length > 0 || (await store.scan(bucket, 'lake_tombstones', '', 1)).length > 0
  if (!any) return () => undefined
  const known = new Map<string, string | undefined>()
  for (const row of rows) for (const id of idsOf(row)) known.set(id, undefined)
  const keyOf = (id: string) => keyOfId(secret, id)
  const keys = [...known.keys()].map((id) => ({
    table: 'lake_tombstones' as const,
    key: keyOf(id),
  }))
  await shares.load(keys)
  const now = new Map<string, string>(
    tombstones.flatMap(({ customer_id, anonymous_ids, erased_id }) => [
      [`customer:${customer_id}`, erased_id] as const,
      ...anonymous_ids.map((id) => [`anonymous:${id}`, erased_id] as const),
    ]),
  )
  for (const id of known.keys()) {
    const held = shares.get('lake_tombstones', keyOf(id))?.document as
      | LakeTombstone
      | null
      | undefined
    known.set(id, held?.erased_id ?? now.get(id))
  }
  return (row) =>
    idsOf(row).reduce<string | undefined>((found, id) => found ?? known.get(id), undefined)
}

function idsOf({ customer_id, anonymous_id }: Named): string[] {
  return [
    ...(typeof customer_id === 'string' ? [`customer:${customer_id}`] : []),
    ...(typeof anonymous_id === 'string' ? [`anonymous:${anonymous_id}`] : []),
  ]
}

function keyOfId(secret: Uint8Array, id: string): string {
  const [kind, ...rest] = id.split(':')
  return tombstoneKey(secret, kind as 'customer' | 'anonymous', rest.join(':'))
}
