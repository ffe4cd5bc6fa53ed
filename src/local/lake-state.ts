import type { EventType } from '../schema/registry.ts'
import type { LakeFile } from './lake-files.ts'

/** By day, the file of a model's rows, under the lake directory. Days that are not there are evaluated at each query. */
export type KeptFiles = ReadonlyMap<string, string>

/** Rows of one event type: files by path, and what is not in files yet. */
export interface TypeRows {
  readonly files: ReadonlyMap<string, LakeFile>
  readonly hot: { readonly days: ReadonlySet<string> }
}

/** Rows of a model with a key on days that are not over, as some files gave them. */
export interface SoFar {
  /** The first day; there is no last one. */
  readonly from: string
  /** Under the lake directory, `dt` among its columns. */
  readonly file: string
  /** Paths of the files of events, those that were merged into others since among them. */
  readonly made_of: ReadonlySet<string>
  /** How many events those held. */
  readonly rows: number
}

/** What the lake consists of at one moment. Never changed; a change of the lake makes another one. */
export interface LakeState {
  readonly types: ReadonlyMap<EventType, TypeRows>
  /** Per model of which rows are kept. */
  readonly kept: ReadonlyMap<string, KeptFiles>
  /** Per model with a key, where they were made. */
  readonly soFar: ReadonlyMap<string, SoFar>
}

/** Nobody is in what was made from the state's files who was erased by a tombstone up to this number. */
export function lowestTombstones({ types }: LakeState): number {
  let lowest = Number.POSITIVE_INFINITY
  for (const { files } of types.values()) {
    for (const { tombstones } of files.values()) lowest = Math.min(lowest, tombstones)
  }
  return lowest
}
