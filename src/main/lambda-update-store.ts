import { dynamodbClient } from '../aws/clients.ts'
import { openDynamodbStore } from '../aws/dynamodb-store.ts'
import { createBucketUpdater } from '../consume/bucket-updater.ts'
import { consumerOf, lambdaMetrics } from './lambda-consumer.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'

const settings = readLambdaSettings(['table', 'secret'])
const { config, table, buckets, secret } = settings
const metrics = lambdaMetrics()
const store = openDynamodbStore({ client: dynamodbClient(placeOf('DYNAMODB')), table, buckets })
const updater = createBucketUpdater({ store, config, secret, metrics, now: Date.now })

/** From the stream to the store. */
export const handler = consumerOf({ buckets, metrics, take: updater.take })
