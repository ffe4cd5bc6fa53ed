import type { SourceKind, StoreDocument } from '../ports.ts'
import type { Stamp } from './documents.ts'
import type { Row } from './erase.ts'
import type { VisitWatch } from './live-memory.ts'
import type { Workspace } from './project-workspace.ts'

/** What projections know beside the row and the documents. */
export interface ProjectContext {
  readonly workspace: Workspace
  readonly shop_currency: string
  /** Stock level that counts as low where no event says. */
  readonly low_stock_at: number
  /** From createHorizons: floor 0 live; when made anew, rows are taken for received at that moment at the earliest. */
  horizon(row: Row): Horizon
  /** What the live view remembers; absent when the store is made anew. */
  readonly live?: VisitWatch
  /** Whether the store has room for such a document; absent where it has for all. */
  fits?(share: { readonly key: string; readonly document: StoreDocument | null }): boolean
  /** Where the row stands in its bucket: greater than every row's before it; 0 where nobody asks. */
  place: number
}

/** More than the rows that a record can have. */
const ROWS_OF_A_RECORD = 2 ** 20

/** The place of a record's row; `index` counts over all groups. 0 in a stream whose sequences are text: that store knows itself what it has taken. */
export function placeOf(sequence: number | string, index: number): number {
  return typeof sequence === 'number' ? sequence * ROWS_OF_A_RECORD + index : 0
}

export const DAY_MS = 86_400_000
/** How long sessions and live minutes are kept: rows that are older when they arrive leave no trace there. */
export const SESSION_DAYS = 30
export const LIVE_DAYS = 8
/** How long it is remembered that a stock movement or review was applied. */
export const SEEN_DAYS = 400

const RANKS: { readonly [K in SourceKind]: number } = {
  browser: 0,
  webhook: 1,
  import: 2,
  server: 3,
}

/** Standing of a source where two say different things: server over import over webhook over browser. */
export function rankOf(row: Row): number {
  return RANKS[row.source_kind as SourceKind] ?? 0
}

/** Order of rows that say something about the same field: by source, then time, then event_id. */
export function stampOf(row: Row): Stamp {
  return `${rankOf(row)}${row.occurred_at}${row.event_id}`
}

/** Order of rows by time and event_id alone, as text. */
export function momentOf(row: Row): Stamp {
  return `${row.occurred_at}${row.event_id}`
}

export function rankOfStamp(stamp: Stamp): number {
  return stamp.charCodeAt(0) - 48
}

export function timeOfStamp(stamp: Stamp): string {
  return stamp.slice(1, 25)
}

/** Text of a column, or undefined where the row has none. */
export function textOf(row: Row, column: string): string | undefined {
  const value = row[column]
  return typeof value === 'string' ? value : undefined
}

/** Oldest occurred_at, as ISO text, that a row received at some moment still leaves in sessions and live minutes. */
export interface Horizon {
  readonly received_at: string
  readonly sessions: string
  readonly live: string
  /** Days since 1970 of received_at. */
  readonly day: number
}

/** Horizons by received_at, which all rows of a request share: computed once per request. `floor` as in the context. */
export function createHorizons(floor: number): (row: Row) => Horizon {
  let last: Horizon | undefined
  return (row) => {
    if (last?.received_at === row.received_at) return last!
    const received = Date.parse(row.received_at as string)
    const from = Math.max(received, floor)
    last = {
      received_at: row.received_at as string,
      sessions: new Date(from - SESSION_DAYS * DAY_MS).toISOString(),
      live: new Date(from - LIVE_DAYS * DAY_MS).toISOString(),
      day: Math.floor(received / DAY_MS),
    }
    return last
  }
}

/** Takes `fields` of a row that have a value and a greater stamp than what stands in the document. Whether any was taken. */
export function takeFields(
  target: object,
  stamps: { [field: string]: Stamp },
  row: Row,
  fields: readonly string[],
  stamp: Stamp,
): boolean {
  let taken = false
  for (const field of fields) {
    const value = row[field]
    if (value === undefined || value === null) continue
    const held = stamps[field]
    if (held !== undefined && held >= stamp) continue
    ;(target as { [field: string]: unknown })[field] = value
    stamps[field] = stamp
    taken = true
  }
  return taken
}
