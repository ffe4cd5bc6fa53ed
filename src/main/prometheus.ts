import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, type MetricName, type Metrics } from '../metrics.ts'

/** From a tenth of a millisecond to a minute: accept answers lie at one end, long queries at the other. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]

/** The metric table as Prometheus metrics, with Node's own beside them; `text` is the exposition. */
export function createPrometheus(process: string): { metrics: Metrics; text(): Promise<string> } {
  const registry = new Registry()
  registry.setDefaultLabels({ process })
  collectDefaultMetrics({ register: registry })
  const counters = new Map<MetricName, Counter>()
  const gauges = new Map<MetricName, Gauge>()
  const histograms = new Map<MetricName, Histogram>()
  for (const [name, { kind, labels, help }] of Object.entries(METRICS)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (kind === 'counter') counters.set(name as MetricName, new Counter(options))
    else if (kind === 'gauge') gauges.set(name as MetricName, new Gauge(options))
    else histograms.set(name as MetricName, new Histogram({ ...options, buckets: SECONDS }))
  }
  return {
    metrics: {
      add: (name, value = 1, labels = {}) => counters.get(name)?.inc(labels, value),
      set: (name, value, labels = {}) => gauges.get(name)?.set(labels, value),
      observe: (name, value, labels = {}) => histograms.get(name)?.observe(labels, value),
    },
    text: () => registry.metrics(),
  }
}
