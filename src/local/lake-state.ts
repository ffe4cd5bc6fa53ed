import type { EventType } from '../schema/registry.ts'
import type { LakeFile } from './lake-files.ts'

/** UTC days, YYYY-MM-DD, both included. */
export interface DayRange {
  readonly from: string
  readonly to: string
}

/** The first and the last day that there are: ends of a range that is open there. */
export const FIRST_DAY = '0001-01-01'
export const LAST_DAY = '9999-12-31'

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

const DAY_MS = 86_400_000

/** A calendar day some days later; the first and the last that there are stay. */
export function shiftDay(day: string, days: number): string {
  if (day === FIRST_DAY || day === LAST_DAY) return day
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

export function isWithin(day: string, ranges: readonly DayRange[]): boolean {
  return ranges.some(({ from, to }) => from <= day && day <= to)
}
