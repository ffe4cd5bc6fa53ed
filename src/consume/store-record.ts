import { setImmediate as nextTurn } from 'node:timers/promises'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Pace } from '../pace.ts'
import { rawOf } from '../pipeline/dead-letter.ts'
import type { DeadLetterDocument } from '../pipeline/documents.ts'
import { type Erasure, type Row, tombstoneKey } from '../pipeline/erase.ts'
import { followAgain, projectAlone, projectRow } from '../pipeline/project.ts'
import { type ProjectContext, placeOf } from '../pipeline/project-context.ts'
import { keepDeadLetter, settleDuplicate } from '../pipeline/project-dead-letter.ts'
import { buryCustomer, markBrowser, withoutRaw } from '../pipeline/project-tombstone.ts'
import {
  type DecodedRecord,
  decodeRecord,
  type GroupName,
  isEventGroup,
  type RecordHeader,
} from '../pipeline/record.ts'
import type { Tombstone } from '../ports.ts'

/** What a record's projection needs beside the record. */
export interface RecordContext {
  readonly project: ProjectContext
  readonly erasure: Erasure
  readonly secret: Uint8Array
  readonly metrics: Metrics
  /** Called after a tombstone was kept. */
  erased(): void
  /** Called with browsers that turn out to be an erased person's beside those that the tombstone named. */
  found?(tombstone: Tombstone): void
}

/** A record in the stream; `poisoned` once a row of it has thrown: then each row is tried by itself. */
export interface PlacedRecord {
  readonly bucket: number
  readonly sequence: number | string
  readonly data: Uint8Array
  readonly poisoned: boolean
}

/** A row that no projection takes: the workspace is half changed and must be discarded. */
export class PoisonedRecord extends Error {}

const ROWS_PER_LOOK = 32
/** Kept of a row that is put aside: what the door keeps of a refused event by default. */
const RAW_BYTES = 8192

/**
 * Projects all of a record into the workspace. Returns its header, undefined where its bytes are no record at all (then
 * a dead letter says so). Throws PoisonedRecord where a row throws, unless the record is known to be poisoned: then such
 * rows become dead letters.
 */
export async function projectRecord(
  record: PlacedRecord,
  context: RecordContext,
  pace: Pace,
): Promise<RecordHeader | undefined> {
  const decoded = decode(record, context)
  if (!decoded) return undefined
  let rows = 0
  for (const { name, lines } of decoded.groups) {
    for (const [index, line] of lines.entries()) {
      if (index % ROWS_PER_LOOK === 0) await pace.rest()
      context.project.place = placeOf(record.sequence, rows++)
      try {
        const tombstone = projectLine(name, line, record.poisoned, context)
        if (tombstone) await bury(tombstone, context)
      } catch (error) {
        // A store that cannot be read says nothing about the row.
        if (error instanceof ShoplakeError) throw error
        if (!record.poisoned) throw new PoisonedRecord(messageOf(error), { cause: error })
        refuse(record, decoded.header, { name, line, index }, messageOf(error), context)
      }
    }
  }
  settleDuplicate(decoded.header, context.project)
  return decoded.header
}

/**
 * Projects of a committed record what may have waited for a later commit. Where nothing is missing it changes nothing; bytes and
 * rows that were put aside are passed over.
 */
export async function projectAgain(
  { sequence, data }: Pick<PlacedRecord, 'sequence' | 'data'>,
  { project, erasure }: Pick<RecordContext, 'project' | 'erasure'>,
  pace: Pace,
): Promise<void> {
  let rows = 0
  for (const { name, lines } of decodedOrNone(data)) {
    for (const [index, line] of lines.entries()) {
      if (index % ROWS_PER_LOOK === 0) await pace.rest()
      project.place = placeOf(sequence, rows++)
      if (isEventGroup(name)) followAgain(name, rowOf(line), erasure, project)
    }
  }
}

function decodedOrNone(data: Uint8Array): DecodedRecord['groups'] {
  try {
    return decodeRecord(data).groups
  } catch {
    // Such bytes became a dead letter when they were projected.
    return []
  }
}

function rowOf(line: Uint8Array): Row {
  return JSON.parse((line as Buffer).toString('utf8'))
}

function decode(record: PlacedRecord, context: RecordContext): DecodedRecord | undefined {
  try {
    return decodeRecord(record.data)
  } catch (error) {
    const header = { request_id: '', received_at: 0, source: '', source_kind: 'server' } as const
    const whole = { name: 'dead_letter', line: record.data, index: 0 } as const
    refuse(record, header, whole, messageOf(error), context)
    return undefined
  }
}

/** Returns a tombstone that is to be buried after the line. */
function projectLine(
  name: GroupName,
  line: Uint8Array,
  alone: boolean,
  context: RecordContext,
): Tombstone | undefined {
  const row = JSON.parse((line as Buffer).toString('utf8'))
  if (name === 'tombstone') return row
  if (name === 'dead_letter') {
    keepDeadLetter(withoutErased(row, context), context.project)
    return undefined
  }
  if (alone) projectAlone(name, row, context.erasure, context.project)
  else projectRow(name, row, context.erasure, context.project)
  if (name === 'customer_identified') markLateLink(row, context)
  return undefined
}

/**
 * A browser that turns out to be an erased customer's only after the erase, since events of other buckets come late or the
 * person came back: it is buried too, with others like it once they are committed.
 */
function markLateLink(row: Row, context: RecordContext): void {
  const { erasure, project, secret } = context
  const { customer_id, anonymous_id } = row
  if (typeof customer_id !== 'string' || typeof anonymous_id !== 'string') return
  const erased_id = erasure.erasedAs({ customer_id })
  if (erased_id === undefined || erasure.erasedAs({ anonymous_id }) !== undefined) return
  const key = tombstoneKey(secret, 'customer', customer_id)
  const { requested_at } = project.workspace.get('tombstones', key)!
  markBrowser(anonymous_id, { erased_id, requested_at }, secret, project)
  const found = { customer_id, anonymous_ids: [anonymous_id], erased_id }
  context.found?.({ ...found, requested_at: Date.parse(requested_at) })
  erasure.changed()
  context.erased()
}

/** A refused event that names someone erased keeps its reason, not its bytes; also where it is cut off or no JSON at all. */
function withoutErased(letter: DeadLetterDocument, { erasure }: RecordContext): DeadLetterDocument {
  const raw =
    letter.raw_encoding === 'utf8' ? letter.raw : Buffer.from(letter.raw, 'base64').toString()
  for (const [, field, quoted] of raw.matchAll(NAMED)) {
    const id = textIn(quoted!)
    if (id !== undefined && erasure.erasedAs({ [field!]: id })) return withoutRaw(letter)
  }
  return letter
}

const NAMED = /"(customer_id|anonymous_id)"\s*:\s*("(?:[^"\\]|\\.)*")/g

function textIn(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted)
  } catch {
    // A line break or a broken escape within: no text that an event could have had.
    return undefined
  }
}

async function bury(tombstone: Tombstone, context: RecordContext): Promise<void> {
  const burial = buryCustomer(tombstone, context.secret, context.project)
  let step = burial.next()
  for (; !step.done; step = burial.next()) await nextTurn()
  context.erasure.changed()
  context.erased()
  if (step.value.length === 0) return
  const { customer_id } = tombstone
  const erased_id = context.erasure.erasedAs({ customer_id }) ?? tombstone.erased_id
  context.found?.({ ...tombstone, anonymous_ids: step.value, erased_id })
}

/** Keeps a row that cannot be projected as a dead letter; its event stays accepted and counts as applied. */
function refuse(
  record: PlacedRecord,
  header: Pick<RecordHeader, 'request_id' | 'received_at' | 'source' | 'source_kind'>,
  row: { name: GroupName; line: Uint8Array; index: number },
  message: string,
  { project, metrics }: RecordContext,
): void {
  const received_at = new Date(header.received_at).toISOString()
  const place = `store-${record.bucket}-${record.sequence}-${row.name}-${row.index}`
  metrics.add('shoplake_not_encodable_total', 1, { event_type: row.name })
  keepDeadLetter(
    {
      dead_letter_id: `${received_at}:${place}:0`,
      event_type: isEventGroup(row.name) ? row.name : null,
      reason: 'not_encodable',
      path: null,
      message: `the store could not take it: ${message}`,
      index: row.index,
      ...rawOf(Buffer.from(row.line).toString('utf8'), RAW_BYTES),
      source: header.source,
      source_kind: header.source_kind,
      received_at,
      request_id: header.request_id,
      status: 'open',
    },
    project,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
