import { RemovalPolicy } from 'aws-cdk-lib'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { type HomeSettings, PRESETS } from './settings.ts'

/** Names of the table's attributes; the DynamoDB adapter of the product uses the same. */
export const STORE_ATTRIBUTES = { partition: 'pk', sort: 'sk', expiry: 'expires_at' } as const

/** Of what is provisioned so much is used, in the mean; the rest is for what comes faster than capacity follows. */
const USED_PERCENT = 70

/** The one table of the store. What is listed stands together under one partition key, so it needs no index. It outlives the stack. */
export function makeStore(scope: Construct, settings: HomeSettings): dynamodb.TableV2 {
  return new dynamodb.TableV2(scope, 'Store', {
    partitionKey: { name: STORE_ATTRIBUTES.partition, type: dynamodb.AttributeType.STRING },
    sortKey: { name: STORE_ATTRIBUTES.sort, type: dynamodb.AttributeType.STRING },
    billing: settings.store === 'on_demand' ? dynamodb.Billing.onDemand() : provisioned(settings),
    timeToLiveAttribute: STORE_ATTRIBUTES.expiry,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
  })
}

/**
 * From a twentieth of the preset's events a second up to its peak, a unit each: an event is less than one write and one read. Batches come
 * in bursts; DynamoDB holds the last five minutes' unused capacity ready for them, and a batch that is throttled comes again.
 */
function provisioned({ preset }: HomeSettings): dynamodb.Billing {
  const { events_per_s } = PRESETS[preset]
  const capacity = () =>
    dynamodb.Capacity.autoscaled({
      minCapacity: events_per_s / 20,
      maxCapacity: events_per_s * 3,
      targetUtilizationPercent: USED_PERCENT,
    })
  return dynamodb.Billing.provisioned({ readCapacity: capacity(), writeCapacity: capacity() })
}
