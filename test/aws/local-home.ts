import { setTimeout as sleep } from 'node:timers/promises'
import { openDynamodbKeys } from '../../src/aws/dynamodb-keys.ts'
import { keyProblem } from '../../src/local/stored-keys.ts'
import { LAMBDA_ENVIRONMENT } from '../../src/main/lambda-settings.ts'
import { startAthenaOver } from './athena-lake.ts'
import { makeTable, testDynamodb } from './dynamodb.ts'
import type { Emulators } from './emulators.ts'
import { createEventSource, type EventSource } from './event-source.ts'
import { type ConsumerName, type Functions, openFunctions } from './functions.ts'
import { startGateway } from './gateway-server.ts'
import { makeStream, testKinesis } from './kinesis.ts'
import { makeBucket, testS3 } from './s3.ts'

/** One call of a consumer. */
export interface Invocation {
  readonly consumer: ConsumerName
  readonly records: number
  readonly ms: number
  readonly failed: boolean
}

/** The AWS home on this machine, up and answering: see docs/guides/aws-local.md. */
export interface LocalHome {
  readonly url: string
  /** Of scope admin. */
  readonly key: string
  readonly functions: Functions
  readonly invocations: readonly Invocation[]
  /** What waits in the lake goes into the compacted tables, as the schedule does every hour. */
  compact(): Promise<void>
  /** While true nothing is handed to the consumers by itself. */
  pause(isPaused: boolean): void
  /** Hands a consumer all that is there; for when it is paused. */
  drain(consumer: ConsumerName): Promise<void>
  close(): Promise<void>
}

export interface LocalHomeOptions {
  readonly emulators: Emulators
  readonly port: number
  /** How long records gather before a consumer is called. The template's is for what calls cost. */
  readonly window_ms: number
  readonly console_directory?: string
  /** Lines of the functions' logs. */
  log?(line: string): void
}

const NAMES = { stream: 'shoplake', table: 'store', lake_bucket: 'lake', buckets: 16 } as const

/**
 * HTTP in through the real functions, records through kinesalite to both consumers, Parquet in an emulated S3, state in
 * dynalite, and DuckDB behind Athena's API in Athena's stead. Reports are therefore compiled for DuckDB.
 */
export async function startLocalHome(options: LocalHomeOptions): Promise<LocalHome> {
  const { endpoints } = options.emulators
  const [kinesis, s3] = [testKinesis(endpoints.kinesis), testS3(endpoints.s3)]
  const dynamodb = testDynamodb(endpoints.dynamodb)
  await makeTable(dynamodb, NAMES.table)
  await makeBucket(s3, NAMES.lake_bucket)
  await makeStream(kinesis, NAMES.stream)
  const athena = await startAthenaOver(s3, NAMES.lake_bucket)
  const functions = await openFunctions({
    ...NAMES,
    endpoints: { ...endpoints, athena: athena.endpoint },
    secret: crypto.getRandomValues(new Uint8Array(32)),
    environment: { [LAMBDA_ENVIRONMENT.sql_dialect]: 'duckdb' },
    ...(options.log && { log: options.log }),
  })
  const gateway = await startGateway({ functions, ...options })
  const traits = { name: 'local-admin', kind: 'server', scopes: ['admin'], origins: [] } as const
  const { table } = NAMES
  const keys = openDynamodbKeys({ client: dynamodb, table, check: keyProblem, now: Date.now })
  const { text } = await keys.create(traits)
  const invocations: Invocation[] = []
  const stopping = new AbortController()
  const state = { isPaused: false }
  const sourceOf = (consumer: ConsumerName) =>
    createEventSource({
      client: kinesis,
      stream_name: NAMES.stream,
      settings: functions.sources[consumer],
      handler: timed(consumer, functions, invocations),
    })
  const sources = {
    'write-lake': sourceOf('write-lake'),
    'update-store': sourceOf('update-store'),
  }
  const loops = Object.values(sources).map((source) =>
    follow(source, { ...options, state, signal: stopping.signal }),
  )
  return {
    url: gateway.url,
    key: text,
    functions,
    invocations,
    compact: async () => void (await functions.compact()),
    pause: (isPaused) => {
      state.isPaused = isPaused
    },
    drain: (consumer) => sources[consumer].drain(),
    async close() {
      stopping.abort()
      await Promise.all(loops)
      await gateway.close()
      await functions.close()
      await athena.close()
      for (const client of [kinesis, s3, dynamodb]) client.destroy()
    },
  }
}

function timed(consumer: ConsumerName, functions: Functions, invocations: Invocation[]) {
  return async (event: Parameters<Functions['consumers'][ConsumerName]>[0]) => {
    const began = performance.now()
    let failed = true
    try {
      await functions.consumers[consumer](event)
      failed = false
    } finally {
      const ms = performance.now() - began
      invocations.push({ consumer, records: event.Records.length, ms, failed })
    }
  }
}

/** Polls as an event source mapping does, until the signal. What fails on the way to a function is tried again. */
async function follow(source: EventSource, options: Following): Promise<void> {
  const { window_ms, state, signal, log = () => undefined } = options
  while (!signal.aborted) {
    try {
      if (!state.isPaused) await source.poll(Number.POSITIVE_INFINITY)
    } catch (error) {
      const message = 'the stream could not be read; trying again'
      log(JSON.stringify({ level: 'error', message, why: String(error) }))
    }
    await sleep(window_ms, undefined, { signal }).catch(() => undefined)
  }
}

interface Following extends Pick<LocalHomeOptions, 'window_ms' | 'log'> {
  readonly state: { readonly isPaused: boolean }
  readonly signal: AbortSignal
}
