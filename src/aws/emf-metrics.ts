import { METRICS, type MetricName, type Metrics } from '../metrics.ts'

/** Metrics that gather during an invocation of a function. */
export interface EmfMetrics extends Metrics {
  /** Writes what has gathered and forgets it: once at the end of each invocation, also of one that failed. */
  flush(): void
}

/**
 * Labels that become dimensions. Each combination of their values is a metric that is paid for by the month, so labels with many
 * values (routes, error codes, event types) are summed over.
 */
const DIMENSIONS: readonly string[] = ['consumer', 'verdict', 'outcome', 'process']

/** Values of one metric in one line (CloudWatch Logs User Guide, "Embedded metric format specification"). */
const VALUES_LIMIT = 100

interface Series {
  readonly name: MetricName
  readonly dimensions: { readonly [label: string]: string }
  values: number[]
}

/**
 * Metrics as lines in CloudWatch's embedded metric format: the logs of a function carry them, and nothing is called. Counters
 * are summed, gauges keep the last value, observations are written one by one.
 */
export function createEmfMetrics(options: {
  readonly namespace: string
  /** Milliseconds since 1970. */
  now(): number
  /** Takes one line without a line end. */
  write(line: string): void
}): EmfMetrics {
  const gathered = new Map<string, Series>()

  function seriesOf(name: MetricName, labels: { readonly [label: string]: string } = {}): Series {
    const dimensions = Object.fromEntries(
      Object.entries(labels).filter(([label]) => DIMENSIONS.includes(label)),
    )
    const key = `${name} ${JSON.stringify(dimensions)}`
    let series = gathered.get(key)
    if (!series) {
      series = { name, dimensions, values: [] }
      gathered.set(key, series)
    }
    return series
  }

  return {
    add(name, value = 1, labels) {
      const series = seriesOf(name, labels)
      series.values = [(series.values[0] ?? 0) + value]
    },
    set(name, value, labels) {
      seriesOf(name, labels).values = [value]
    },
    observe(name, value, labels) {
      seriesOf(name, labels).values.push(value)
    },
    flush() {
      for (const series of gathered.values()) {
        for (let at = 0; at < series.values.length; at += VALUES_LIMIT) {
          const values = series.values.slice(at, at + VALUES_LIMIT)
          options.write(lineOf(options.namespace, options.now(), series, values))
        }
      }
      gathered.clear()
    },
  }
}

function lineOf(
  Namespace: string,
  Timestamp: number,
  { name, dimensions }: Series,
  values: readonly number[],
): string {
  const definition = {
    Namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: [{ Name: name, Unit: unitOf(name) }],
  }
  return JSON.stringify({
    _aws: { Timestamp, CloudWatchMetrics: [definition] },
    ...dimensions,
    [name]: values.length === 1 ? values[0] : values,
  })
}

/** The unit that the name ends with, in CloudWatch's words. */
function unitOf(name: MetricName): string {
  if (name.endsWith('_seconds')) return 'Seconds'
  if (name.endsWith('_bytes')) return 'Bytes'
  return METRICS[name].kind === 'counter' ? 'Count' : 'None'
}
