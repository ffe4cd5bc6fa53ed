import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { openDynamodbReader } from '../../src/aws/dynamodb-reader.ts'
import { mergeShares } from '../../src/pipeline/merge-shares.ts'
import type { BucketReader } from '../../src/share-ports.ts'
import { type AthenaStandIn, startAthenaStandIn } from './athena-stand-in.ts'
import { makeTable, removeTable, testDynamodb } from './dynamodb.ts'
import { startEmulators } from './emulators.ts'
import { type FaultProxy, startFaultProxy } from './faults.ts'
import { type Functions, openFunctions, type Service } from './functions.ts'
import { makeStream, testKinesis } from './kinesis.ts'
import { keysBelow, makeBucket, testS3 } from './s3.ts'

export type FaultyService = Exclude<Service, 'athena'>

const TABLE = 'store'
const BUCKET = 'lake'
const STREAM = 'collected'

/** The AWS home on emulators that fail when told to, with the functions as they are deployed. */
export interface EmulatedHome extends Functions {
  readonly buckets: number
  readonly kinesis: ReturnType<typeof testKinesis>
  readonly s3: ReturnType<typeof testS3>
  readonly lake_bucket: string
  readonly reader: BucketReader
  /** In front of each service, for functions and door alike. */
  readonly proxies: { readonly [S in FaultyService]: FaultProxy }
  readonly athena: AthenaStandIn
  /** Past the proxies. */
  readonly dynamodb: ReturnType<typeof testDynamodb>
  readonly table: string
  /** The stream that `collect` appends to. */
  readonly stream: string
  /** An empty lake and an empty store. */
  reset(): Promise<void>
}

export async function startHome(options: {
  buckets: number
  secret: Uint8Array
}): Promise<EmulatedHome> {
  const emulators = await startEmulators()
  const proxies = {
    kinesis: await startFaultProxy(emulators.endpoints.kinesis),
    s3: await startFaultProxy(emulators.endpoints.s3),
    dynamodb: await startFaultProxy(emulators.endpoints.dynamodb),
  }
  const athena = await startAthenaStandIn()
  const functions = await openFunctions({
    ...options,
    endpoints: {
      kinesis: proxies.kinesis.endpoint,
      s3: proxies.s3.endpoint,
      dynamodb: proxies.dynamodb.endpoint,
      athena: athena.endpoint,
    },
    ...{ stream: STREAM, table: TABLE, lake_bucket: BUCKET },
  })
  // Past the proxies, but for the stream: what a test looks at does not fail.
  const kinesis = testKinesis(proxies.kinesis.endpoint)
  const s3 = testS3(emulators.endpoints.s3)
  const dynamodb = testDynamodb(emulators.endpoints.dynamodb)
  await makeTable(dynamodb, TABLE)
  await makeBucket(s3, BUCKET)
  await makeStream(kinesis, STREAM)
  return {
    ...functions,
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
      await functions.close()
      for (const client of [kinesis, s3, dynamodb]) client.destroy()
      for (const proxy of Object.values(proxies)) await proxy.close()
      await athena.close()
      await emulators.close()
    },
  }
}
