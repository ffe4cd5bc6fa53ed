import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES } from '../src/derive/table.ts'
import type { FileLake } from '../src/local/file-lake.ts'
import type { RowLine } from '../src/ports.ts'
import { EVENT_TYPES, type EventType } from '../src/schema/registry.ts'

/** Rows of a commit: fewer than would go straight to Parquet, so that they stay hot. */
const ROWS = 1000

/**
 * Commits what happened since a moment once more, under other ids, as events that come in do: rows that are in no file yet, of sessions
 * that have rows in files. Resolves to how many. The lake must not be flushed afterwards.
 */
export async function commitAgain(
  lake: FileLake,
  connection: DuckDBConnection,
  since: string,
): Promise<number> {
  let sequence = 0
  let count = 0
  for (const type of EVENT_TYPES) {
    const lines = await linesSince(connection, type, since)
    for (let from = 0; from < lines.length; from += ROWS) {
      sequence += ROWS
      const rows = lines
        .slice(from, from + ROWS)
        .map((line, index) => rowOf(line, sequence + index))
      const span = { bucket: 0, first: sequence, last: sequence + ROWS - 1 }
      await lake.commit([span], { [type]: rows })
      count += rows.length
    }
  }
  return count
}

async function linesSince(
  connection: DuckDBConnection,
  type: EventType,
  since: string,
): Promise<string[]> {
  const names = TABLES[type].columns.map(({ name }) => name).filter((name) => name !== 'written_at')
  const reader = await connection.runAndReadAll(
    `SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM ${type}
     WHERE dt = DATE '${since.slice(0, 10)}' AND occurred_at >= TIMESTAMP '${since}'`,
  )
  return reader.getRowObjectsJson().map((row, index) => {
    const present = names.filter((name) => row[name] !== null)
    const told = present.map((name) => [name, name === 'event_id' ? `again-${index}` : row[name]])
    return JSON.stringify(Object.fromEntries(told), (key, value) =>
      key.endsWith('_at') ? `${String(value).replace(' ', 'T').slice(0, 23)}Z` : value,
    )
  })
}

function rowOf(line: string, sequence: number): RowLine {
  const received_at = Date.parse(/"received_at":"([^"]*)"/.exec(line)![1]!)
  return {
    ...{ line: Buffer.from(line), bucket: 0, sequence, source: 'web', received_at },
    dedup_from: 0,
  }
}
