import packing from './packing.json' with { type: 'json' }
import table from './prices.json' with { type: 'json' }

/** What a shop sends and asks, and how its home is set up. */
export interface CostInput {
  readonly events_per_s: number
  readonly events_per_request: number
  /** Days of events that the lake keeps; the bill is that of the month in which they are full. */
  readonly retention_days: number
  /** Queries of the lake a day, each over a day of events. */
  readonly queries_per_day: number
  readonly window_s: number
  readonly stream: 'provisioned' | 'on_demand'
  readonly store: 'provisioned' | 'on_demand'
}

export interface CostLine {
  readonly service: string
  readonly usd_per_month: number
  readonly usd_per_million: number
  /** What is counted, in one sentence. */
  readonly of: string
}

export interface CostEstimate {
  readonly region: string
  /** Day on which the prices were looked up. */
  readonly checked: string
  readonly events_per_month: number
  readonly lines: readonly CostLine[]
  readonly usd_per_month: number
  readonly usd_per_million: number
  /** What others publish for the same events a second, dollars per million events. */
  readonly published: readonly { readonly name: string; readonly usd_per_million: number }[]
}

export const DEFAULT_COST_INPUT: Omit<CostInput, 'events_per_s'> = {
  events_per_request: 20,
  retention_days: 365,
  queries_per_day: 200,
  window_s: 60,
  stream: 'provisioned',
  store: 'on_demand',
}

const { prices } = table
const { assumed } = packing
const HOURS = 730
const SECONDS = HOURS * 3600
const MB = 1e6
const GB = 1e9
const SHARD_BYTES_PER_S = 1e6
const QUERY_LEAST_BYTES = 10 * MB
const EVENT_TYPES = 20

/** Numbers that several services are paid by. */
interface Load {
  readonly events: number
  readonly requests: number
  readonly shards: number
  readonly batches: number
  readonly stream_bytes: number
  readonly put_units: number
  readonly write_units: number
  readonly read_units: number
}

function loadOf(input: CostInput): Load {
  const events = input.events_per_s * SECONDS
  const request = atMost(packing.by_request, 'events_per_request', input.events_per_request)
  const store = atMost(packing.by_rate, 'events_per_s', input.events_per_s)
  const bytes_per_s = input.events_per_s * request.record_bytes
  const shards = Math.max(1, Math.ceil((bytes_per_s * assumed.peak_over_mean) / SHARD_BYTES_PER_S))
  const batch_s = Math.min(input.window_s, assumed.batch_bytes / (bytes_per_s / shards))
  return {
    ...{ events, shards },
    requests: Math.min(events, events / input.events_per_request),
    batches: (shards * SECONDS) / Math.max(1, batch_s),
    stream_bytes: events * request.record_bytes,
    put_units: events * request.put_units,
    write_units: events * store.store_write_units,
    read_units: events * store.store_read_units,
  }
}

/** The last row whose figure is not above `value`, else the first: what was measured with less packing costs more, never less. */
function atMost<K extends string, R extends { readonly [key in K]: number }>(
  rows: readonly R[],
  key: K,
  value: number,
): R {
  return rows.filter((row) => row[key] <= value).at(-1) ?? rows[0]!
}

/**
 * The monthly bill by service in the price file's region, without free tiers, taxes, support and QuickSight's seats. Bytes, units
 * and items are measured on this product (packing.json); how long functions run is estimated.
 */
export function estimateCost(input: CostInput): CostEstimate {
  const load = loadOf(input)
  const lines = PARTS.map(({ service, of, usd }) => {
    const usd_per_month = usd(load, input)
    return { service, of, usd_per_month, usd_per_million: (usd_per_month / load.events) * 1e6 }
  })
  const usd_per_month = lines.reduce((sum, line) => sum + line.usd_per_month, 0)
  return {
    ...{ region: table.region, checked: table.checked, events_per_month: load.events, lines },
    usd_per_month,
    usd_per_million: (usd_per_month / load.events) * 1e6,
    published: packing.published.flatMap(({ name, per_million_usd }) => {
      const figures: { readonly [rate: string]: number | undefined } = per_million_usd
      const usd_per_million = figures[String(input.events_per_s)]
      return usd_per_million === undefined ? [] : [{ name, usd_per_million }]
    }),
  }
}

interface Part {
  readonly service: string
  readonly of: string
  usd(load: Load, input: CostInput): number
}

const PARTS: readonly Part[] = [
  {
    service: 'API Gateway',
    of: 'requests of the REST API',
    usd: ({ requests }) => tiered(requests / 1e6, prices.gateway_million_requests.tiers),
  },
  {
    service: 'Lambda, door',
    of: 'collect at 512 MB and the authorizer at 256 MB, once a request',
    usd: ({ requests, events }) =>
      functionCost(
        requests,
        requests * assumed.collect_ms_per_request + events * assumed.collect_ms_per_event,
        0.5,
      ) + functionCost(requests, requests * assumed.authorize_ms, 0.25),
  },
  {
    service: 'Kinesis',
    of: 'shards for three times the mean and PUT units, or gigabytes in and out on demand',
    usd: ({ shards, put_units, stream_bytes }, { stream }) =>
      stream === 'provisioned'
        ? shards * HOURS * prices.kinesis_shard_hour.usd +
          (put_units / 1e6) * prices.kinesis_million_put_units.usd
        : HOURS * prices.kinesis_on_demand_stream_hour.usd +
          (stream_bytes / GB) *
            (prices.kinesis_on_demand_gb_in.usd + 2 * prices.kinesis_on_demand_gb_out.usd),
  },
  {
    service: 'Lambda, consumers',
    of: 'write-lake and update-store at 1 GB, once a batch',
    usd: ({ batches, events, write_units }) =>
      functionCost(
        2 * batches,
        batches * (assumed.write_lake_ms_per_batch + assumed.update_store_ms_per_batch) +
          events * (assumed.write_lake_ms_per_event + assumed.update_store_ms_per_event) +
          write_units * assumed.update_store_ms_per_write,
        1,
      ),
  },
  {
    service: 'DynamoDB',
    of: 'writes of 1 KB and reads of 4 KB, on demand or held ready, what is kept, and its backup',
    usd: ({ write_units, read_units, events }, { store }) =>
      (store === 'on_demand'
        ? (write_units / 1e6) * prices.dynamodb_million_writes.usd +
          (read_units / 1e6) * prices.dynamodb_million_reads.usd
        : heldReady(write_units, prices.dynamodb_write_unit_hour.usd) +
          heldReady(read_units, prices.dynamodb_read_unit_hour.usd)) +
      ((events * assumed.store_bytes_per_event) / GB) *
        (prices.dynamodb_gb_month.usd + prices.dynamodb_backup_gb_month.usd),
  },
  {
    service: 'S3',
    of: 'one object per event type and batch, reads of them, and the compacted lake',
    usd: ({ batches, events }, { retention_days }) => {
      const objects = batches * assumed.objects_per_batch
      const kept = events * 12 * (retention_days / 365) * packing.parquet_bytes
      return (
        (objects / 1000) * (prices.s3_thousand_puts.usd + 2 * prices.s3_thousand_gets.usd) +
        (kept / GB) * prices.s3_gb_month.usd
      )
    },
  },
  {
    service: 'Athena',
    of: 'queries over a day of events, and the hourly compaction',
    usd: ({ events }, { queries_per_day }) => {
      const day = events / (HOURS / 24)
      const query = Math.max(
        QUERY_LEAST_BYTES,
        day * packing.parquet_bytes * assumed.query_share_of_columns,
      )
      const keys = (day / 2) * assumed.key_bytes
      const merge = Math.max(
        EVENT_TYPES * QUERY_LEAST_BYTES,
        (day / 24) * packing.parquet_bytes + keys,
      )
      // One statement looks for what was sent again.
      const look = Math.max(QUERY_LEAST_BYTES, keys)
      const bytes = (HOURS / 24) * queries_per_day * query + HOURS * (merge + look)
      return (bytes / 1e12) * prices.athena_tb_scanned.usd
    },
  },
  {
    service: 'CloudWatch and the rest',
    of: 'logs by the request, metrics, alarms, the dashboard, the secret',
    usd: ({ requests }) =>
      ((requests * assumed.log_bytes_per_request) / GB) * prices.logs_gb.usd +
      assumed.metric_series * prices.metric_month.usd +
      assumed.alarm_metrics * prices.alarm_metric_month.usd +
      prices.dashboard_month.usd +
      prices.secret_month.usd,
  },
]

/** Capacity for so many units a month at a steady load, at least one unit of it. */
function heldReady(units: number, usd_per_hour: number): number {
  return Math.max(1, units / SECONDS / assumed.store_used_share) * HOURS * usd_per_hour
}

function functionCost(invocations: number, milliseconds: number, memory_gb: number): number {
  return (
    (invocations / 1e6) * prices.lambda_million_requests.usd +
    (milliseconds / 1000) * memory_gb * prices.lambda_gb_second.usd
  )
}

/** Steps of a price: up to a number of units, the price of one. */
function tiered(units: number, tiers: readonly (readonly (number | null)[])[]): number {
  let usd = 0
  let below = 0
  for (const [upTo, price] of tiers) {
    const end = Math.min(units, upTo ?? Number.POSITIVE_INFINITY)
    if (end > below) usd += (end - below) * price!
    below = Math.max(below, end)
  }
  return usd
}
