import type { RecordHeader } from '../pipeline/record.ts'
import { isEventGroup } from '../pipeline/record.ts'
import type { LedgerCounts, LedgerDelta } from '../ports.ts'

/** Ledger counts of the records between two commits. */
export interface StoreCounts {
  /** Books a whole record: what the door decided, and that its events are applied. */
  book(header: RecordHeader): void
  deltas(): LedgerDelta[]
  clear(): void
}

type CountedType = LedgerDelta['event_type']

export function createStoreCounts(): StoreCounts {
  const sums = new Map<string, LedgerDelta & { counts: Partial<LedgerCounts> }>()

  function add(header: RecordHeader, event_type: CountedType, counts: Partial<LedgerCounts>): void {
    const minute = Math.floor(header.received_at / 60_000)
    const key = `${minute}/${header.source}/${event_type}`
    let delta = sums.get(key)
    if (!delta) {
      delta = { source: header.source, event_type, minute, counts: {} }
      sums.set(key, delta)
    }
    for (const [name, count] of Object.entries(counts) as [keyof LedgerCounts, number][]) {
      delta.counts[name] = (delta.counts[name] ?? 0) + count
    }
  }

  return {
    book(header) {
      for (const [name, lines] of header.groups) {
        if (isEventGroup(name)) add(header, name, { accepted: lines, applied: lines })
      }
      for (const [type, duplicate] of Object.entries(header.duplicates)) {
        add(header, type as CountedType, { duplicate })
      }
      for (const [type, rejected] of Object.entries(header.rejected)) {
        add(header, type as CountedType, { rejected })
      }
    },
    deltas: () => [...sums.values()],
    clear: () => sums.clear(),
  }
}
