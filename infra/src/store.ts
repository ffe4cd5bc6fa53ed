import { RemovalPolicy } from 'aws-cdk-lib'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

/** Names of the table's attributes; the DynamoDB adapter of the product uses the same. */
export const STORE_ATTRIBUTES = { partition: 'pk', sort: 'sk', expiry: 'expires_at' } as const

/** The one table of the store. What is listed stands together under one partition key, so it needs no index. It outlives the stack. */
export function makeStore(scope: Construct): dynamodb.TableV2 {
  return new dynamodb.TableV2(scope, 'Store', {
    partitionKey: { name: STORE_ATTRIBUTES.partition, type: dynamodb.AttributeType.STRING },
    sortKey: { name: STORE_ATTRIBUTES.sort, type: dynamodb.AttributeType.STRING },
    billing: dynamodb.Billing.onDemand(),
    timeToLiveAttribute: STORE_ATTRIBUTES.expiry,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
  })
}
