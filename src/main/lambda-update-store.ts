import { dynamodbClient, kinesisClient } from '../aws/clients.ts'
import { openDynamodbStore } from '../aws/dynamodb-store.ts'
import { openKinesisStream } from '../aws/kinesis-stream.ts'
import { createBucketUpdater } from '../consume/bucket-updater.ts'
import { splitRecord } from '../pipeline/split-record.ts'
import { tombstoneRecords } from '../pipeline/tombstone-record.ts'
import { consumerOf, lambdaMetrics } from './lambda-consumer.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'

const settings = readLambdaSettings(['stream', 'table', 'secret'])
const { config, table, buckets, secret, stream: stream_name } = settings
const metrics = lambdaMetrics()
const store = openDynamodbStore({ client: dynamodbClient(placeOf('DYNAMODB')), table, buckets })
const stream = openKinesisStream({
  ...{ client: kinesisClient(placeOf('KINESIS')), stream_name, buckets, metrics },
  split: splitRecord,
})
const updater = createBucketUpdater({
  ...{ store, config, secret, metrics, now: Date.now },
  erase: async (tombstone) => void (await stream.append(tombstoneRecords(tombstone, 0, buckets))),
})

/** From the stream to the store, and back where further browsers of an erased person are found. */
export const handler = consumerOf({ buckets, metrics, take: updater.take })
