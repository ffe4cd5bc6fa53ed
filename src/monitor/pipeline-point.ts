/** A process's metric as plain JSON, as far as it is looked at here. */
export interface MetricLike {
  readonly name: string
  readonly values: readonly {
    readonly value: number
    readonly labels: { readonly [label: string]: string | number | undefined }
    /** Of histograms: `<name>_bucket`, `<name>_sum` or `<name>_count`. */
    readonly metricName?: string | undefined
  }[]
}

/** Of a histogram: how many observations were at most so many seconds, from the lowest bound to infinity. */
export type Buckets = ReadonlyMap<number, number>

/** What the counters of all processes said at one moment. */
export interface PipelineSample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly counters: { readonly [N in CounterName]: number }
  readonly accept: Buckets
  readonly append: Buckets
  readonly sql: Buckets
  readonly store_lag_records: number
  readonly lake_lag_records: number
}

type CounterName = 'requests' | 'accepted' | 'duplicate' | 'rejected' | 'lake_rows'

/** What happened between two samples: counts within, percentiles in milliseconds (null where there was nothing), lags at the end. */
export interface PipelinePoint {
  /** The end, ISO 8601. */
  readonly at: string
  readonly seconds: number
  readonly requests: number
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly lake_rows: number
  readonly accept_p50_ms: number | null
  readonly accept_p95_ms: number | null
  readonly accept_p99_ms: number | null
  readonly append_p99_ms: number | null
  readonly sql_p95_ms: number | null
  readonly queries: number
  readonly store_lag_records: number
  readonly lake_lag_records: number
}

/** The route whose answer means that events are durable. */
const ACCEPT_ROUTE = '/v1/events'

/** Reads the metrics of all processes; one that is away counts as nothing. */
export function sampleOf(
  at: number,
  metrics: readonly MetricLike[],
  lags: Pick<PipelineSample, 'store_lag_records' | 'lake_lag_records'>,
): PipelineSample {
  const valuesOf = (name: string) =>
    metrics.filter((metric) => metric.name === name).flatMap(({ values }) => values)
  const sum = (name: string, label: string, value: string) =>
    valuesOf(name)
      .filter(({ labels }) => label === '' || labels[label] === value)
      .reduce((all, one) => all + one.value, 0)
  const verdict = (name: string) => sum('shoplake_events_total', 'verdict', name)
  return {
    at,
    ...lags,
    counters: {
      requests: sum('shoplake_requests_total', 'route', ACCEPT_ROUTE),
      accepted: verdict('accepted'),
      duplicate: verdict('duplicate'),
      rejected: verdict('rejected'),
      lake_rows: sum('shoplake_lake_rows_total', '', ''),
    },
    accept: bucketsOf(
      valuesOf('shoplake_request_seconds').filter(({ labels }) => labels.route === ACCEPT_ROUTE),
    ),
    append: bucketsOf(valuesOf('shoplake_stream_append_seconds')),
    sql: bucketsOf(valuesOf('shoplake_sql_seconds')),
  }
}

function bucketsOf(values: MetricLike['values']): Buckets {
  const buckets = new Map<number, number>()
  for (const { value, labels, metricName } of values) {
    if (!metricName?.endsWith('_bucket')) continue
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)
    buckets.set(bound, (buckets.get(bound) ?? 0) + value)
  }
  return new Map([...buckets].sort(([a], [b]) => a - b))
}

/** What happened from one sample to the next. A counter that fell began anew with its process: all of it is new. */
export function pointBetween(before: PipelineSample, after: PipelineSample): PipelinePoint {
  const grown = (name: CounterName) => growth(before.counters[name], after.counters[name])
  const accept = bucketGrowth(before.accept, after.accept)
  const sql = bucketGrowth(before.sql, after.sql)
  const append = bucketGrowth(before.append, after.append)
  return {
    at: new Date(after.at).toISOString(),
    seconds: Math.max(0.001, (after.at - before.at) / 1000),
    requests: grown('requests'),
    accepted: grown('accepted'),
    duplicate: grown('duplicate'),
    rejected: grown('rejected'),
    lake_rows: grown('lake_rows'),
    accept_p50_ms: percentileMs(accept, 0.5),
    accept_p95_ms: percentileMs(accept, 0.95),
    accept_p99_ms: percentileMs(accept, 0.99),
    append_p99_ms: percentileMs(append, 0.99),
    sql_p95_ms: percentileMs(sql, 0.95),
    queries: [...sql.values()].at(-1) ?? 0,
    store_lag_records: after.store_lag_records,
    lake_lag_records: after.lake_lag_records,
  }
}

function growth(before: number, after: number): number {
  return after < before ? after : after - before
}

function bucketGrowth(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, growth(before.get(bound) ?? 0, count)]))
}

/**
 * A percentile of cumulated buckets, in milliseconds: evenly spread within its bucket, as Prometheus's histogram_quantile
 * has it; beyond the highest bound that bound. Null where nothing was observed.
 */
export function percentileMs(buckets: Buckets, share: number): number | null {
  const all = [...buckets.values()].at(-1) ?? 0
  if (all === 0) return null
  const rank = share * all
  let [low, below] = [0, 0]
  for (const [bound, count] of buckets) {
    if (count >= rank) {
      if (bound === Number.POSITIVE_INFINITY) return low * 1000
      const part = count === below ? 0 : (rank - below) / (count - below)
      return (low + (bound - low) * part) * 1000
    }
    low = bound
    below = count
  }
  return low * 1000
}
