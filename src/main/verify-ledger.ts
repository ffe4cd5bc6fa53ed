import { LATE_MS } from '../simulator/faults.ts'
import type { Truth } from '../simulator/truth.ts'
import { createFigureBook, type Figure, type FigureRow, sumCount } from './figure.ts'

/** What the ledger, the dead letters and the lake say of the sources that a simulated shop sent with. */
export interface DoorState {
  /** Rows of GET /v1/ledger. */
  readonly ledger: readonly FigureRow[]
  readonly dead_letters: readonly FigureRow[]
  /** The one row of `LAKE_SQL`. */
  readonly lake: FigureRow
}

const HELD_UP = "date_diff('millisecond', occurred_at, sent_at)"

/** Counts of the lake that no report shows. */
export const LAKE_SQL = `select
  count(*) as events,
  count(distinct case when bot then session_id end) as bot_sessions,
  count(*) filter (where ${HELD_UP} >= ${LATE_MS}) as late,
  count(*) filter (where ${HELD_UP} < ${LATE_MS}) as out_of_order,
  count(*) filter (where extra is not null) as unknown_field
from events`

/**
 * What became of each event, against what was sent. `resumed`: the sender was interrupted and sent again what it may
 * have sent before, so that the number of duplicates says nothing.
 */
export function ledgerFigures(
  truth: Truth,
  state: DoorState,
  options: { readonly resumed: boolean },
): readonly Figure[] {
  const book = createFigureBook()
  const { faults } = truth
  const sum = (name: string) => sumCount(state.ledger, name)
  const sent = Object.values(truth.events).reduce((total, count) => total + count, 0)
  const invalid = Object.values(faults.invalid).reduce((total, count) => total + count, 0)
  book.add('ledger', 'accepted', 'count', sent, sum('accepted'))
  if (!options.resumed) book.add('ledger', 'duplicate', 'count', faults.duplicate, sum('duplicate'))
  book.add('ledger', 'rejected', 'count', invalid, sum('rejected'))
  book.add('ledger', 'applied', 'count', sent, sum('applied'))
  book.add('ledger', 'in the lake', 'count', sent, sum('in_lake') + sum('pending_lake'))
  const types = new Set([...Object.keys(truth.events), ...acceptedTypes(state.ledger)])
  for (const type of [...types].sort()) {
    const rows = state.ledger.filter((row) => row.event_type === type)
    const ours = sumCount(rows, 'accepted')
    book.add('ledger', `accepted ${type}`, 'count', truth.events[type] ?? 0, ours)
  }
  const letters = state.dead_letters.map((letter) => String(letter.reason))
  for (const reason of [...new Set([...Object.keys(faults.invalid), ...letters])].sort()) {
    const ours = letters.filter((one) => one === reason).length
    book.add('dead letters', reason, 'count', faults.invalid[reason] ?? 0, ours)
  }
  const { late, out_of_order, unknown_field } = faults
  const told = { events: sent, late, out_of_order, unknown_field, bot_sessions: truth.bot_sessions }
  for (const [name, count] of Object.entries(told)) {
    book.add('lake', name, 'count', count, state.lake[name])
  }
  return book.figures
}

function acceptedTypes(ledger: readonly FigureRow[]): string[] {
  return ledger.filter((row) => Number(row.accepted) > 0).map((row) => String(row.event_type))
}
