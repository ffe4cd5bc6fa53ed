import { setTimeout as sleep } from 'node:timers/promises'
import { askSql, patiently } from './ask.ts'
import type { Client } from './client.ts'
import type { FigureRow } from './figure.ts'

const LOOK_MS = 250
/** What is missing in SQL for so long will never come. */
const STALL_MS = 15_000
/** Consumers that book nothing for so long have stopped. On AWS they gather a batch for a minute, and book it when it is done. */
const IDLE_MS = 180_000
const LONGEST_MS = 600_000

/** The part of GET /v1/ledger that is compared. */
export interface Ledger {
  readonly balanced: boolean
  readonly totals: { readonly [count: string]: number }
  readonly imbalances?: readonly string[]
  readonly rows: readonly FigureRow[]
}

/** Ledger and lake at a moment at which the store has applied everything and SQL sees everything, where it came. */
export interface Settled {
  readonly ledger: Ledger
  /** Rows of the lake, counted by SQL. */
  readonly rows: number
}

/** Two sides of one balance. */
export interface Check {
  readonly check: string
  readonly left: number
  readonly right: number
  readonly equal: boolean
}

/**
 * Waits until nothing is pending for the store and SQL counts as many rows as the ledger has for the lake. Rows in
 * memory count as pending for the ledger, though SQL sees them. Comes back with what there is when nothing moves any more.
 */
export async function settle(client: Client): Promise<Settled> {
  const from = new Date(0).toISOString()
  const began = performance.now()
  let movedAt = began
  let progress = -1
  for (;;) {
    const ledger = await patiently<Ledger>(client, `/v1/ledger?from=${from}`)
    const [counted] = await askSql(client, 'select count(*) as rows from events')
    const rows = Number(counted?.rows)
    const { totals } = ledger
    if (isSettled({ ledger, rows })) return { ledger, rows }
    const now = rows + sum(totals, ['applied', 'in_lake'])
    if (now !== progress) movedAt = performance.now()
    progress = now
    const patience = totals.pending_store === 0 ? STALL_MS : IDLE_MS
    if (performance.now() - movedAt > patience || performance.now() - began > LONGEST_MS)
      return { ledger, rows }
    await sleep(LOOK_MS)
  }
}

const LAKE = ['in_lake', 'pending_lake']

/** Whether nothing is pending for the store, and SQL sees all that the ledger has for the lake. */
export function isSettled({ ledger: { totals }, rows }: Settled): boolean {
  return totals.pending_store === 0 && rows === sum(totals, LAKE)
}

/** The ledger's own balance, and the lake recounted by SQL against it. */
export function recountChecks({ ledger, rows }: Settled): Check[] {
  const { totals, balanced, imbalances = [] } = ledger
  const check = (text: string, left: number, right: number): Check => ({
    check: text,
    left,
    right,
    equal: left === right,
  })
  const accepted = totals.accepted ?? 0
  return [
    check(
      'received = accepted + duplicate + rejected',
      totals.received ?? 0,
      sum(totals, ['accepted', 'duplicate', 'rejected']),
    ),
    check(
      'accepted = in_lake + pending_lake + duplicate_late + not_encodable + expired',
      accepted,
      sum(totals, [...LAKE, 'duplicate_late', 'not_encodable', 'expired']),
    ),
    check(
      'accepted = applied + pending_store',
      accepted,
      sum(totals, ['applied', 'pending_store']),
    ),
    check('rows counted by SQL = in_lake + pending_lake', rows, sum(totals, LAKE)),
    // A ledger that could not be read to its end is out of balance without saying where.
    check('ledger rows out of balance = 0', balanced ? 0 : Math.max(1, imbalances.length), 0),
  ]
}

function sum(totals: Ledger['totals'], names: readonly string[]): number {
  return names.reduce((total, name) => total + (totals[name] ?? 0), 0)
}
