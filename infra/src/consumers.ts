import { Duration } from 'aws-cdk-lib'
import type { IStream } from 'aws-cdk-lib/aws-kinesis'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { acknowledgePatterns } from './acknowledged.ts'
import { allow } from './functions.ts'
import { LAKE_FOLDERS } from './lake.ts'

export interface ConsumerOptions {
  readonly stream: IStream
  /** Gets the whole batch when it was given up on: records, not only where they stood. */
  readonly failed: IBucket
  readonly window_s: number
  readonly parallel_batches: number
}

/** Most that Lambda gathers into one batch (Developer Guide, "Process Amazon Kinesis Data Streams records"). */
const BATCH_RECORDS = 10_000
/** An outage of a service is waited out this long, with the shard standing still: nothing is lost, and order is kept. */
const TRIED_FOR = Duration.hours(12)
const RETRIES = 2000

/**
 * Lets a function consume the stream from its beginning. Bad data is no failure: it becomes dead letters and the batch
 * succeeds. What throws is infrastructure, so a batch is tried again for hours, in halves, and only then put aside, whole.
 * A batch succeeds or fails as one: half of it is never reported.
 */
export function consume(consumer: lambda.Function, options: ConsumerOptions): void {
  const { stream, failed } = options
  const reading = ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator']
  const source = new lambda.EventSourceMapping(consumer, 'Records', {
    target: consumer,
    eventSourceArn: stream.streamArn,
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: BATCH_RECORDS,
    maxBatchingWindow: Duration.seconds(options.window_s),
    parallelizationFactor: options.parallel_batches,
    bisectBatchOnError: true,
    maxRecordAge: TRIED_FOR,
    retryAttempts: RETRIES,
    onFailure: { bind: () => ({ destination: failed.bucketArn }) },
    metricsConfig: { metrics: [lambda.MetricType.EVENT_COUNT] },
  })
  const role = consumer.role!
  role.addToPrincipalPolicy(
    allow(
      [...reading, 'ListShards'].map((action) => `kinesis:${action}`),
      [stream.streamArn],
    ),
  )
  // The mapping is refused where the role may not read yet or may not write what failed.
  role.addToPrincipalPolicy(allow(['s3:ListBucket'], [failed.bucketArn]))
  const folder = failed.arnForObjects(`${LAKE_FOLDERS.failed}*`)
  role.addToPrincipalPolicy(allow(['s3:PutObject'], [folder]))
  acknowledgePatterns(role, [folder])
  source.node.addDependency(role)
}
