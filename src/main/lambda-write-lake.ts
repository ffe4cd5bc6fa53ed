import { dynamodbClient, s3Client } from '../aws/clients.ts'
import { openDynamodbStore } from '../aws/dynamodb-store.ts'
import { openS3Lake } from '../aws/s3-lake.ts'
import { createBucketLakeWriter } from '../consume/bucket-lake.ts'
import { consumerOf, lambdaMetrics } from './lambda-consumer.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'

const settings = readLambdaSettings(['lake_bucket', 'table', 'secret'])
const { config, table, buckets, secret, lake_bucket } = settings
const metrics = lambdaMetrics()
const now = Date.now
const store = openDynamodbStore({ client: dynamodbClient(placeOf('DYNAMODB')), table, buckets })
const lake = openS3Lake({ client: s3Client(placeOf('S3')), bucket: lake_bucket, metrics, now })
const writer = createBucketLakeWriter({ lake, store, config, secret, metrics, now })

/** From the stream to the lake. */
export const handler = consumerOf({ buckets, metrics, take: writer.take })
