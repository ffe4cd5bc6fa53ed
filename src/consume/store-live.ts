import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LiveMemory } from '../pipeline/live-memory.ts'
import { amountOf } from '../pipeline/project-amount.ts'
import { sessionKey } from '../pipeline/project-session.ts'
import { decodeRecord, type Group, isEventGroup } from '../pipeline/record.ts'
import type { Positions, Store, Stream } from '../ports.ts'

/** Minutes of the live view that a start brings back: today in any zone. */
const MINUTES_MS = 52 * 3_600_000
const VISITORS_MS = 10 * 60_000
/** Records and rows of a bucket that are looked through for recent visitors: a busy shop's live view fills up by itself. */
const RECORDS = 200
const ROWS = 1000
const READ_BYTES = 256 * 1024

/** Brings the live view back after a start: minutes from the store, visitors and carts from the stream's last records. */
export async function warmLive(options: {
  stream: Stream
  store: Pick<Store, 'list' | 'get'>
  live: LiveMemory
  positions: Positions
  now(): number
}): Promise<void> {
  const { stream, store, live, now } = options
  const from = new Date(now() - MINUTES_MS).toISOString().slice(0, 16)
  for (const { key, document } of store.list('live_minutes', { from, limit: 5000 })) {
    live.minute(key, document)
  }
  const tails = stream.tails()
  for (const [bucket, position] of options.positions.entries()) {
    const after = Math.max((tails[bucket] ?? 1) - 1, position - RECORDS)
    if (after >= position) continue
    let rows = 0
    for await (const batch of stream.read('inspect', bucket, after, READ_BYTES)) {
      for (const record of batch.records) {
        if (record.sequence <= position && rows < ROWS) rows += seeRecord(record.data, options)
      }
      await nextTurn()
      if (batch.last >= position || rows >= ROWS) break
    }
  }
}

/** Rows that it looked at. */
function seeRecord(
  data: Uint8Array,
  { live, store, now }: { live: LiveMemory; store: Pick<Store, 'get'>; now(): number },
): number {
  let groups: readonly Group[]
  try {
    const decoded = decodeRecord(data)
    if (decoded.header.received_at < now() - VISITORS_MS) return 0
    groups = decoded.groups
  } catch {
    // The loop has put these bytes aside as a dead letter already.
    return 0
  }
  let rows = 0
  for (const { name, lines } of groups) {
    if (!isEventGroup(name)) continue
    for (const line of lines) seeRow(JSON.parse((line as Buffer).toString('utf8')), live, store)
    rows += lines.length
  }
  return rows
}

function seeRow(
  row: { readonly [column: string]: unknown },
  live: LiveMemory,
  store: Pick<Store, 'get'>,
): void {
  const key = sessionKey(row)
  if (key === undefined || row.bot === true) return
  const session = store.get('sessions', key)
  // Erased since, or of no visit at all: an order of a server names its customer only.
  if (!session) return
  live.visitor({ session_id: key }, row.occurred_at as string)
  if ((session.cart_units as number) > 0) {
    live.cart(key, session.cart_at as string, amountOf(session.cart_value))
  }
}
