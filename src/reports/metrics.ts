import type { Unit } from './header.ts'
import definitions from './metrics.json' with { type: 'json' }

/** A named number with its one written definition. */
export interface Metric {
  readonly label: string
  readonly unit: Unit
  /** What it counts, for people. */
  readonly definition: string
  /** The same as a formula. */
  readonly formula: string
  /** Whether the parts of a stretch add up to the whole of it: orders do, visitors and rates do not. */
  readonly additive?: boolean
  /** Whether less of it is better. */
  readonly lower_is_better?: boolean
}

/** Every number that reports and console show, by name. A ratio whose denominator is 0 is null everywhere. */
export const METRICS = definitions as unknown as { readonly [name: string]: Metric }
