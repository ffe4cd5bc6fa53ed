import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { encodeParquet, type ParsedRow } from '../../src/aws/parquet.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
import { DAY_MS } from '../../src/simulator/calendar.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import type { SimulatedEvent } from '../../src/simulator/world.ts'
import { compileMapping, mapRows } from '../../src/sources/mapping.ts'
import { hashFile, readRows } from '../../src/sources/read-rows.ts'
import { NOON, openDoor, rowsOf } from '../door-fixture.ts'

const SOURCES = {
  browser: { name: 'web', kind: 'browser' },
  server: { name: 'shop', kind: 'server' },
} as const

const REQUEST_EVENTS = 500

/** Canonical rows by type. */
export type Lines = Map<EventType, ParsedRow[]>

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
  const lines = noLines()
  take(lines, stream.records.splice(0))
  return lines
}

function noLines(): Lines {
  return new Map(EVENT_TYPES.map((type) => [type, []]))
}

function take(lines: Lines, records: Parameters<typeof rowsOf>[0]): void {
  for (const { type, row } of rowsOf(records)) lines.get(type as EventType)!.push(row)
}

/** The same of files in the form of UCI Online Retail, by the mapping that is shipped for it. */
export async function importedLines(folder: string): Promise<Lines> {
  const { door, stream } = openDoor({ shop_currency: 'GBP', shop_time_zone: 'Europe/London' })
  const text = readFileSync(
    new URL('../../src/sources/mappings/online-retail.json', import.meta.url),
  )
  const mapping = compileMapping(JSON.parse(text.toString('utf8')))
  const lines = noLines()
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name)
    const sha256 = await hashFile(file)
    let values: unknown[] = []
    const flush = async () => {
      await door.collectValues(values, {
        source: { name: mapping.name, kind: 'import' },
        received_at: NOON,
        request_id: name,
      })
      values = []
      take(lines, stream.records.splice(0))
    }
    for await (const mapped of mapRows(mapping, readRows(file, mapping), { sha256 })) {
      if (mapped.refusal) continue
      values.push(mapped.value)
      if (values.length === REQUEST_EVENTS) await flush()
    }
    await flush()
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

/** Writes rows as one raw object of their type, by the encoder of the lake writer on Lambda. */
export function writeObject(
  root: string,
  type: EventType,
  name: string,
  rows: readonly ParsedRow[],
): void {
  const directory = path.join(root, 'raw', type)
  mkdirSync(directory, { recursive: true })
  if (rows.length === 0) return
  writeFileSync(path.join(directory, `${name}.parquet`), encodeParquet(type, rows, NOON))
}

/** Raw objects of a type: what both engines read. */
export function objectsOf(root: string, type: EventType): string[] {
  const directory = path.join(root, 'raw', type)
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(directory, name))
}
