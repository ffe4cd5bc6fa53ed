import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { bundleLambdas } from '../../scripts/lambda-bundles.mjs'
import { openDynamodbReader } from '../../src/aws/dynamodb-reader.ts'
import type { KinesisEvent } from '../../src/main/lambda-consumer.ts'
import type { GatewayAnswer, GatewayEvent } from '../../src/main/lambda-http.ts'
import { LAMBDA_ENVIRONMENT } from '../../src/main/lambda-settings.ts'
import { mergeShares } from '../../src/pipeline/merge-shares.ts'
import type { BucketReader } from '../../src/share-ports.ts'
import { type AthenaStandIn, startAthenaStandIn } from './athena-stand-in.ts'
import { makeTable, removeTable, testDynamodb } from './dynamodb.ts'
import { startDynamodb, startKinesis, startS3 } from './emulators.ts'
import { type FaultProxy, startFaultProxy } from './faults.ts'
import { makeStream, testKinesis } from './kinesis.ts'
import { keysBelow, makeBucket, testS3 } from './s3.ts'

export type ConsumerName = 'write-lake' | 'update-store'
type FunctionName = ConsumerName | 'collect' | 'read' | 'compact'
type Handle<E, A> = (event: E) => Promise<A>
export type Service = 'kinesis' | 's3' | 'dynamodb'

const TABLE = 'store'
const BUCKET = 'lake'
const STREAM = 'collected'

/** The AWS home on emulators, with the functions as they are deployed: bundled, and started by their environment alone. */
export interface EmulatedHome {
  readonly buckets: number
  readonly kinesis: ReturnType<typeof testKinesis>
  readonly s3: ReturnType<typeof testS3>
  readonly lake_bucket: string
  readonly reader: BucketReader
  /** In front of each service, for functions and door alike. */
  readonly proxies: { readonly [S in Service]: FaultProxy }
  readonly handlers: { readonly [N in ConsumerName]: Handle<KinesisEvent, unknown> }
  readonly collect: Handle<GatewayEvent, GatewayAnswer>
  readonly read: Handle<GatewayEvent, GatewayAnswer>
  readonly compact: () => Promise<unknown>
  readonly athena: AthenaStandIn
  /** Past the proxies. */
  readonly dynamodb: ReturnType<typeof testDynamodb>
  readonly table: string
  /** The stream that `collect` appends to. */
  readonly stream: string
  /** An empty lake and an empty store. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function startHome(options: {
  buckets: number
  secret: Uint8Array
}): Promise<EmulatedHome> {
  const emulators = [await startKinesis(), await startS3(), await startDynamodb()]
  const [kinesisProxy, s3Proxy, dynamodbProxy] = await Promise.all(
    emulators.map(({ endpoint }) => startFaultProxy(endpoint)),
  )
  const proxies = { kinesis: kinesisProxy!, s3: s3Proxy!, dynamodb: dynamodbProxy! }
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-aws-functions-'))
  const athena = await startAthenaStandIn()
  const environment = environmentOf(proxies, athena, options)
  Object.assign(process.env, environment)
  const handlerOf = <E, A>(name: FunctionName) => startFunction<E, A>(directory, name)
  const handlers = {
    'write-lake': handlerOf<KinesisEvent, unknown>('write-lake'),
    'update-store': handlerOf<KinesisEvent, unknown>('update-store'),
  }
  // Past the proxies: what a test looks at does not fail.
  const [kinesis, s3, dynamodb] = [
    testKinesis(proxies.kinesis.endpoint),
    testS3(emulators[1]!.endpoint),
    testDynamodb(emulators[2]!.endpoint),
  ]
  await makeTable(dynamodb, TABLE)
  await makeBucket(s3, BUCKET)
  await makeStream(kinesis, STREAM)
  return {
    buckets: options.buckets,
    kinesis,
    s3,
    lake_bucket: BUCKET,
    reader: openDynamodbReader({
      client: dynamodb,
      table: TABLE,
      buckets: options.buckets,
      merge: (table, shares) => mergeShares(table, shares, options.buckets),
    }),
    proxies,
    handlers,
    collect: handlerOf('collect'),
    read: handlerOf('read'),
    compact: handlerOf<void, unknown>('compact'),
    athena,
    dynamodb,
    table: TABLE,
    stream: STREAM,
    async reset() {
      for (const Key of await keysBelow(s3, BUCKET, '')) {
        await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
      }
      await removeTable(dynamodb, TABLE)
      await makeTable(dynamodb, TABLE)
    },
    async close() {
      // The clients of the functions look for credentials when they are first needed, and again.
      for (const name of Object.keys(environment)) delete process.env[name]
      for (const client of [kinesis, s3, dynamodb]) client.destroy()
      for (const proxy of Object.values(proxies)) await proxy.close()
      await athena.close()
      for (const emulator of emulators) await emulator.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** A function that starts with its first call, as Lambda's do. */
function startFunction<E, A>(directory: string, name: FunctionName): Handle<E, A> {
  let started: Promise<Handle<E, A>> | undefined
  const start = async (): Promise<Handle<E, A>> => {
    await bundleLambdas(directory, [name])
    // How long compaction waits for readers.
    if (name === 'compact') process.env.SHOPLAKE_SQL_TIMEOUT_MS = '100'
    const bundle = await import(`${pathToFileURL(path.join(directory, name, 'index.mjs'))}`)
    delete process.env.SHOPLAKE_SQL_TIMEOUT_MS
    return quietly(bundle.handler)
  }
  return async (event) => {
    started ??= start()
    return (await started)(event)
  }
}

/** A function's log is its standard output: metrics and failures in their hundreds are nothing for a test's. */
function quietly<E, A>(handler: Handle<E, A>): Handle<E, A> {
  return async (event) => {
    const { write } = process.stdout
    process.stdout.write = () => true
    try {
      return await handler(event)
    } finally {
      process.stdout.write = write
    }
  }
}

function environmentOf(
  proxies: EmulatedHome['proxies'],
  athena: AthenaStandIn,
  { buckets, secret }: { buckets: number; secret: Uint8Array },
): { [name: string]: string } {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_KINESIS: proxies.kinesis.endpoint,
    AWS_ENDPOINT_URL_S3: proxies.s3.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: proxies.dynamodb.endpoint,
    AWS_ENDPOINT_URL_ATHENA: athena.endpoint,
    [LAMBDA_ENVIRONMENT.workgroup]: 'shop',
    [LAMBDA_ENVIRONMENT.database]: 'shop',
    [LAMBDA_ENVIRONMENT.buckets]: String(buckets),
    [LAMBDA_ENVIRONMENT.table]: TABLE,
    [LAMBDA_ENVIRONMENT.stream]: STREAM,
    [LAMBDA_ENVIRONMENT.lake_bucket]: BUCKET,
    [LAMBDA_ENVIRONMENT.secret]: Buffer.from(secret).toString('hex'),
  }
}
