import { bucketOf } from '../pipeline/bucket.ts'
import type { Documents } from '../pipeline/documents.ts'
import { bookInto, emptyMinute, type MinuteShare, minuteKey } from '../pipeline/ledger-shares.ts'
import { shortHash } from '../pipeline/project-seen.ts'
import { noRequests } from '../pipeline/recent-requests.ts'
import type { LedgerDelta, StoreDocument, StoreReader, StoreTable } from '../ports.ts'
import type { BucketTable, Share } from '../share-ports.ts'

/** A share and the bucket that gets it. */
export interface PlacedShare extends Omit<Share, 'sequence'> {
  readonly bucket: number
}

/** Every table of an embedded store. */
export const MOVED_TABLES: readonly StoreTable[] = [
  ...(['orders', 'order_index', 'customers', 'products', 'stock', 'sessions'] as const),
  ...(['live_minutes', 'dead_letters', 'identities', 'tombstones', 'seen'] as const),
]

const PAGE = 500

/**
 * Documents of one table as shares of a distributed store: each in the bucket whose records would have made it, so that what comes
 * later goes on from there. Every bucket must know who was erased, which reviews were counted, and which rows of files were refused.
 */
export async function* movedShares(
  store: StoreReader,
  table: StoreTable,
  buckets: number,
): AsyncGenerator<PlacedShare[]> {
  const places = table === 'seen' ? await stockPlaces(store, buckets) : new Map<string, number>()
  for await (const page of pagesOf(store, table)) {
    yield page.flatMap(({ key, document }) =>
      bucketsFor(table, key, document, { buckets, places }).flatMap((bucket) =>
        sharesOf(table, key, document, bucket),
      ),
    )
  }
}

async function* pagesOf(store: StoreReader, table: StoreTable) {
  let from = ''
  for (;;) {
    const page = await store.list(table, { from, limit: PAGE })
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    from = `${page.at(-1)!.key}\u0000`
  }
}

function bucketsFor(
  table: StoreTable,
  key: string,
  document: StoreDocument,
  { buckets, places }: { buckets: number; places: ReadonlyMap<string, number> },
): number[] {
  const own = (text: unknown) => [bucketOf(String(text), buckets)]
  switch (table) {
    case 'order_index':
      return own((document as unknown as Documents['order_index']).order_id)
    case 'stock':
      return own((document as unknown as Documents['stock']).product_id)
    case 'tombstones':
      return everyBucket(buckets)
    case 'seen': {
      const place = places.get(key.split('/')[0]!)
      return place === undefined ? everyBucket(buckets) : [place]
    }
    default:
      return own(key)
  }
}

function everyBucket(buckets: number): number[] {
  return Array.from({ length: buckets }, (_, bucket) => bucket)
}

function sharesOf(
  table: StoreTable,
  key: string,
  document: StoreDocument,
  bucket: number,
): PlacedShare[] {
  const share = { table, key, document, bucket }
  if (table !== 'tombstones') return [share]
  const { erased_id, requested_at } = document as unknown as Documents['tombstones']
  // The lake's writer has its own memory of who was erased.
  const known = { erased_id, requested_at: Date.parse(requested_at) }
  return [share, { table: 'lake_tombstones', key, document: known, bucket }]
}

/** By the first part of a key of `seen`: the bucket of the stock's product. */
async function stockPlaces(store: StoreReader, buckets: number): Promise<Map<string, number>> {
  const places = new Map<string, number>()
  for await (const page of pagesOf(store, 'stock')) {
    for (const { key, document } of page) {
      const { product_id } = document as unknown as Documents['stock']
      places.set(shortHash(key), bucketOf(product_id, buckets))
    }
  }
  return places
}

/** The counts of both consumers by minute; all in the first bucket, since readers add buckets up. */
export function movedLedger(
  deltas: readonly LedgerDelta[],
  table: Extract<BucketTable, 'ledger' | 'lake_ledger'>,
): PlacedShare[] {
  const minutes = new Map<string, MinuteShare>()
  for (const delta of deltas) {
    const key = minuteKey(delta.minute)
    const share = minutes.get(key) ?? emptyMinute()
    bookInto(share, delta)
    minutes.set(key, share)
  }
  return [...minutes].map(([key, share]) => ({
    ...{ table, key, bucket: 0 },
    document: share as unknown as StoreDocument,
  }))
}

/** A beginning for both consumers: what was counted before it is not ahead of it. */
export function movedCheckpoints(buckets: number): PlacedShare[] {
  const document = noRequests() as unknown as StoreDocument
  return everyBucket(buckets).flatMap((bucket) => [
    { table: 'checkpoint', key: 'store', document, bucket },
    { table: 'lake_checkpoint', key: 'lake', document, bucket },
  ])
}
