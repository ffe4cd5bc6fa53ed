import type { EventType } from '../schema/registry.ts'
import type { LakeFile } from './lake-files.ts'

/** By day, the file of a model's rows, under the lake directory. Days that are not there are evaluated at each query. */
export type KeptFiles = ReadonlyMap<string, string>

/** Rows of one event type: files by path, and what is not in files yet. */
export interface TypeRows {
  readonly files: ReadonlyMap<string, LakeFile>
  readonly hot: { readonly days: ReadonlySet<string> }
}

/** What the lake consists of at one moment. Never changed; a change of the lake makes another one. */
export interface LakeState {
  readonly types: ReadonlyMap<EventType, TypeRows>
  /** Per model of which rows are kept. */
  readonly kept: ReadonlyMap<string, KeptFiles>
}
