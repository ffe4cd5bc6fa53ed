import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { type Metrics, NO_METRICS } from '../metrics.ts'
import { createPace } from '../pace.ts'
import { createErasure } from '../pipeline/erase.ts'
import { createFoldWorkspace, type FoldWorkspace } from '../pipeline/fold-workspace.ts'
import { bookInto, emptyMinute, minuteKey } from '../pipeline/ledger-shares.ts'
import { forgetPast, type LiveShare, watchVisits } from '../pipeline/live-share.ts'
import { buryBrowsers } from '../pipeline/project-tombstone.ts'
import { noRequests, seenBefore } from '../pipeline/recent-requests.ts'
import { decodeHeader, type RecordHeader } from '../pipeline/record.ts'
import type { Tombstone } from '../ports.ts'
import type { BucketStore, BucketTable, ShareWrite } from '../share-ports.ts'
import {
  type BucketRecord,
  byBucket,
  createLoadedShares,
  type LoadedShares,
  saveInStages,
} from './bucket-shares.ts'
import { createExpiry } from './share-expiry.ts'
import { createStoreCounts } from './store-counts.ts'
import { projectContext } from './store-projector.ts'
import { PoisonedRecord, projectRecord, type RecordContext } from './store-record.ts'

/** The store updater of a home whose consumers are handed their records, in batches that may come again, cut anew. */
export interface BucketUpdater {
  /**
   * Takes records of any buckets. Resolves when all that follows from them is stored; rejects with store_unavailable: hand them
   * over again. A record that was taken before changes nothing.
   */
  take(records: readonly BucketRecord[]): Promise<void>
}

export interface BucketUpdaterOptions {
  readonly store: BucketStore
  readonly config: Config
  readonly secret: Uint8Array
  readonly metrics: Metrics
  /** Appends the tombstone to every bucket of the stream; that it is there twice does not matter. Rejects with stream_unavailable. */
  erase(tombstone: Tombstone): Promise<void>
  /** Milliseconds since 1970. */
  now(): number
}

/** Another run of the same bucket ends soon: its function was stopped by a time limit. */
const TRIES = 5
/** Each round loads what the one before asked for; a projection asks two or three deep. */
const ROUNDS = 30

const CHECKPOINT = { table: 'checkpoint', key: 'store' } as const

export function createBucketUpdater(options: BucketUpdaterOptions): BucketUpdater {
  async function takeBucket(bucket: number, records: readonly BucketRecord[]): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if ((await tryBucket(options, bucket, records)) === 'saved') return
    }
    throw new ShoplakeError('store_unavailable', `bucket ${bucket} is being written by another run`)
  }
  return {
    async take(records) {
      for (const [bucket, group] of byBucket(records)) await takeBucket(bucket, group)
    },
  }
}

async function tryBucket(
  options: BucketUpdaterOptions,
  bucket: number,
  records: readonly BucketRecord[],
): Promise<'saved' | 'moved'> {
  const { store } = options
  const shares = createLoadedShares(store, bucket)
  await shares.load([CHECKPOINT])
  const reached = shares.get(CHECKPOINT.table, CHECKPOINT.key)?.sequence ?? ''
  const fresh = records.filter(({ sequence }) => sequence > reached)
  if (fresh.length === 0) return 'saved'
  const erasures = (await store.scan(bucket, 'tombstones', '', 1)).length > 0
  const { workspace, found } = await fold(options, shares, fresh, erasures)
  // Only this bucket knows of these browsers. Before it is saved: once it is, nothing here tells of them any more.
  for (const tombstone of byPerson(found)) await options.erase(tombstone)
  return saveInStages(store, bucket, workspace.writes(), stageOf)
}

/** One tombstone a person: consumers look through all of a bucket for each. */
function byPerson(found: readonly Tombstone[]): Iterable<Tombstone> {
  const people = new Map<string, Tombstone>()
  for (const tombstone of found) {
    const { erased_id, anonymous_ids } = tombstone
    const others = people.get(erased_id)?.anonymous_ids ?? []
    const all = [...new Set([...others, ...anonymous_ids])]
    people.set(erased_id, { ...tombstone, anonymous_ids: all })
  }
  return people.values()
}

/** Tables in which erasing puts a document under another key: what goes from the old one is all that the new one is made of. */
const MOVED: ReadonlySet<BucketTable> = new Set(['customers', 'sessions'])

/**
 * Orders decide what customers, products and visits get; `seen` decides what is applied; what was moved away, and what took its
 * place since, decides what is moved; tombstones decide whose rows name nobody; the checkpoint decides what is read at all.
 */
function stageOf({ table, document, renewed }: ShareWrite): number {
  if (table === 'checkpoint') return 5
  if (table === 'tombstones') return 4
  if (document === null && MOVED.has(table)) return 3
  if (table === 'orders' || table === 'seen') return 2
  return renewed ? 1 : 0
}

/** Projects all records, again and again, until all that projections ask for is loaded. */
async function fold(
  options: BucketUpdaterOptions,
  shares: LoadedShares,
  records: readonly BucketRecord[],
  erasures: boolean,
): Promise<{ readonly workspace: FoldWorkspace; readonly found: readonly Tombstone[] }> {
  const expiresAt = createExpiry(options.config, options.now)
  const poisoned = new Set<string>()
  for (let round = 0; round < ROUNDS + poisoned.size; round++) {
    const workspace = createFoldWorkspace(shares, expiresAt)
    const found: Tombstone[] = []
    const facts = { erasures, poisoned, found }
    const failure = await projectAll(options, workspace, records, facts)
    // Without all documents neither a result nor a failure says anything.
    if (await shares.loadMissing(workspace)) continue
    if (!failure) {
      if (poisonOutsized(options.store, workspace, poisoned)) continue
      for (const { table, document } of workspace.writes()) {
        if (table === 'live') forgetPast(document as unknown as LiveShare, options.now())
      }
      const { metrics } = options
      if (poisoned.size > 0) metrics.add('shoplake_not_encodable_total', poisoned.size)
      return { workspace, found }
    }
    if (!(failure.error instanceof PoisonedRecord)) throw failure.error
    poisoned.add(failure.sequence)
  }
  throw new ShoplakeError('internal', `projections ask for more after ${ROUNDS} rounds`)
}

/**
 * Whether a share has outgrown the store: then the last record that changed it is poisoned, and its rows are tried each by itself. A
 * batch that can never be written would hold up its shard.
 */
function poisonOutsized(
  store: BucketStore,
  workspace: FoldWorkspace,
  poisoned: Set<string>,
): boolean {
  const outsized = workspace.writes().filter((write) => !store.fits(write))
  for (const { table, key, sequence } of outsized) {
    if (poisoned.has(sequence)) {
      throw new ShoplakeError('internal', `the share ${table}/${key} is too large to keep`)
    }
  }
  for (const { sequence } of outsized) poisoned.add(sequence)
  return outsized.length > 0
}

interface FoldFacts {
  /** Whether the bucket has tombstones of earlier batches. */
  readonly erasures: boolean
  /** Sequences of records in which a row throws. */
  readonly poisoned: ReadonlySet<string>
  /** Takes browsers that other buckets have to be told of. */
  readonly found: Tombstone[]
}

async function projectAll(
  options: BucketUpdaterOptions,
  workspace: FoldWorkspace,
  records: readonly BucketRecord[],
  facts: FoldFacts,
): Promise<{ error: unknown; sequence: string } | undefined> {
  const take = createTake(options, workspace, facts)
  for (const record of records) {
    try {
      await take(record)
    } catch (error) {
      return { error, sequence: record.sequence }
    }
  }
  return undefined
}

function createTake(
  { store, config, secret, now }: BucketUpdaterOptions,
  workspace: FoldWorkspace,
  facts: FoldFacts,
): (record: BucketRecord) => Promise<void> {
  const project = {
    ...projectContext(config, workspace, 0, watchVisits(workspace)),
    fits: store.fits,
  }
  const pace = createPace()
  let erased = false
  let some = facts.erasures
  const erasure = createErasure({
    secret,
    lookup: (key) => workspace.get('tombstones', key)?.erased_id,
    any: () => some,
  })
  const context: RecordContext = {
    project,
    erasure,
    secret,
    // Rounds are many; the caller counts once.
    metrics: NO_METRICS,
    erased() {
      erased = true
      some = true
      erasure.changed()
    },
    found: (tombstone) => facts.found.push(tombstone),
  }

  return async (record) => {
    workspace.at(record.sequence)
    if (isCopy(record, workspace)) return
    const poisoned = facts.poisoned.has(record.sequence)
    const header = await projectRecord({ ...record, poisoned }, context, pace)
    if (header) book(header, workspace)
    if (!erased) return
    erased = false
    for (const _ of buryBrowsers(project)) await pace.rest()
    markScrubbed(workspace, new Date(now()).toISOString())
  }
}

function isCopy(record: BucketRecord, workspace: FoldWorkspace): boolean {
  const recent = workspace.editShare(CHECKPOINT.table, CHECKPOINT.key, noRequests)
  try {
    return seenBefore(recent, decodeHeader(record.data))
  } catch {
    // Not a record of ours: its projection says so.
    return false
  }
}

function book(header: RecordHeader, workspace: FoldWorkspace): void {
  const counts = createStoreCounts()
  counts.book(header)
  for (const delta of counts.deltas()) {
    bookInto(workspace.editShare('ledger', minuteKey(delta.minute), emptyMinute), delta)
  }
}

/** Nothing of what was deleted is left in the table: this bucket has done its part of the erase. */
function markScrubbed(workspace: FoldWorkspace, scrubbed_at: string): void {
  for (const page of workspace.pages('tombstones', '')) {
    for (const [key, document] of page) {
      if (document.scrubbed_at !== undefined) continue
      workspace.put('tombstones', key, { ...document, scrubbed_at })
    }
  }
}
