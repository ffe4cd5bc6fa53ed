/** Every metric name, once. Kinds and labels follow Prometheus; the same names go to CloudWatch. For graphs, never for the ledger. */
export const METRICS = {
  shoplake_requests_total: {
    kind: 'counter',
    labels: ['route', 'status'],
    help: 'HTTP requests answered.',
  },
  shoplake_request_seconds: {
    kind: 'histogram',
    labels: ['route'],
    help: 'Seconds from the headers of a request to its answer.',
  },
  shoplake_events_total: {
    kind: 'counter',
    labels: ['verdict', 'reason'],
    help: 'Events by verdict.',
  },
  shoplake_drift_events_total: {
    kind: 'counter',
    labels: ['event_type'],
    help: 'Accepted events with fields that the schema does not know.',
  },
  shoplake_refused_total: {
    kind: 'counter',
    labels: ['code'],
    help: 'Requests that were refused or failed, by error code.',
  },
  shoplake_dead_letters_dropped_total: {
    kind: 'counter',
    labels: [],
    help: 'Dead letters only counted, beyond the quota.',
  },
  shoplake_stream_bytes: { kind: 'gauge', labels: [], help: 'Bytes of the stream on disk.' },
  shoplake_stream_append_seconds: {
    kind: 'histogram',
    labels: [],
    help: 'Seconds until an append is durable.',
  },
  shoplake_stream_trim_failures_total: {
    kind: 'counter',
    labels: [],
    help: 'Tries to delete segments of the stream that failed and are made again.',
  },
  shoplake_disk_free_bytes: {
    kind: 'gauge',
    labels: [],
    help: 'Free bytes of the data directory.',
  },
  shoplake_consumer_lag_records: {
    kind: 'gauge',
    labels: ['consumer'],
    help: 'Records that a consumer has not committed.',
  },
  shoplake_consumer_retries_total: {
    kind: 'counter',
    labels: ['consumer', 'code'],
    help: 'Batches tried again.',
  },
  shoplake_dedup_ids: { kind: 'gauge', labels: [], help: 'Event ids remembered at the door.' },
  shoplake_dedup_window_seconds: {
    kind: 'gauge',
    labels: [],
    help: 'How far back the door remembers, at most dedup_window_hours.',
  },
  shoplake_lake_files: { kind: 'gauge', labels: [], help: 'Parquet files in the lake.' },
  shoplake_lake_rows_total: {
    kind: 'counter',
    labels: ['event_type'],
    help: 'Rows taken into the lake, visible to SQL.',
  },
  shoplake_lake_compactions_total: { kind: 'counter', labels: [], help: 'Compactions finished.' },
  shoplake_not_encodable_total: {
    kind: 'counter',
    labels: ['event_type'],
    help: 'Accepted events that no writer could encode.',
  },
  shoplake_sql_seconds: { kind: 'histogram', labels: ['outcome'], help: 'Seconds a query took.' },
  shoplake_alerts_firing: {
    kind: 'gauge',
    labels: ['rule'],
    help: '1 while the alert rule holds.',
  },
  shoplake_alert_deliveries_total: {
    kind: 'counter',
    labels: ['outcome'],
    help: 'Alert webhooks by outcome.',
  },
  shoplake_process_restarts_total: {
    kind: 'counter',
    labels: ['process'],
    help: 'Times the supervisor started a process again.',
  },
} as const satisfies {
  readonly [name: string]: {
    kind: 'counter' | 'gauge' | 'histogram'
    labels: readonly string[]
    help: string
  }
}

export type MetricName = keyof typeof METRICS

/** The three verbs that code knows; prom-client stands behind them in main/, EMF on AWS. */
export interface Metrics {
  add(name: MetricName, value?: number, labels?: { readonly [label: string]: string }): void
  set(name: MetricName, value: number, labels?: { readonly [label: string]: string }): void
  observe(name: MetricName, value: number, labels?: { readonly [label: string]: string }): void
}

/** Counts nothing: for tools and tests that do not look. */
export const NO_METRICS: Metrics = { add() {}, set() {}, observe() {} }
