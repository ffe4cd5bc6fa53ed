import type { ValuesRequest } from '../../src/pipeline/collect-types.ts'
import { decodeRecord, isEventGroup } from '../../src/pipeline/record.ts'
import type { StoreTable } from '../../src/ports.ts'
import { busyShop } from '../busy-shop.ts'
import { NOON, openDoor } from '../door-fixture.ts'
import { catchUp, dumpStore, ledgerSums, openStore } from '../pipeline/store-fixture.ts'

/** Tables that hold the same in both homes; `seen` and tombstones are each home's own bookkeeping. */
export const COMPARED: readonly StoreTable[] = [
  'orders',
  'order_index',
  'customers',
  'products',
  'stock',
  'sessions',
  'live_minutes',
  'identities',
  'dead_letters',
]

/** One request to the door. */
export interface Accepted {
  readonly values: readonly unknown[]
  readonly request: ValuesRequest
}

const EVENTS = 25
const EVENTS_PER_REQUEST = 5

/** What a small busy shop sends, the same for the same seed. */
export function requestsOf(seed: number): Accepted[] {
  const events = busyShop({ seed, events: EVENTS, from: NOON - 2 * 86_400_000 })
  const kinds = ['server', 'browser', 'webhook'] as const
  return Array.from({ length: EVENTS / EVENTS_PER_REQUEST }, (_, index) => {
    const kind = kinds[index % kinds.length]!
    return {
      values: events.slice(index * EVENTS_PER_REQUEST, (index + 1) * EVENTS_PER_REQUEST),
      request: { source: { name: kind, kind }, received_at: NOON, request_id: `request-${index}` },
    }
  })
}

/** What one machine makes of requests that meet no fault. */
export interface Truth {
  readonly documents: { readonly [table: string]: unknown }
  readonly ledger: { readonly [count: string]: number }
  /** Ids of accepted events by type, in order. */
  readonly ids: { readonly [event_type: string]: readonly string[] }
}

export async function truthOf(requests: readonly Accepted[]): Promise<Truth> {
  const { stream, door } = openDoor()
  for (const { values, request } of requests) await door.collectValues(values, request)
  const { store, remove } = await openStore()
  await catchUp(stream, store, () => NOON)
  const ids: { [type: string]: string[] } = {}
  for (const { data } of stream.records) {
    for (const { name, lines } of decodeRecord(data).groups) {
      if (!isEventGroup(name)) continue
      ids[name] ??= []
      ids[name].push(...lines.map((line) => JSON.parse(Buffer.from(line).toString()).event_id))
    }
  }
  for (const found of Object.values(ids)) found.sort()
  const truth = {
    documents: JSON.parse(JSON.stringify(dumpStore(store, COMPARED))),
    ledger: ledgerSums(store),
    ids,
  }
  await remove()
  return truth
}
