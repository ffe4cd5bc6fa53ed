import { athenaNames, between, hiveTypeOf, icebergDdl, type ViewColumn } from './athena.ts'
import { MOVED_RECORD, RECORD } from './record-column.ts'
import type { Table } from './table.ts'

/** Events that a client sent again, one row for each time but the first: what the ledger counts as duplicate_late. */
export const LATE_DUPLICATES = 'late_duplicates'

/** `dt` is the UTC date of received_at: what is found now was received lately, however old the event is. */
export const LATE_COLUMNS: readonly ViewColumn[] = [
  { name: 'event_type', type: 'varchar' },
  { name: 'event_id', type: 'varchar' },
  { name: 'occurred_on', type: 'date' },
  { name: RECORD.name, type: 'bigint' },
  { name: 'source', type: 'varchar' },
  { name: 'received_at', type: 'timestamp(3)' },
  { name: 'dt', type: 'date' },
]

/** What tells one of them from all others. */
const KEY = ['dt', 'event_type', 'event_id', 'occurred_on', RECORD.name]

/** A stretch of UTC days or of minutes, both ends within. */
export interface Stretch {
  readonly from: string
  readonly to: string
}

/** `CREATE TABLE`, in Athena's words; as `baseTableDdl`. */
export function lateTableDdl(options: {
  readonly database: string
  readonly location: string
}): string {
  return icebergDdl(
    `${options.database}.${LATE_DUPLICATES}`,
    LATE_COLUMNS.map(({ name, type }) => [name, hiveTypeOf(type)]),
    `${options.location}/${LATE_DUPLICATES}/`,
  )
}

/** A type of which objects wait whose rows are compacted, and the days of these. */
export interface CompactedDays {
  readonly table: Table
  readonly days: Stretch
}

/**
 * Minutes, as moments in order, in which clients sent again what the compacted tables have by other records; of what waits. Rows
 * that were written again are of the same record, and are none. One column, `minute`. Works in Athena, Trino and DuckDB.
 */
export function lateMinutesSql(compacted: readonly CompactedDays[]): string {
  return `SELECT DISTINCT date_trunc('minute', "received_at") AS "minute" FROM (\n${copiesSql(compacted)}\n) AS c ORDER BY 1`
}

/** `MERGE` that notes them, each once however often it is found; of what was received on some days, at most MOST_DAYS_WRITTEN. */
export function noteLateSql(compacted: readonly CompactedDays[], received: Stretch): string {
  const names = LATE_COLUMNS.map(({ name }) => `"${name}"`)
  const range = between(received)
  return [
    `MERGE INTO ${LATE_DUPLICATES} AS l USING (`,
    `SELECT * FROM (\n${copiesSql(compacted)}\n) AS c WHERE c."dt" ${range}`,
    `) AS n ON l."dt" ${range} AND ${KEY.map((name) => `l."${name}" = n."${name}"`).join(' AND ')}`,
    `WHEN NOT MATCHED THEN INSERT (${names.join(', ')})`,
    `VALUES (${names.map((name) => `n.${name}`).join(', ')})`,
  ].join('\n')
}

/** How many there are of each minute, source and event type: `event_type`, `source`, `minute`, `events`. `minutes` as ISO 8601 in UTC. */
export function countLateSql(minutes: Stretch): string {
  const days = { from: minutes.from.slice(0, 10), to: minutes.to.slice(0, 10) }
  const moment = (iso: string) => `TIMESTAMP '${iso.slice(0, 19).replace('T', ' ')}'`
  return [
    'SELECT "event_type", "source", date_trunc(\'minute\', "received_at") AS "minute", COUNT(*) AS "events"',
    `FROM ${LATE_DUPLICATES} WHERE "dt" ${between(days)}`,
    `AND date_trunc('minute', "received_at") BETWEEN ${moment(minutes.from)} AND ${moment(minutes.to)}`,
    'GROUP BY 1, 2, 3',
  ].join('\n')
}

/** Waiting rows of events that the compacted table has by another record: one for each record. */
function copiesSql(compacted: readonly CompactedDays[]): string {
  return compacted.map(({ table, days }) => copiesOf(table.event_type, days)).join('\nUNION ALL\n')
}

function copiesOf(event_type: string, days: Stretch): string {
  const { raw, base } = athenaNames(event_type)
  const read = ['"event_id"', '"occurred_on"', `"${RECORD.name}"`, '"source"', '"received_at"']
  return [
    `SELECT DISTINCT '${event_type}' AS "event_type", ${read.map((name) => `w.${name}`).join(', ')},`,
    '  CAST(w."received_at" AS DATE) AS "dt"',
    `FROM (SELECT "event_id", CAST("occurred_at" AS DATE) AS "occurred_on", ${recordOf()}, "source", "received_at" FROM ${raw}) AS w`,
    `JOIN ${base} AS b ON b."dt" = w."occurred_on" AND b."event_id" = w."event_id"`,
    `WHERE b."dt" ${between(days)} AND b."${RECORD.name}" <> w."${RECORD.name}"`,
  ].join('\n')
}

function recordOf(): string {
  return `COALESCE("${RECORD.name}", ${MOVED_RECORD}) AS "${RECORD.name}"`
}
