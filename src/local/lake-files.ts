import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { makeDirectory, syncPath } from './sync-path.ts'

/** One Parquet file of the lake, as the file list keeps it. Never changed once it stands in the list; only replaced. */
export interface LakeFile {
  /** Under the lake directory: `<event_type>/dt=YYYY-MM-DD/<name>.parquet`. */
  readonly path: string
  readonly event_type: EventType
  /** UTC day of occurred_at. */
  readonly dt: string
  readonly rows: number
  readonly bytes: number
  /** Milliseconds since 1970 of the oldest and newest received_at within. */
  readonly min_received_at: number
  readonly max_received_at: number
  /** Grows by one with each change of the list. */
  readonly generation: number
  /** Milliseconds since 1970. */
  readonly created_at: number
  /** Which columns it has: key of the schema list. */
  readonly schema: string
  /** Tombstones up to this number had been applied when it was written, or were looked for in vain since. */
  readonly tombstones: number
  /** Ids received before this moment may stand in other files too and were not compared yet; 0 for none. */
  readonly unchecked_from: number
}

/** What a Parquet file holds before it has a place in the list. */
export type FileFacts = Pick<
  LakeFile,
  'event_type' | 'dt' | 'rows' | 'bytes' | 'min_received_at' | 'max_received_at' | 'unchecked_from'
>

/** Files being written, within the lake so that renaming stays on one disk; emptied at start. */
export const UNFINISHED = '.unfinished'

const NAME = /^[0-9a-z]+-[0-9a-f]{12}\.parquet$/

/** A path that no other file has or had. */
export function newFilePath(type: EventType, dt: string, now: number): string {
  return `${type}/dt=${dt}/${newFileName(now)}`
}

/** A name that no other file has or had. */
export function newFileName(now: number): string {
  return `${now.toString(36)}-${randomBytes(6).toString('hex')}.parquet`
}

/** Makes a finished file durable at its place: fsync the bytes, rename, fsync the directories that hold a new name. */
export async function publishFile(from: string, lakeDirectory: string, to: string): Promise<void> {
  const target = path.join(lakeDirectory, to)
  const directory = path.dirname(target)
  await syncPath(from)
  await makeDirectory(directory, lakeDirectory)
  await rename(from, target)
  await syncPath(directory)
}

/**
 * Deletes Parquet files of ours that the list does not name: what a crash left between rename and commit, or
 * replaced files whose readers had not ended. Only at start, before anybody reads. Returns how many went.
 */
export async function removeOrphans(
  lakeDirectory: string,
  listed: ReadonlySet<string>,
): Promise<number> {
  await rm(path.join(lakeDirectory, UNFINISHED), { recursive: true, force: true })
  await mkdir(path.join(lakeDirectory, UNFINISHED), { recursive: true })
  let removed = 0
  for (const type of EVENT_TYPES) {
    for (const day of await namesIn(path.join(lakeDirectory, type))) {
      if (day.startsWith('dt=')) {
        removed += await removeOrphansOf(lakeDirectory, `${type}/${day}`, listed)
      }
    }
  }
  return removed
}

async function removeOrphansOf(
  lakeDirectory: string,
  folder: string,
  listed: ReadonlySet<string>,
): Promise<number> {
  const names = await namesIn(path.join(lakeDirectory, folder))
  const orphans = names.filter((name) => NAME.test(name) && !listed.has(`${folder}/${name}`))
  for (const name of orphans) await rm(path.join(lakeDirectory, folder, name), { force: true })
  return orphans.length
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
