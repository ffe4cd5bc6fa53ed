import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { rawOf } from '../pipeline/dead-letter.ts'
import type { DeadLetterDocument } from '../pipeline/documents.ts'
import { dropIdentity, type Row } from '../pipeline/erase.ts'
import { createFoldWorkspace, type FoldWorkspace } from '../pipeline/fold-workspace.ts'
import { bookInto, emptyMinute, minuteKey } from '../pipeline/ledger-shares.ts'
import { withoutRaw } from '../pipeline/project-tombstone.ts'
import { noRequests, type RecentRequests, seenBefore } from '../pipeline/recent-requests.ts'
import { type DecodedRecord, decodeRecord, isEventGroup } from '../pipeline/record.ts'
import type { LakeSink, LedgerDelta, RowLine, Span, Tombstone } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type { BucketStore, Share, ShareWrite } from '../share-ports.ts'
import { keepTombstone, loadErasure } from './bucket-erasure.ts'
import {
  type BucketRecord,
  byBucket,
  createLoadedShares,
  type LoadedShares,
  saveInStages,
} from './bucket-shares.ts'
import { noteErasure } from './lake-erasures.ts'
import { type Culprit, findCulprits, withoutCulprits } from './lake-refusal.ts'
import { createExpiry } from './share-expiry.ts'

/** The lake writer of a home whose consumers are handed their records, in batches that may come again, cut anew. */
export interface BucketLakeWriter {
  /**
   * Takes records of any buckets. Resolves when their rows are in the lake and booked; rejects with lake_unavailable or
   * store_unavailable: hand them over again. A row may be written twice by then, and views show it once.
   */
  take(records: readonly BucketRecord[]): Promise<void>
}

export interface BucketLakeOptions {
  readonly lake: LakeSink<string>
  /** Where the lake's books are kept. */
  readonly store: BucketStore
  readonly config: Config
  readonly secret: Uint8Array
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  now(): number
}

const CHECKPOINT = { table: 'lake_checkpoint', key: 'lake' } as const
const TRIES = 5
/** Kept of a row that no encoder takes: what the door keeps of a refused event by default. */
const RAW_BYTES = 8192

/** What one bucket brings to a batch. */
interface BucketPart {
  readonly bucket: number
  readonly span: Span<string>
  readonly shares: LoadedShares
  /** Without what names erased people. */
  readonly records: readonly PartRecord[]
  readonly rows: { [T in EventType]?: RowLine<string>[] }
  /** Dead letters of earlier batches, where somebody is erased by this one. */
  readonly refused: readonly Share[]
}

interface PartRecord {
  readonly sequence: string
  readonly decoded: DecodedRecord
}

export function createBucketLakeWriter(options: BucketLakeOptions): BucketLakeWriter {
  return {
    async take(records) {
      const parts: BucketPart[] = []
      for (const [bucket, group] of byBucket(records)) {
        const part = await partOf(options, bucket, group)
        if (part) parts.push(part)
      }
      if (parts.length === 0) return
      const culprits = await commit(options, parts)
      for (const part of parts) await keepBooks(options, part, culprits)
    },
  }
}

/** What of a bucket's records is not booked yet. A record that is none has nothing for the lake; the store keeps it. */
async function partOf(
  options: BucketLakeOptions,
  bucket: number,
  records: readonly BucketRecord[],
): Promise<BucketPart | undefined> {
  const shares = createLoadedShares(options.store, bucket)
  await shares.load([CHECKPOINT])
  const reached = shares.get(CHECKPOINT.table, CHECKPOINT.key)?.sequence ?? ''
  const fresh = records.filter(({ sequence }) => sequence > reached)
  if (fresh.length === 0) return undefined
  const decoded = withoutCopies(
    shares,
    fresh.flatMap(({ sequence, data }) => {
      const record = decode(data)
      return record ? [{ sequence, decoded: record }] : []
    }),
  )
  const tombstones = decoded.flatMap(tombstonesOf)
  const people = new Map(decoded.flatMap(linesOf).map((line) => [line, peopleOf(line)]))
  const erasedAs = await loadErasure(options.store, bucket, shares, {
    secret: options.secret,
    rows: [...people.values()],
    tombstones,
  })
  const stripped = decoded.map((record) =>
    mapLines(record, (type, line) => {
      const row = people.get(line)!
      const erased_id = erasedAs(row)
      return erased_id === undefined ? line : erasedLine(type, row, erased_id)
    }),
  )
  const refused = tombstones.length > 0 ? await options.store.scan(bucket, 'lake_refused', '') : []
  const span = { bucket, first: fresh[0]!.sequence, last: fresh.at(-1)!.sequence }
  return { bucket, span, shares, records: stripped, rows: rowsOf(bucket, stripped), refused }
}

/**
 * Records less those that an append has left twice: they count nowhere, and a second record with the same events would look
 * as if the client had sent them again.
 */
function withoutCopies(shares: LoadedShares, records: readonly PartRecord[]): PartRecord[] {
  const held = shares.get(CHECKPOINT.table, CHECKPOINT.key)?.document
  const recent = structuredClone(held ?? noRequests()) as RecentRequests
  return records.filter(({ decoded }) => !seenBefore(recent, decoded.header))
}

function decode(data: Uint8Array): DecodedRecord | undefined {
  try {
    return decodeRecord(data)
  } catch {
    // Bytes that the door did not write: the store updater keeps them as a dead letter.
    return undefined
  }
}

function linesOf({ decoded }: PartRecord): Uint8Array[] {
  return decoded.groups.flatMap(({ name, lines }) => (isEventGroup(name) ? lines : []))
}

/** The record with other lines of events: what is written, refused and booked from here on. */
function mapLines(
  { sequence, decoded }: PartRecord,
  map: (type: EventType, line: Uint8Array) => Uint8Array,
): PartRecord {
  const groups = decoded.groups.map((group) => {
    const { name, lines } = group
    return isEventGroup(name) ? { ...group, lines: lines.map((line) => map(name, line)) } : group
  })
  return { sequence, decoded: { ...decoded, groups } }
}

function rowsOf(bucket: number, records: readonly PartRecord[]): BucketPart['rows'] {
  const rows: { [T in EventType]?: RowLine<string>[] } = {}
  for (const { sequence, decoded } of records) {
    const { source, received_at, dedup_from } = decoded.header
    for (const { name, lines } of decoded.groups) {
      if (!isEventGroup(name)) continue
      rows[name] ??= []
      for (const line of lines) {
        rows[name].push({ line, bucket, sequence, source, received_at, dedup_from })
      }
    }
  }
  return rows
}

/** A line that is no JSON is the encoder's to refuse. */
function peopleOf(line: Uint8Array): Row {
  try {
    return JSON.parse(Buffer.from(line).toString('utf8')) as Row
  } catch {
    return {}
  }
}

function erasedLine(type: EventType, row: Row, erased_id: string): Uint8Array {
  return Buffer.from(JSON.stringify(dropIdentity(type, row, erased_id)))
}

function tombstonesOf({ decoded }: PartRecord): Tombstone[] {
  return decoded.groups
    .filter(({ name }) => name === 'tombstone')
    .flatMap(({ lines }) => lines.map((line) => JSON.parse(Buffer.from(line).toString('utf8'))))
}

/** All buckets' rows in one commit: one object per type. Returns the rows that no encoder takes. */
async function commit(
  { lake }: BucketLakeOptions,
  parts: readonly BucketPart[],
): Promise<Culprit<string>[]> {
  const spans = parts.map((part) => part.span)
  const rows: { [T in EventType]?: RowLine<string>[] } = {}
  for (const part of parts) {
    for (const [type, lines] of Object.entries(part.rows) as [EventType, RowLine<string>[]][]) {
      rows[type] = [...(rows[type] ?? []), ...lines]
    }
  }
  try {
    await lake.commit(spans, rows)
    return []
  } catch (error) {
    if (!(error instanceof ShoplakeError) || error.code !== 'encoder_refused') throw error
    const culprits = await findCulprits(lake, rows)
    if (culprits.length === 0) throw error
    await lake.commit(spans, withoutCulprits(rows, culprits))
    return culprits
  }
}

/** Counts, refused rows, tombstones and checkpoint of one bucket, each record once however often it comes. */
async function keepBooks(
  options: BucketLakeOptions,
  part: BucketPart,
  culprits: readonly Culprit<string>[],
): Promise<void> {
  let { shares } = part
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const workspace = await foldBooks(options, { ...part, shares }, culprits)
    const { store } = options
    const outcome = await saveInStages(store, part.bucket, workspace.writes(), stageOf)
    if (outcome === 'saved') return
    shares = createLoadedShares(store, part.bucket)
  }
  throw new ShoplakeError(
    'store_unavailable',
    `bucket ${part.bucket} is being written by another run`,
  )
}

function stageOf({ table }: ShareWrite): number {
  return table === CHECKPOINT.table ? 1 : 0
}

async function foldBooks(
  options: BucketLakeOptions,
  part: BucketPart,
  culprits: readonly Culprit<string>[],
): Promise<FoldWorkspace> {
  const expiresAt = createExpiry(options.config, options.now)
  const refused = new Set(culprits.map(({ row }) => row.line))
  for (;;) {
    const workspace = createFoldWorkspace(part.shares, expiresAt)
    for (const { sequence, decoded } of part.records) {
      workspace.at(sequence)
      const recent = workspace.editShare(CHECKPOINT.table, CHECKPOINT.key, noRequests)
      if (seenBefore(recent, decoded.header)) continue
      for (const delta of countsOf(decoded, refused)) {
        bookInto(workspace.editShare('lake_ledger', minuteKey(delta.minute), emptyMinute), delta)
      }
      for (const tombstone of tombstonesOf({ sequence, decoded })) {
        keepTombstone(tombstone, options.secret, workspace)
        noteErasure(tombstone, workspace)
        eraseRefused(tombstone, part.refused, workspace)
      }
    }
    for (const culprit of culprits) {
      if (culprit.row.bucket === part.bucket) keepRefused(culprit, part, workspace)
    }
    // Records that are none move the checkpoint too.
    workspace.at(part.span.last)
    workspace.editShare(CHECKPOINT.table, CHECKPOINT.key, noRequests)
    if (!(await part.shares.loadMissing(workspace))) return workspace
  }
}

function countsOf(
  { header, groups }: DecodedRecord,
  refused: ReadonlySet<Uint8Array>,
): LedgerDelta[] {
  const { source, received_at } = header
  return groups.flatMap(({ name, lines }) => {
    if (!isEventGroup(name)) return []
    const not_encodable = lines.filter((line) => refused.has(line)).length
    const counts = {
      in_lake: lines.length - not_encodable,
      ...(not_encodable > 0 && { not_encodable }),
    }
    return [{ source, event_type: name, minute: Math.floor(received_at / 60_000), counts }]
  })
}

/** What was refused may name the person anywhere: its bytes go, the reason stays. */
function eraseRefused(
  { customer_id, anonymous_ids }: Tombstone,
  refused: readonly Share[],
  workspace: FoldWorkspace,
): void {
  const ids = [customer_id, ...anonymous_ids].map((id) => JSON.stringify(id))
  for (const { key, document } of refused) {
    const letter = (document ?? undefined) as DeadLetterDocument | undefined
    if (!letter || !ids.some((id) => letter.raw.includes(id))) continue
    const kept = workspace.editShare('lake_refused', key, () => ({ ...letter }))
    Object.assign(kept, withoutRaw(letter))
  }
}

function keepRefused(
  { type, row, message }: Culprit<string>,
  { records }: BucketPart,
  workspace: FoldWorkspace,
): void {
  const record = records.find(({ sequence }) => sequence === row.sequence)!
  const { header, groups } = record.decoded
  const index = groups.find(({ name }) => name === type)!.lines.indexOf(row.line)
  const received_at = new Date(row.received_at).toISOString()
  const letter: DeadLetterDocument = {
    dead_letter_id: `${received_at}:lake-${row.bucket}-${row.sequence}-${type}:${index}`,
    event_type: type,
    reason: 'not_encodable',
    path: null,
    message,
    index,
    ...rawOf(Buffer.from(row.line).toString('utf8'), RAW_BYTES),
    source: row.source,
    source_kind: header.source_kind,
    received_at,
    request_id: header.request_id,
    status: 'open',
  }
  workspace.at(row.sequence)
  workspace.editShare('lake_refused', letter.dead_letter_id, () => letter)
}
