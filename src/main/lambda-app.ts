import { randomUUID } from 'node:crypto'
import { dynamodbClient, kinesisClient } from '../aws/clients.ts'
import { openDynamodbKeys } from '../aws/dynamodb-keys.ts'
import { openDynamodbReader } from '../aws/dynamodb-reader.ts'
import type { EmfMetrics } from '../aws/emf-metrics.ts'
import { openKinesisStream } from '../aws/kinesis-stream.ts'
import { erasedIdOf } from '../consume/erased-id.ts'
import { erasureState } from '../consume/lake-erasures.ts'
import { ShoplakeError } from '../errors.ts'
import { createApp } from '../http/app.ts'
import type { AppDeps } from '../http/deps.ts'
import { problemAnswer } from '../http/problem.ts'
import { keyProblem } from '../local/stored-keys.ts'
import { createDoor } from '../pipeline/collect.ts'
import { createDedupWindow } from '../pipeline/dedup.ts'
import { NO_RATES } from '../pipeline/enrich-fx.ts'
import { mergeShares } from '../pipeline/merge-shares.ts'
import { splitRecord } from '../pipeline/split-record.ts'
import type { StoreDocument } from '../ports.ts'
import type { BucketReader } from '../share-ports.ts'
import { logLine } from './lambda-consumer.ts'
import { answerOf, type GatewayAnswer, type GatewayEvent, requestOf } from './lambda-http.ts'
import { placeOf } from './lambda-places.ts'
import type { LambdaSettings } from './lambda-settings.ts'

/** Ids that one instance of a function remembers: a client that sends again at once often meets the same instance. */
const REMEMBERED_IDS = 200_000
const HOUR_MS = 3_600_000
const REFUSED_LIMIT = 1000

/** What only the reading function has; absent in the one that collects. */
export type Questions = Partial<
  Pick<AppDeps, 'sql' | 'reports' | 'models' | 'dialect'> & {
    ledger(reader: BucketReader): AppDeps['ledger']
    live(reader: BucketReader): AppDeps['live']
  }
>

/**
 * The HTTP app of one machine over the parts of the distributed home, as a function behind API Gateway. The gateway
 * checks rates; keys are looked up in the store's table.
 */
export function gatewayHandler(
  settings: LambdaSettings,
  metrics: EmfMetrics,
  questions: Questions = {},
): (event: GatewayEvent) => Promise<GatewayAnswer> {
  const { config, table, buckets } = settings
  const now = Date.now
  const client = dynamodbClient(placeOf('DYNAMODB'))
  const keys = openDynamodbKeys({ client, table, check: keyProblem, now })
  const reader = openDynamodbReader({
    client,
    table,
    buckets,
    merge: (name, shares) => mergeShares(name, shares, buckets),
  })
  const app = createApp({
    mode: 'start',
    config,
    build: { version: VERSION },
    keys,
    door: doorOf(settings, metrics, now),
    store: reader,
    // Consumers follow by their windows: a tombstone goes its way and meets late links where they are.
    storeCaughtUp: async () => {},
    erasedId: (customer_id) => erasedIdOf(reader, settings.secret, customer_id),
    // The gateway takes an answer when it is whole.
    streams: false,
    live: questions.live?.(reader) ?? notHere,
    sql: questions.sql ?? { run: async () => notHere() },
    ...(questions.dialect && { dialect: questions.dialect }),
    reports: questions.reports ?? [],
    models: questions.models ?? [],
    ledger: questions.ledger?.(reader) ?? notHere,
    lake: {
      notEncodable: async () => {
        const shares = await reader.shares('lake_refused', {})
        const letters = shares.map(({ document }) => document)
        return letters.filter((one): one is StoreDocument => one !== null).slice(-REFUSED_LIMIT)
      },
      eraseState: (erased_id, requested_at) => erasureState(reader, erased_id, requested_at),
    },
    health: async () => ({ ready: true, checks: [] }),
    metrics,
    metricsText: async () => '# metrics are in CloudWatch\n',
    log: {
      info: (fields, message) => logLine('info', { ...fields, message }),
      warn: (fields, message) => logLine('warn', { ...fields, message }),
      error: (fields, message) => logLine('error', { ...fields, message }),
    },
    now,
    shutdown: new AbortController().signal,
  })
  return async (event) => {
    try {
      await keys.refresh()
      return await answerOf(await app.fetch(requestOf(event)))
    } catch (error) {
      return unavailable(error)
    } finally {
      metrics.flush()
    }
  }
}

function doorOf(settings: LambdaSettings, metrics: EmfMetrics, now: () => number) {
  const { config, stream: stream_name, buckets, secret } = settings
  const client = kinesisClient(placeOf('KINESIS'))
  return createDoor({
    stream: openKinesisStream({ client, stream_name, buckets, metrics, split: splitRecord }),
    window: createDedupWindow({
      maxIds: Math.min(config.dedup_max_ids, REMEMBERED_IDS),
      windowMs: config.dedup_window_hours * HOUR_MS,
      now,
    }),
    config,
    secret,
    rates: NO_RATES,
    metrics,
    now,
  })
}

function notHere(): never {
  throw new ShoplakeError('not_offered', 'this function takes events; questions go to another')
}

/** The app answers whatever its routes throw; before it there is only the look for keys. */
function unavailable(error: unknown): GatewayAnswer {
  const request_id = randomUUID()
  const { status, headers, body, code } = problemAnswer(error, request_id)
  logLine('error', { request_id, code, why: String(error) })
  return { statusCode: status, headers, body: String(body), isBase64Encoded: false }
}

/** Written in by the bundler. */
declare const SHOPLAKE_VERSION: string
const VERSION = SHOPLAKE_VERSION
