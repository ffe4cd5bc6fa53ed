import type { RowLine } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { createTally, type LedgerTally } from './lake-ledger.ts'

/** Rows of one type that are new to the lake, by day. */
export interface RoutedRows {
  readonly event_type: EventType
  readonly rows: readonly RowLine[]
  readonly days: readonly DayRows[]
  readonly bytes: number
  readonly min_received_at: number
  readonly max_received_at: number
  /** The latest start of a dedup window among the rows. */
  readonly dedup_from: number
  /** All rows counted as in_lake. */
  readonly tally: LedgerTally
  /** The first row without a readable occurred_at: no partition is known for it. */
  readonly misfit: RowLine | undefined
}

export interface DayRows {
  /** YYYY-MM-DD. */
  readonly dt: string
  readonly rows: RowLine[]
  min_received_at: number
  max_received_at: number
}

const NEEDLE = Buffer.from('"occurred_at":"')
/** occurred_at stands first or second in a canonical line, and an event_id has at most 100 characters. */
const SEARCHED_BYTES = 1500

/**
 * Sorts rows into days and adds up what must be known of them, in one pass. `isNew` says which rows to take; the rest
 * is in the lake already.
 */
export function routeRows(
  event_type: EventType,
  rows: readonly RowLine[],
  isNew: (row: RowLine) => boolean,
): RoutedRows {
  const taken: RowLine[] = []
  const days = new Map<string, DayRows>()
  const tally = createTally()
  let bytes = 0
  let low = Number.POSITIVE_INFINITY
  let high = 0
  let dedupFrom = 0
  let misfit: RowLine | undefined
  let run: { row: RowLine; count: number } | undefined
  let day: { key: number; rows: DayRows } | undefined
  for (const row of rows) {
    if (!isNew(row)) continue
    taken.push(row)
    bytes += row.line.length
    if (row.received_at < low) low = row.received_at
    if (row.received_at > high) high = row.received_at
    if (row.dedup_from > dedupFrom) dedupFrom = row.dedup_from
    if (run && run.row.received_at === row.received_at && run.row.source === row.source) run.count++
    else {
      if (run) countRun(tally, event_type, run)
      run = { row, count: 1 }
    }
    const key = dayKey(row.line)
    if (key < 0) misfit ??= row
    else {
      if (day?.key !== key) day = { key, rows: dayOf(days, key) }
      addToDay(day.rows, row)
    }
  }
  if (run) countRun(tally, event_type, run)
  return {
    event_type,
    rows: taken,
    days: [...days.values()],
    bytes,
    min_received_at: low,
    max_received_at: high,
    dedup_from: dedupFrom,
    tally,
    misfit,
  }
}

function countRun(
  tally: LedgerTally,
  event_type: EventType,
  run: { row: RowLine; count: number },
): void {
  const minute = Math.floor(run.row.received_at / 60_000)
  tally.add({ source: run.row.source, event_type, minute, counts: { in_lake: run.count } })
}

function dayOf(days: Map<string, DayRows>, key: number): DayRows {
  const text = String(key).padStart(8, '0')
  const dt = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
  let day = days.get(dt)
  if (!day) {
    day = { dt, rows: [], min_received_at: Number.POSITIVE_INFINITY, max_received_at: 0 }
    days.set(dt, day)
  }
  return day
}

function addToDay(day: DayRows, row: RowLine): void {
  day.rows.push(row)
  if (row.received_at < day.min_received_at) day.min_received_at = row.received_at
  if (row.received_at > day.max_received_at) day.max_received_at = row.received_at
}

/**
 * UTC day of a canonical line's occurred_at as the number YYYYMMDD, or -1. Reads bytes: a quote within a JSON string is
 * escaped, so the first match is the key itself.
 */
export function dayKey(line: Uint8Array): number {
  const end = Math.min(line.length, SEARCHED_BYTES) - NEEDLE.length - 10
  for (let at = 1; at <= end; at++) {
    if (line[at] !== 34 || line[at + 1] !== 111 || !matches(line, at)) continue
    return dateAt(line, at + NEEDLE.length)
  }
  return -1
}

function matches(line: Uint8Array, at: number): boolean {
  for (let index = 2; index < NEEDLE.length; index++) {
    if (line[at + index] !== NEEDLE[index]) return false
  }
  return true
}

function dateAt(line: Uint8Array, at: number): number {
  let key = 0
  for (let index = 0; index < 10; index++) {
    const byte = line[at + index]!
    if (index === 4 || index === 7) {
      if (byte !== 45) return -1
    } else if (byte < 48 || byte > 57) return -1
    else key = key * 10 + byte - 48
  }
  return key
}
