import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { RowLine } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { erasedHashesSql, idHashes } from './lake-erase-sql.ts'
import type { LakeMeta, RefusedEntry } from './lake-meta.ts'
import { queryRows } from './parquet.ts'
import { syncPath } from './sync-path.ts'

/** A row that no encoder takes, on its way into the books. */
export interface RefusedRow extends RefusedEntry {
  readonly raw: Buffer
  readonly message: string
}

/** A refused row as a dead letter, in the shape in which the door's own are kept. */
export interface LakeDeadLetter {
  readonly dead_letter_id: string
  readonly event_type: EventType
  readonly reason: 'not_encodable'
  readonly path: null
  readonly message: string
  readonly index: 0
  readonly raw: string
  readonly raw_encoding: 'utf8' | 'base64'
  readonly raw_bytes: number
  readonly truncated: false
  readonly source: string
  readonly received_at: string
  readonly status: 'open'
}

const PREFIX = 'lake'

export function refusedRow(type: EventType, row: RowLine, message: string): RefusedRow {
  const raw = Buffer.from(row.line)
  const digest = createHash('sha256').update(raw).digest('hex')
  const at = new Date(row.received_at).toISOString()
  return {
    id: `${at}:${PREFIX}-${row.bucket}-${row.sequence}:${digest.slice(0, 16)}`,
    event_type: type,
    source: row.source,
    received_at: row.received_at,
    bucket: row.bucket,
    sequence: row.sequence,
    digest,
    raw,
    message,
  }
}

/** Of LakeCore. */
interface Refusals {
  readonly connection: DuckDBConnection
  readonly tombstoneKey: Buffer
  readonly refusedDirectory: string
}

/**
 * Writes what the rows hold, each to a file of its own, durable before the books name it. Files, not LMDB: LMDB does not
 * overwrite freed pages, and an erased person's row must really go. Within a change. Of an erased person nothing is written: the row
 * may have been refused after the tombstone, or have waited for its booking while it came.
 */
export async function writeRefused(core: Refusals, rows: readonly RefusedRow[]): Promise<void> {
  const directory = core.refusedDirectory
  if (rows.length === 0) return
  await mkdir(directory, { recursive: true })
  for (const row of rows) {
    const file = fileOf(directory, row.id)
    if (await isErased(core, row)) {
      // An attempt that failed before the books had it may have left it.
      await rm(file, { force: true })
      continue
    }
    await writeFile(file, JSON.stringify(letterOf(row)))
    await syncPath(file)
  }
  await syncPath(directory)
}

/** Whether the row is of somebody whose tombstone is known by now, that of the present change included. */
async function isErased({ connection, tombstoneKey }: Refusals, row: RefusedRow): Promise<boolean> {
  const { customer_id, anonymous_id } = peopleOf(row.raw)
  const hashes = idHashes(tombstoneKey, { customer_id, anonymous_ids: [anonymous_id] })
  if (hashes.length === 0) return false
  return (await queryRows(connection, erasedHashesSql(hashes))).length > 0
}

function peopleOf(line: Buffer): { customer_id?: unknown; anonymous_id?: unknown } {
  try {
    return Object(JSON.parse(line.toString('utf8')))
  } catch {
    // The door writes JSON: what is none names nobody who could be looked up.
    return {}
  }
}

function letterOf(row: RefusedRow): LakeDeadLetter {
  const text = row.raw.toString('utf8')
  const isText = Buffer.from(text).equals(row.raw)
  return {
    dead_letter_id: row.id,
    event_type: row.event_type,
    reason: 'not_encodable',
    path: null,
    message: row.message,
    index: 0,
    raw: isText ? text : row.raw.toString('base64'),
    raw_encoding: isText ? 'utf8' : 'base64',
    raw_bytes: row.raw.length,
    truncated: false,
    source: row.source,
    received_at: new Date(row.received_at).toISOString(),
    status: 'open',
  }
}

/** Dead letters of the lake writer, newest first, older than an id. One whose customer was erased is left out. */
export async function listRefused(
  meta: Pick<LakeMeta, 'refused'>,
  directory: string,
  page: { limit?: number; after?: string } = {},
): Promise<LakeDeadLetter[]> {
  const letters = await Promise.all(
    meta.refused(page).map((entry) => readLetter(fileOf(directory, entry.id))),
  )
  return letters.filter((letter) => letter !== undefined)
}

/** Deletes the refused rows that are in the books and hold one of the ids as a whole JSON string, whatever it stands for. */
export async function eraseRefused(
  meta: Pick<LakeMeta, 'refused'>,
  directory: string,
  ids: readonly string[],
): Promise<void> {
  const needles = ids.map((id) => JSON.stringify(id))
  for (const entry of meta.refused({ limit: Number.MAX_SAFE_INTEGER - 1 })) {
    const letter = await readLetter(fileOf(directory, entry.id))
    const text = letter && Buffer.from(letter.raw, letter.raw_encoding).toString('utf8')
    if (text && needles.some((needle) => text.includes(needle))) {
      await rm(fileOf(directory, entry.id), { force: true })
    }
  }
}

function fileOf(directory: string, id: string): string {
  return path.join(directory, `${id.replaceAll(':', '_')}.json`)
}

async function readLetter(file: string): Promise<LakeDeadLetter | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
