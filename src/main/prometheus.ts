import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObject,
  Registry,
} from 'prom-client'
import { METRICS, type MetricName, type Metrics } from '../metrics.ts'

/** From half a millisecond to a minute: accept answers lie at one end, long queries at the other. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]

/** A registry's metrics and values as plain JSON, to travel from one process to another. */
export type MetricSnapshot = readonly MetricObject[]

type AnyMetric = Counter | Gauge | Histogram

/**
 * The metric table as Prometheus metrics, with Node's own beside them. Each carries the process as a label. A metric is
 * there from its first use on: a process that does not measure something is not to say that it is 0.
 */
export function createPrometheus(process: string): {
  metrics: Metrics
  snapshot(): Promise<MetricSnapshot>
} {
  const registry = new Registry()
  registry.setDefaultLabels({ process })
  collectDefaultMetrics({ register: registry })
  const used = new Map<MetricName, AnyMetric>()
  const metricOf = (name: MetricName): AnyMetric => {
    let metric = used.get(name)
    if (!metric) {
      metric = createMetric(name, registry)
      used.set(name, metric)
    }
    return metric
  }
  return {
    metrics: {
      add: (name, value = 1, labels = {}) => (metricOf(name) as Counter).inc(labels, value),
      set: (name, value, labels = {}) => (metricOf(name) as Gauge).set(labels, value),
      observe: (name, value, labels = {}) => (metricOf(name) as Histogram).observe(labels, value),
    },
    snapshot: async () => (await registry.getMetricsAsJSON()) as MetricObject[],
  }
}

function createMetric(name: MetricName, registry: Registry): AnyMetric {
  const { kind, labels, help } = METRICS[name]
  const options = { name, help, labelNames: [...labels], registers: [registry] }
  if (kind === 'counter') return new Counter(options)
  if (kind === 'gauge') return new Gauge(options)
  return new Histogram({ ...options, buckets: SECONDS })
}

/** One Prometheus exposition (text format 0.0.4) of the registries of several processes: each metric is described once. */
export function exposition(snapshots: readonly MetricSnapshot[]): Promise<string> {
  // Series differ by the label `process`, so that nothing is added up here.
  const summed = snapshots.map((metrics) =>
    metrics.map((metric) => ({ ...metric, aggregator: 'sum' })),
  )
  return AggregatorRegistry.aggregate(summed).metrics()
}

/** Takes the supervisor's counts of restarts; the counter begins anew with this process, the supervisor's does not. */
export function countRestarts(
  metrics: Metrics,
): (restarts: { readonly [process: string]: number }) => void {
  const counted = new Map<string, number>()
  return (restarts) => {
    for (const [name, count] of Object.entries(restarts)) {
      const before = counted.get(name) ?? 0
      metrics.add('shoplake_process_restarts_total', count - before, { process: name })
      counted.set(name, count)
    }
  }
}
