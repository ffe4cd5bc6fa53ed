import type { LedgerCounts, LedgerDelta } from '../ports.ts'
import { DAY_MINUTES, HOUR_DAYS, MINUTE_DAYS } from './ledger-age.ts'
import { keyOf, type StoreDatabase, type StoreEnvironment } from './store-environment.ts'

/** Ledger rows rest under `<level>/<first minute, 10 digits>/<source>/<event_type>`; the value is the counts as JSON. */
type Level = 'm' | 'h' | 'd'

const ROLLS: readonly { from: Level; to: Level; minutes: number; after_days: number }[] = [
  { from: 'm', to: 'h', minutes: 60, after_days: MINUTE_DAYS },
  { from: 'h', to: 'd', minutes: DAY_MINUTES, after_days: HOUR_DAYS },
]
/** Rows that one call sums up at most. */
const ROLL_ROWS = 2000

/** Puts the deltas onto what stands there; call it within `StoreEnvironment.write`, each commit after the last. */
export function addToLedger(ledger: StoreDatabase, deltas: readonly LedgerDelta[]): void {
  const sums = new Map<string, Partial<LedgerCounts>>()
  for (const delta of deltas) addTo(sums, rowKey('m', delta.minute, delta), delta.counts)
  putSums(ledger, sums)
}

/** Rows of all levels whose first minute lies in [from, to). */
export function readLedger(ledger: StoreDatabase, from: number, to: number): LedgerDelta[] {
  const levels: readonly Level[] = ['d', 'h', 'm']
  return levels.flatMap((level) => [...rowsOf(ledger, level, from, to)].map(({ row }) => row))
}

/** Sums up a bounded number of old rows; how many it took away. */
export async function rollLedger(environment: StoreEnvironment, now: number): Promise<number> {
  const { ledger } = environment
  let rolled = 0
  for (const { from, to, minutes, after_days } of ROLLS) {
    const before = Math.floor(now / 60_000 / minutes) * minutes - after_days * DAY_MINUTES
    const sums = new Map<string, Partial<LedgerCounts>>()
    const gone: Buffer[] = []
    for (const { key, row } of rowsOf(ledger, from, 0, before)) {
      addTo(sums, rowKey(to, Math.floor(row.minute / minutes) * minutes, row), row.counts)
      gone.push(key)
      if (gone.length === ROLL_ROWS) break
    }
    if (gone.length === 0) continue
    await environment.write(() => {
      putSums(ledger, sums)
      for (const key of gone) void ledger.remove(key)
    })
    rolled += gone.length
  }
  return rolled
}

function addTo(
  sums: Map<string, Partial<LedgerCounts>>,
  key: string,
  counts: Partial<LedgerCounts>,
): void {
  sums.set(key, added(sums.get(key) ?? {}, counts))
}

function putSums(ledger: StoreDatabase, sums: Map<string, Partial<LedgerCounts>>): void {
  for (const [text, counts] of sums) {
    const key = keyOf(text)
    const held = ledger.get(key)
    const sum = held ? added(JSON.parse(held.toString('utf8')), counts) : counts
    void ledger.put(key, Buffer.from(JSON.stringify(sum)))
  }
}

function added(a: Partial<LedgerCounts>, b: Partial<LedgerCounts>): Partial<LedgerCounts> {
  const sum = { ...a }
  for (const [name, count] of Object.entries(b) as [keyof LedgerCounts, number][]) {
    sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}

function rowKey(level: Level, minute: number, row: LedgerDelta): string {
  return `${level}/${padded(minute)}/${row.source}/${row.event_type}`
}

function padded(minute: number): string {
  return String(minute).padStart(10, '0')
}

function* rowsOf(
  ledger: StoreDatabase,
  level: Level,
  from: number,
  to: number,
): Generator<{ key: Buffer; row: LedgerDelta }> {
  if (to <= from) return
  const range = ledger.getRange({
    start: keyOf(`${level}/${padded(Math.max(0, from))}`),
    end: keyOf(`${level}/${padded(Math.min(to, 9_999_999_999))}`),
  })
  for (const { key, value } of range) {
    const [, minute, source, event_type] = key.toString('utf8').split('/') as [
      Level,
      string,
      string,
      LedgerDelta['event_type'],
    ]
    const counts = JSON.parse(value.toString('utf8')) as Partial<LedgerCounts>
    yield { key, row: { source, event_type, minute: Number(minute), counts } }
  }
}
