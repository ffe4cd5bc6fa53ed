import { createPace, type Pace } from '../pace.ts'
import type { Awaitable, LedgerCounts, LedgerDelta, Positions } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import type { EventCounts, LedgerTail, TailRecord } from './ledger-tail.ts'

/** What became of every event of one source, type and stretch of time; and what is still on its way. */
export interface LedgerNumbers extends LedgerCounts {
  /** accepted + duplicate + rejected. */
  received: number
  pending_lake: number
  pending_store: number
}

export interface LedgerRow extends LedgerNumbers {
  readonly source: string
  readonly event_type: EventType | 'unknown'
  /** Start of the stretch of received_at, ISO 8601 in UTC. */
  readonly minute: string
  readonly balanced: boolean
}

export interface LedgerReport {
  readonly from: string
  readonly to: string
  readonly grain_minutes: number
  /** Every row balances, and nothing was left out. */
  readonly balanced: boolean
  /** False where more was on its way than is counted at once: then `balanced` is false without an imbalance. */
  readonly complete: boolean
  /** Records on their way that were looked into. */
  readonly scanned_records: number
  readonly totals: LedgerNumbers
  /** The first rows that do not balance, one sentence each. */
  readonly imbalances: readonly string[]
  /** By minute, source and event type. */
  readonly rows: readonly LedgerRow[]
}

/** The store's ledger and checkpoint, or the lake's ledger and checkpoints by type, each read in one transaction. */
export interface StoreSnapshot {
  readonly ledger: readonly LedgerDelta[]
  readonly checkpoint: Positions
}

export interface LakeSnapshot {
  readonly ledger: readonly LedgerDelta[]
  /** A type that is not named has nothing in the lake: everything of it after `floor` is on its way. */
  readonly checkpoints: ReadonlyMap<EventType, Positions>
  /** Where the lake writer would read from after a start; from the beginning where it is not given. */
  readonly floor?: Positions
}

export interface LedgerSources {
  readonly tail: LedgerTail
  /** Ledger of minutes in [from, to), minutes since 1970. */
  lake(from: number, to: number): Awaitable<LakeSnapshot>
  store(from: number, to: number): Awaitable<StoreSnapshot>
  heads(): Positions
  /** Milliseconds since 1970. */
  now(): number
}

const MOST_IMBALANCES = 20
/** Records between two looks at the clock. */
const RECORDS_PER_LOOK = 200
const HOUR = 60
const DAY = 1440

/** What the two consumers booked, each by itself; the balance compares them. */
const LAKE_COUNTS = [
  'in_lake',
  'pending_lake',
  'duplicate_late',
  'not_encodable',
  'expired',
] as const
const STORE_COUNTS = ['applied', 'pending_store'] as const

/**
 * Answers the balance over minutes in [from, to) of received_at, one question at a time. The lake is read first, then
 * the store, then the heads, and records after each checkpoint are counted as on their way: so
 * accepted = in_lake + pending_lake + duplicate_late + not_encodable + expired and accepted = applied + pending_store
 * compare figures that were booked by different code at different times.
 */
export function createLedger(
  sources: LedgerSources,
): (from: number, to: number, grainMinutes?: LedgerGrain) => Promise<LedgerReport> {
  let last: Promise<unknown> = Promise.resolve()

  async function ask(first: number, end: number, grain: LedgerGrain): Promise<LedgerReport> {
    const pace = createPace()
    const stretches = stretchesOf(grain, Math.floor(sources.now() / 60_000))
    const from = stretches.startOf(first)
    const to = stretches.endOf(end)
    const lake = await sources.lake(from, to)
    await pace.rest()
    const store = await sources.store(from, to)
    const heads = sources.heads()
    const tail = await sources.tail.look(floorOf(store, lake), heads)
    const { startOf } = stretches
    return balanceLedger({ ...tail, store, lake, from, to, grain, startOf }, pace)
  }

  return (from, to, grainMinutes) => {
    const end = Math.min(to, Math.floor(sources.now() / 60_000) + 1)
    const answer = last.then(() => ask(from, to, grainMinutes ?? grainOf(end - from)))
    last = answer.catch(() => undefined)
    return answer
  }
}

/** Length of a row's stretch of time, in minutes: each divides the next. */
export type LedgerGrain = 1 | 60 | 1440

/** Minutes for 3 hours, hours for a fortnight, days beyond. */
export function grainOf(minutes: number): LedgerGrain {
  if (minutes <= 3 * HOUR) return 1
  return minutes <= 14 * DAY ? HOUR : DAY
}

/**
 * Where the stretch of a minute starts and ends. Store and lake each sum up old minutes to hours and old hours to days,
 * after 7 and 90 days and at moments of their own; a day earlier than both the report no longer tells them apart.
 */
function stretchesOf(grain: LedgerGrain, nowMinute: number) {
  function lengthAt(minute: number): number {
    const age = nowMinute - (minute - (minute % DAY))
    if (age >= 88 * DAY) return DAY
    return age >= 6 * DAY ? Math.max(grain, HOUR) : grain
  }
  const startOf = (minute: number) => minute - (minute % lengthAt(minute))
  const endOf = (minute: number) => {
    const start = startOf(minute)
    return start === minute ? minute : start + lengthAt(minute)
  }
  return { startOf, endOf }
}

/** The slowest of all checkpoints, per bucket: what lies before it is booked everywhere, and may be gone from the stream. */
function floorOf(store: StoreSnapshot, lake: LakeSnapshot): Positions {
  const isEachNamed = EVENT_TYPES.every((type) => lake.checkpoints.has(type))
  const unnamed = isEachNamed ? [] : [lake.floor ?? []]
  const all = [store.checkpoint, ...unnamed, ...lake.checkpoints.values()]
  return store.checkpoint.map((_, bucket) =>
    Math.min(...all.map((positions) => positions[bucket] ?? 0)),
  )
}

/** Figures of one moment, and the minutes asked for. */
interface Snapshots {
  readonly records: readonly TailRecord[]
  readonly complete: boolean
  readonly store: StoreSnapshot
  readonly lake: LakeSnapshot
  readonly from: number
  readonly to: number
  readonly grain: LedgerGrain
  /** First minute of the stretch that a minute is counted in. */
  startOf(minute: number): number
}

/** The balance of one set of snapshots. A busy minute leaves tens of thousands of records, and answers do not wait for them. */
async function balanceLedger(given: Snapshots, pace: Pace): Promise<LedgerReport> {
  const book = createBook(given.startOf)
  for (const delta of [...given.store.ledger, ...given.lake.ledger]) {
    addNumbers(book.cells(delta.source, delta.minute)(delta.event_type), delta.counts)
  }
  for (const [index, record] of given.records.entries()) {
    if (index % RECORDS_PER_LOOK === 0) await pace.rest()
    if (record.minute < given.from || record.minute >= given.to) continue
    addTail(book, record, given.store.checkpoint, given.lake)
  }
  const rows = book.rows()
  const imbalances = rows.flatMap(imbalancesOf)
  return {
    from: isoOf(given.from),
    to: isoOf(given.to),
    grain_minutes: given.grain,
    balanced: given.complete && imbalances.length === 0,
    complete: given.complete,
    scanned_records: given.records.length,
    totals: totalOf(rows),
    imbalances: given.complete ? imbalances.slice(0, MOST_IMBALANCES) : [],
    rows,
  }
}

interface Book {
  /** By type, the numbers of the stretch that holds the minute, for adding to. */
  cells(source: string, minute: number): (type: EventType | 'unknown') => LedgerNumbers
  rows(): LedgerRow[]
}

function createBook(startOf: (minute: number) => number): Book {
  const entries: {
    source: string
    event_type: EventType | 'unknown'
    minute: number
    numbers: LedgerNumbers
  }[] = []
  // Nested, not under a key made of all three: a backlog asks for a cell some hundred thousand times.
  const minutes = new Map<number, Map<string, Cells>>()
  return {
    cells(source, exact) {
      const minute = startOf(exact)
      const sources = inMap(minutes, minute, () => new Map<string, Cells>())
      const types = inMap(sources, source, (): Cells => new Map())
      return (event_type) =>
        inMap(types, event_type, () => {
          const numbers = zeros()
          entries.push({ source, event_type, minute, numbers })
          return numbers
        })
    },
    rows: () =>
      entries
        .filter(({ numbers }) => NUMBERS.some((name) => numbers[name] !== 0))
        .sort(
          (a, b) =>
            a.minute - b.minute ||
            compare(a.source, b.source) ||
            compare(a.event_type, b.event_type),
        )
        .map(({ source, event_type, minute, numbers }) => ({
          source,
          event_type,
          minute: isoOf(minute),
          ...numbers,
          received: receivedOf(numbers),
          balanced: isBalanced(numbers),
        })),
  }
}

type Cells = Map<EventType | 'unknown', LedgerNumbers>

function inMap<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

/** A record after the store's checkpoint has been booked by nobody; one after its type's, not by the lake. */
function addTail(book: Book, record: TailRecord, store: Positions, lake: LakeSnapshot): void {
  const { bucket, sequence, source, minute } = record
  const isNewToStore = sequence > store[bucket]!
  const numbersOf = book.cells(source, minute)
  for (const [type, count] of record.accepted) {
    const numbers = numbersOf(type)
    if (isNewToStore) {
      numbers.accepted += count
      numbers.pending_store += count
    }
    const passed = lake.checkpoints.get(type) ?? lake.floor
    if (sequence > (passed?.[bucket] ?? 0)) numbers.pending_lake += count
  }
  if (!isNewToStore) return
  for (const [type, count] of entriesOf(record.duplicates)) numbersOf(type).duplicate += count
  for (const [type, count] of entriesOf(record.rejected)) numbersOf(type).rejected += count
}

function entriesOf(counts: EventCounts): [EventType | 'unknown', number][] {
  return Object.entries(counts) as [EventType | 'unknown', number][]
}

function imbalancesOf(row: LedgerRow): string[] {
  if (row.balanced) return []
  const where = `${row.source} ${row.event_type} ${row.minute}`
  return [LAKE_COUNTS, STORE_COUNTS]
    .filter((names) => sumOf(row, names) !== row.accepted)
    .map((names) => {
      const parts = names.map((name) => `${name} ${row[name]}`).join(' + ')
      return `${where}: accepted ${row.accepted}, but ${parts} = ${sumOf(row, names)}`
    })
}

function isBalanced(numbers: LedgerNumbers): boolean {
  return (
    sumOf(numbers, LAKE_COUNTS) === numbers.accepted &&
    sumOf(numbers, STORE_COUNTS) === numbers.accepted
  )
}

function sumOf(numbers: LedgerNumbers, names: readonly (keyof LedgerNumbers)[]): number {
  return names.reduce((sum, name) => sum + numbers[name], 0)
}

function totalOf(rows: readonly LedgerRow[]): LedgerNumbers {
  const total = zeros()
  for (const row of rows) addNumbers(total, row)
  return { ...total, received: receivedOf(total) }
}

function addNumbers(into: LedgerNumbers, counts: Partial<LedgerNumbers>): void {
  for (const name of NUMBERS) into[name] += counts[name] ?? 0
}

function receivedOf({ accepted, duplicate, rejected }: LedgerNumbers): number {
  return accepted + duplicate + rejected
}

/** All but `received`, which follows from three of them. */
const NUMBERS = [
  'accepted',
  'duplicate',
  'rejected',
  ...LAKE_COUNTS,
  ...STORE_COUNTS,
] as const satisfies readonly (keyof LedgerNumbers)[]

function zeros(): LedgerNumbers {
  return {
    received: 0,
    accepted: 0,
    duplicate: 0,
    rejected: 0,
    in_lake: 0,
    pending_lake: 0,
    duplicate_late: 0,
    not_encodable: 0,
    expired: 0,
    applied: 0,
    pending_store: 0,
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function isoOf(minute: number): string {
  return new Date(minute * 60_000).toISOString()
}
