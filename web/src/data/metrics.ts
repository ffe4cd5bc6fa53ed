import definitions from '../../../generated/metrics.json' with { type: 'json' }

/** A named number with its one written definition. */
export interface Metric {
  readonly label: string
  readonly unit: string
  readonly definition: string
  readonly formula: string
  /** Whether the parts of a stretch add up to the whole of it: orders do, visitors and rates do not. */
  readonly additive?: boolean
  /** Whether less of it is better. */
  readonly lower_is_better?: boolean
}

const METRICS = definitions as { readonly [name: string]: Metric }

export function metricOf(name: string | undefined): Metric | undefined {
  return name === undefined ? undefined : METRICS[name]
}

/** Every metric by its name, in the order of their definition. */
export function allMetrics(): readonly (readonly [string, Metric])[] {
  return Object.entries(METRICS)
}
