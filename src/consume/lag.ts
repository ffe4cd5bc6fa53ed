import type { Positions } from '../ports.ts'

/** Records between positions and the heads they run after. */
export function lagBehind(heads: Positions, positions: Positions): number {
  let records = 0
  for (const [bucket, head] of heads.entries()) {
    records += Math.max(0, head - (positions[bucket] ?? 0))
  }
  return records
}
