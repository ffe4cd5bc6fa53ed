import type { LakeSink, RowLine, RowsByType } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'

/** A row that the encoder refuses by itself, and why. */
export interface Culprit<S = number> {
  readonly type: EventType
  readonly row: RowLine<S>
  readonly message: string
}

/**
 * Finds every row that the encoder refuses, by halving: a refusal is seen again at each step down, so a passing fault is
 * not mistaken for one. About 2 · log2(rows) probes for each culprit. Rejects as Lake.probe does.
 */
export async function findCulprits<S>(
  lake: LakeSink<S>,
  rows: RowsByType<S>,
): Promise<Culprit<S>[]> {
  const culprits: Culprit<S>[] = []
  for (const type of EVENT_TYPES) await search(lake, type, rows[type] ?? [], culprits)
  return culprits
}

async function search<S>(
  lake: LakeSink<S>,
  type: EventType,
  rows: readonly RowLine<S>[],
  culprits: Culprit<S>[],
): Promise<void> {
  if (rows.length === 0) return
  const message = await lake.probe(type, rows)
  if (message === undefined) return
  if (rows.length === 1) {
    culprits.push({ type, row: rows[0]!, message })
    return
  }
  const middle = rows.length >> 1
  await search(lake, type, rows.slice(0, middle), culprits)
  await search(lake, type, rows.slice(middle), culprits)
}

/** The rows without the culprits. */
export function withoutCulprits<S>(
  rows: RowsByType<S>,
  culprits: readonly Culprit<S>[],
): RowsByType<S> {
  const refused = new Set(culprits.map((culprit) => culprit.row))
  return Object.fromEntries(
    Object.entries(rows).map(([type, group]) => [type, group.filter((row) => !refused.has(row))]),
  )
}
