import { type FoldWorkspace, type KnownShares, shareName } from '../pipeline/fold-workspace.ts'
import { mergeShares } from '../pipeline/merge-shares.ts'
import type { StoreDocument } from '../ports.ts'
import type { BucketStore, BucketTable, Share, ShareWrite } from '../share-ports.ts'

/** A record as an event source hands it over. Sequences are text that grows when compared as text. */
export interface BucketRecord {
  readonly bucket: number
  readonly sequence: string
  readonly data: Uint8Array
}

/** Shares of one bucket, as far as they were loaded. */
export interface LoadedShares extends KnownShares {
  load(keys: readonly Pick<Share, 'table' | 'key'>[]): Promise<void>
  /** Loads what a workspace lacked; whether it lacked anything. */
  loadMissing(workspace: FoldWorkspace): Promise<boolean>
  get(table: BucketTable, key: string): Share | undefined
}

export function createLoadedShares(store: BucketStore, bucket: number): LoadedShares {
  const loaded = new Map<string, Share | null>()
  const scanned = new Set<string>()

  async function load(keys: readonly Pick<Share, 'table' | 'key'>[]): Promise<void> {
    const unknown = keys.filter(({ table, key }) => !loaded.has(shareName(table, key)))
    if (unknown.length === 0) return
    for (const { table, key } of unknown) loaded.set(shareName(table, key), null)
    keep(await store.load(bucket, unknown))
  }

  function keep(shares: readonly Share[]): void {
    for (const share of shares) loaded.set(shareName(share.table, share.key), share)
  }

  /** A dead letter lies in the bucket of its own request, what replays it in others. */
  async function loadLetters(keys: readonly Pick<Share, 'table' | 'key'>[]): Promise<void> {
    const sought = keys.filter(({ table, key }) => !loaded.get(shareName(table, key)))
    if (sought.length === 0) return
    const copies = new Map<string, StoreDocument[]>()
    for (let other = 0; other < store.buckets; other++) {
      if (other === bucket) continue
      for (const { key, document } of await store.load(other, sought)) {
        if (document) copies.set(key, [...(copies.get(key) ?? []), document])
      }
    }
    for (const [key, found] of copies) {
      const document = mergeShares('dead_letters', found, store.buckets) ?? null
      // Without a guard of this bucket: it is copied, not changed.
      keep([{ table: 'dead_letters', key, document, sequence: '' }])
    }
  }

  return {
    loaded,
    scanned,
    load,
    get: (table, key) => loaded.get(shareName(table, key)) ?? undefined,
    async loadMissing(workspace) {
      const { keys, scans } = workspace.missing()
      await load(keys)
      await loadLetters(keys.filter(({ table, read }) => read && table === 'dead_letters'))
      for (const { table, prefix } of scans) {
        keep(await store.scan(bucket, table, prefix))
        scanned.add(shareName(table, prefix))
      }
      return keys.length + scans.length > 0
    },
  }
}

/** Records by bucket, each in order of sequence, once each: an event source may hand one over twice in a batch. */
export function byBucket(records: readonly BucketRecord[]): Map<number, BucketRecord[]> {
  const buckets = new Map<number, BucketRecord[]>()
  const sorted = [...records].sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
  for (const record of sorted) {
    const group = buckets.get(record.bucket)
    if (!group) buckets.set(record.bucket, [record])
    else if (group.at(-1)!.sequence !== record.sequence) group.push(record)
  }
  return buckets
}

/**
 * Saves shares in stages: `stageOf` puts what others are computed from behind them. Whoever comes again after a crash between two
 * finds either the old source, and computes the same again for shares that then leave it aside, or the new one, with nothing
 * left to do.
 */
export async function saveInStages(
  store: BucketStore,
  bucket: number,
  writes: readonly ShareWrite[],
  stageOf: (write: ShareWrite) => number,
): Promise<'saved' | 'moved'> {
  const stages: ShareWrite[][] = []
  for (const write of writes) {
    const stage = stageOf(write)
    stages[stage] ??= []
    stages[stage].push(write)
  }
  for (const stage of stages) {
    if (stage && (await store.save(bucket, stage)) === 'moved') return 'moved'
  }
  return 'saved'
}
