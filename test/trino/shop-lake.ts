import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { readJsonColumns } from '../../src/derive/duckdb.ts'
import { TABLES } from '../../src/derive/table.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
import { DAY_MS } from '../../src/simulator/calendar.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import type { SimulatedEvent } from '../../src/simulator/world.ts'
import { NOON, openDoor, rowsOf } from '../door-fixture.ts'

const SOURCES = {
  browser: { name: 'web', kind: 'browser' },
  server: { name: 'shop', kind: 'server' },
} as const

const REQUEST_EVENTS = 500

export type Lines = Map<EventType, string[]>

/** Canonical lines of a simulated shop that went through the door, by type, in the order of their acceptance. */
export async function simulatedLines(): Promise<Lines> {
  const { door, stream } = openDoor({ shop_time_zone: 'Asia/Ho_Chi_Minh' })
  const events = simulate({
    ...{ seed: 435, from: NOON - 70 * DAY_MS, to: NOON - DAY_MS, sessions_per_day: 120 },
    time_zone: 'Asia/Ho_Chi_Minh',
    faults: { duplicate: 0.01, late: 0.02, out_of_order: 0.02, unknown_field: 0.01 },
  })
  for (const { source, values } of requestsOf(events)) {
    await door.collectValues(values, {
      source: SOURCES[source],
      received_at: NOON,
      request_id: 'trino',
    })
  }
  const lines: Lines = new Map(EVENT_TYPES.map((type) => [type, []]))
  for (const { type, row } of rowsOf(stream.records)) {
    lines.get(type as EventType)!.push(JSON.stringify(row))
  }
  return lines
}

function* requestsOf(
  events: Iterable<SimulatedEvent>,
): Generator<{ source: 'browser' | 'server'; values: unknown[] }> {
  const pending = { browser: [] as unknown[], server: [] as unknown[] }
  for (const { source, event } of events) {
    const values = pending[source]
    values.push(event)
    if (values.length === REQUEST_EVENTS) yield { source, values: values.splice(0) }
  }
  yield { source: 'browser', values: pending.browser }
  yield { source: 'server', values: pending.server }
}

/** Writes lines as one raw object of their type. */
export async function writeObject(
  duckdb: DuckDBConnection,
  root: string,
  type: EventType,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const directory = path.join(root, 'raw', type)
  mkdirSync(directory, { recursive: true })
  if (lines.length === 0) return
  const text = path.join(root, `${type}-${name}.ndjson`)
  writeFileSync(text, lines.join('\n'))
  const columns = readJsonColumns(TABLES[type])
  await duckdb.run(
    `COPY (SELECT *, TIMESTAMP '2025-02-01 12:00:00' AS written_at
       FROM read_json('${text}', format = 'newline_delimited', columns = ${columns}))
     TO '${path.join(directory, `${name}.parquet`)}' (FORMAT parquet)`,
  )
}

/** Raw objects of a type: what both engines read. */
export function objectsOf(root: string, type: EventType): string[] {
  const directory = path.join(root, 'raw', type)
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(directory, name))
}
