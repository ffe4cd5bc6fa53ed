import { openDynamodbReader } from '../aws/dynamodb-reader.ts'
import { openDynamodbStore } from '../aws/dynamodb-store.ts'
import { type MovedFile, moveLakeFiles } from '../aws/move-lake.ts'
import { sequenceText } from '../aws/sequence.ts'
import type { Config } from '../config.ts'
import {
  MOVED_TABLES,
  movedCheckpoints,
  movedLedger,
  movedShares,
  type PlacedShare,
} from '../consume/moved-shares.ts'
import { createExpiry } from '../consume/share-expiry.ts'
import { type LakeMeta, openLakeMeta } from '../local/lake-meta.ts'
import { listRefused } from '../local/lake-refused.ts'
import { openLmdbStore } from '../local/lmdb-store.ts'
import { bucketOf } from '../pipeline/bucket.ts'
import { ledgerOf } from '../pipeline/ledger-shares.ts'
import { mergeShares } from '../pipeline/merge-shares.ts'
import type { LedgerDelta, SqlEngine, Store, StoreDocument } from '../ports.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import type { BucketReader, BucketTable } from '../share-ports.ts'
import { refuseUnlike } from './alike.ts'
import type { AwsAccess, HomeOutputs } from './aws-access.ts'
import { BUCKETS } from './collect-parts.ts'
import { layoutOf } from './paths.ts'

/** One thing counted on both sides. */
export interface MovedCount {
  readonly what: string
  readonly here: number
  readonly there: number
  readonly equal: boolean
}

export interface MigrateOptions {
  readonly config: Config
  readonly aws: Pick<AwsAccess, 's3' | 'dynamodb'>
  readonly outputs: Pick<HomeOutputs, 'LakeBucket' | 'StoreTable'>
  /** Counts the rows there. */
  readonly sql: SqlEngine
  tell(step: string): void
  /** Bytes of the lake that are there, and all of them. */
  progress(done: number, all: number): void
}

/** What was moved stands before the first record of any stream. */
const BEFORE_ALL = sequenceText('0')
const EVER = [0, Number.MAX_SAFE_INTEGER] as const
const COUNT_LIMITS = { timeout_ms: 20 * 60_000, max_rows: 100, trusted: true }

/**
 * Moves a data directory that the caller holds into a fresh AWS home: the lake's files, the documents of the store, dead letters, the
 * ledger. What is there already is left as it is, so that a run that was cut off is just run again. Resolves to what was counted
 * on both sides. Throws a plain Error where the home has taken events of its own, and what the adapters reject with.
 */
export async function migrateToAws(options: MigrateOptions): Promise<readonly MovedCount[]> {
  const { config, aws, outputs } = options
  const layout = layoutOf(config.data_dir)
  const meta = openLakeMeta({ directory: layout.lakeMeta, readOnly: true, buckets: BUCKETS })
  const store = await openLmdbStore({ directory: layout.store, readOnly: true, buckets: BUCKETS })
  const there = { client: aws.dynamodb, table: outputs.StoreTable, buckets: BUCKETS }
  const merge = (table: Parameters<typeof mergeShares>[0], shares: readonly StoreDocument[]) =>
    mergeShares(table, shares, BUCKETS)
  const reader = openDynamodbReader({ ...there, merge })
  try {
    // Behind the redo stands what waited in memory when the server was killed: the store does not have it.
    refuseUnlike(store.checkpoint(), [...meta.checkpoints().values(), store.redo()])
    await needFresh(reader)
    await moveLake(options, meta, layout.lake)
    const save = createSaver(openDynamodbStore(there), config)
    const letters = await refusedShares(meta, layout.refused)
    const counts = await moveDocuments(store, save, options.tell)
    await save(letters)
    await save(movedLedger(store.ledger(...EVER), 'ledger'))
    await save(movedLedger(meta.ledger(...EVER), 'lake_ledger'))
    await save(movedCheckpoints(BUCKETS))
    options.tell('ledger and checkpoints')
    return [
      ...(await countRows(options.sql, meta)),
      ...(await countDocuments(reader, counts)),
      await countShares(reader, 'lake_refused', 'dead letters of the lake', letters.length),
      ...(await countLedger(reader, store, meta)),
    ]
  } finally {
    await store.close()
    await meta.close()
  }
}

/** Checkpoints are what consumers write with every batch. */
async function needFresh(reader: BucketReader): Promise<void> {
  const checkpoints = await reader.shares('checkpoint', {})
  if (checkpoints.every(({ sequence }) => sequence === BEFORE_ALL)) return
  throw new Error(
    'the home has taken events already: move the data directory first, and let the shop send there afterwards; `shoplake deploy --name` makes another home',
  )
}

async function moveLake(
  { aws, outputs, tell, progress }: MigrateOptions,
  meta: LakeMeta,
  directory: string,
): Promise<void> {
  const files = meta.files()
  const all = files.reduce((sum, file) => sum + file.bytes, 0)
  let done = 0
  const place = { client: aws.s3, bucket: outputs.LakeBucket, directory }
  const sent = await moveLakeFiles(place, files, (file: MovedFile) => {
    done += file.bytes
    progress(done, all)
  })
  tell(`${files.length} files of the lake, ${sent} of them new there`)
}

type Save = (shares: readonly PlacedShare[]) => Promise<void>

function createSaver(store: ReturnType<typeof openDynamodbStore>, config: Config): Save {
  const expiresAt = createExpiry(config, Date.now)
  return async (shares) => {
    const groups = new Map<number, PlacedShare[]>()
    for (const share of shares)
      groups.set(share.bucket, [...(groups.get(share.bucket) ?? []), share])
    for (const [bucket, group] of groups) {
      const writes = group.map(({ bucket: _, ...share }) => {
        const expires_at = expiresAt(share.table, share.key, share.document)
        const guard = { sequence: BEFORE_ALL, after: undefined }
        return { ...share, ...guard, ...(expires_at !== undefined && { expires_at }) }
      })
      if ((await store.save(bucket, writes)) === 'saved') continue
      throw new Error(
        'the home takes events meanwhile: stop what sends to it, and begin with a fresh one',
      )
    }
  }
}

async function moveDocuments(
  store: Store,
  save: Save,
  tell: (step: string) => void,
): Promise<Map<(typeof MOVED_TABLES)[number], number>> {
  const counts = new Map<(typeof MOVED_TABLES)[number], number>()
  for (const table of MOVED_TABLES) {
    const keys = new Set<string>()
    for await (const page of movedShares(store, table, BUCKETS)) {
      await save(page)
      for (const share of page) if (share.table === table) keys.add(share.key)
    }
    counts.set(table, keys.size)
    tell(`${table}: ${keys.size}`)
  }
  return counts
}

async function refusedShares(meta: LakeMeta, directory: string): Promise<PlacedShare[]> {
  const letters = await listRefused(meta, directory)
  return letters.map((letter) => ({
    table: 'lake_refused',
    key: letter.dead_letter_id,
    document: { ...letter },
    bucket: bucketOf(letter.dead_letter_id, BUCKETS),
  }))
}

function counted(what: string, here: number, there: number): MovedCount {
  return { what, here, there, equal: here === there }
}

async function countRows(sql: SqlEngine, meta: LakeMeta): Promise<MovedCount[]> {
  const here = new Map<string, number>()
  for (const file of meta.files()) {
    here.set(file.event_type, (here.get(file.event_type) ?? 0) + file.rows)
  }
  const types = EVENT_TYPES.filter((type) => here.has(type))
  if (types.length === 0) return []
  const statement = types
    .map((type) => `SELECT '${type}' AS event_type, COUNT(*) AS n FROM ${type}`)
    .join('\nUNION ALL\n')
  const { signal } = new AbortController()
  const { rows } = await sql.run(statement, [], COUNT_LIMITS, signal)
  const there = new Map(rows.map(([type, n]) => [String(type), Number(n)]))
  return types.map((type) => counted(`rows of ${type}`, here.get(type)!, there.get(type) ?? 0))
}

async function countShares(
  reader: BucketReader,
  table: BucketTable,
  what: string,
  here: number,
): Promise<MovedCount> {
  const shares = await reader.shares(table, {})
  return counted(what, here, new Set(shares.map(({ key }) => key)).size)
}

async function countDocuments(
  reader: BucketReader,
  counts: ReadonlyMap<BucketTable, number>,
): Promise<MovedCount[]> {
  const found: MovedCount[] = []
  for (const [table, here] of counts) found.push(await countShares(reader, table, table, here))
  return found
}

/** Events that both consumers have counted, here by rows and there by the shares that readers add up. */
async function countLedger(
  reader: BucketReader,
  store: Store,
  meta: LakeMeta,
): Promise<MovedCount[]> {
  const sum = (deltas: readonly LedgerDelta[], count: 'accepted' | 'in_lake') =>
    deltas.reduce((total, delta) => total + (delta.counts[count] ?? 0), 0)
  const applied = ledgerOf(await reader.shares('ledger', {}))
  const written = ledgerOf(await reader.shares('lake_ledger', {}))
  return [
    counted('ledger: accepted', sum(store.ledger(...EVER), 'accepted'), sum(applied, 'accepted')),
    counted('ledger: in the lake', sum(meta.ledger(...EVER), 'in_lake'), sum(written, 'in_lake')),
  ]
}
