import { mergeShares } from '../src/pipeline/merge-shares.ts'
import type { StoreDocument, StoreTable } from '../src/ports.ts'
import type { BucketStore, BucketTable, Share } from '../src/share-ports.ts'

/** A bucket store in memory, for histories of faults in their hundreds. */
export interface MemoryBucketStore extends BucketStore {
  /** Writes that go through from now on; the next one after them rejects, as when a function is killed. */
  crashAfter: number
  /** Bytes of JSON that there is room for in a share. */
  roomBytes: number
  /** Every document, as readers see it, by key. */
  dump(table: StoreTable): { [key: string]: StoreDocument }
  shares(table: BucketTable): Share[]
}

export function createMemoryBucketStore(buckets: number): MemoryBucketStore {
  const held = new Map<string, Share & { bucket: number }>()
  const nameOf = (bucket: number, table: string, key: string) =>
    JSON.stringify([bucket, table, key])
  const store: MemoryBucketStore = {
    buckets,
    roomBytes: Number.POSITIVE_INFINITY,
    fits: ({ document }) => JSON.stringify(document).length <= store.roomBytes,
    crashAfter: Number.POSITIVE_INFINITY,
    async load(bucket, keys) {
      return keys.flatMap(({ table, key }) =>
        structuredClone(held.get(nameOf(bucket, table, key)) ?? []),
      )
    },
    async scan(bucket, table, prefix, limit) {
      const found = [...held.values()].filter(
        (share) => share.bucket === bucket && share.table === table && share.key.startsWith(prefix),
      )
      return structuredClone(found.slice(0, limit))
    },
    async save(bucket, writes) {
      let moved = false
      for (const { after, expires_at: _, renewed: __, ...share } of writes) {
        if (store.crashAfter-- <= 0) throw new Error('killed')
        const name = nameOf(bucket, share.table, share.key)
        if (held.get(name)?.sequence !== after) moved = true
        else held.set(name, JSON.parse(JSON.stringify({ ...share, bucket })))
      }
      return moved ? 'moved' : 'saved'
    },
    dump(table) {
      const byKey = new Map<string, StoreDocument[]>()
      for (const share of [...held.values()].sort((a, b) => a.bucket - b.bucket)) {
        if (share.table !== table || !share.document) continue
        byKey.set(share.key, [...(byKey.get(share.key) ?? []), share.document])
      }
      const merged = [...byKey].map(
        ([key, all]) => [key, mergeShares(table, all, buckets)] as const,
      )
      return Object.fromEntries(merged.flatMap(([key, one]) => (one ? [[key, one]] : [])))
    },
    shares: (table) => [...held.values()].filter((share) => share.table === table),
  }
  return store
}
