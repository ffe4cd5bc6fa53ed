import { type Config, SETTINGS } from '../src/config.ts'
import { NO_METRICS } from '../src/metrics.ts'
import { type CollectRequest, createDoor, type Door } from '../src/pipeline/collect.ts'
import type { DoorOptions } from '../src/pipeline/collect-types.ts'
import { createDedupWindow } from '../src/pipeline/dedup.ts'
import { NO_RATES } from '../src/pipeline/enrich-fx.ts'
import { decodeRecord, isEventGroup } from '../src/pipeline/record.ts'
import type { StreamRecord } from '../src/ports.ts'
import { createMemoryStream, type MemoryStream } from './memory-stream.ts'

export const NOON = Date.parse('2025-02-01T12:00:00Z')

export const DEFAULTS = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as Config

export interface DoorFixture {
  readonly door: Door
  readonly stream: MemoryStream
  /** Sends a body: text, bytes, or a value as JSON. */
  send(body: unknown, request?: Partial<CollectRequest>): ReturnType<Door['collect']>
}

/** A door before a stream in memory, at noon of 2025-02-01 UTC, with settings and parts as given. */
export function openDoor(
  settings: Partial<Config> = {},
  parts: Partial<DoorOptions> = {},
): DoorFixture {
  const config = { ...DEFAULTS, ...settings }
  const stream = createMemoryStream()
  const now = () => NOON
  const door = createDoor({
    stream,
    window: createDedupWindow({ maxIds: config.dedup_max_ids, windowMs: 24 * 3_600_000, now }),
    config,
    secret: new Uint8Array(32).fill(7),
    rates: NO_RATES,
    metrics: NO_METRICS,
    now,
    ...parts,
  })
  const send: DoorFixture['send'] = (body, request = {}) =>
    door.collect({ ...REQUEST, body: bytesOf(body), ...request })
  return { door, stream, send }
}

export const REQUEST = {
  format: 'json',
  source: { name: 'shop', kind: 'server' },
  received_at: NOON,
  request_id: 'request-1',
} as const

export function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

export type Row = { readonly [column: string]: unknown }

/** Rows of events in records, parsed, with their type. */
export function rowsOf(records: readonly StreamRecord[]): { type: string; row: Row }[] {
  return linesOf(records, isEventGroup)
}

export function lettersOf(records: readonly StreamRecord[]): Row[] {
  return linesOf(records, (name) => name === 'dead_letter').map(({ row }) => row)
}

function linesOf(
  records: readonly StreamRecord[],
  wanted: (name: Parameters<typeof isEventGroup>[0]) => boolean,
): { type: string; row: Row }[] {
  return records.flatMap(({ data }) =>
    decodeRecord(data)
      .groups.filter((group) => wanted(group.name))
      .flatMap((group) =>
        group.lines.map((line) => ({
          type: group.name,
          row: JSON.parse(Buffer.from(line).toString()) as Row,
        })),
      ),
  )
}
