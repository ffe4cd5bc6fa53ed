import { AthenaClient } from '@aws-sdk/client-athena'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { S3Client } from '@aws-sdk/client-s3'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'

/** How long a call may take before it counts as failed: well below the 29 s that API Gateway waits for an answer. */
const TIMEOUTS = { connectionTimeout: 2000, requestTimeout: 8000 }

/** Where an emulator stands in for a service; absent means AWS itself, by region and credentials of the environment. */
export interface Place {
  readonly endpoint?: string
  readonly region?: string
}

/**
 * Kinesis. One attempt per call: the stream repeats failed entries itself, and only those. The SDK's HTTP/2 is for AWS
 * alone; emulators speak HTTP/1.
 */
export function kinesisClient(place: Place): KinesisClient {
  const requestHandler =
    place.endpoint === undefined
      ? new NodeHttp2Handler({
          requestTimeout: TIMEOUTS.requestTimeout,
          disableConcurrentStreams: true,
        })
      : handler()
  return new KinesisClient({ ...place, requestHandler, maxAttempts: 1 })
}

export function s3Client(place: Place): S3Client {
  const emulated = place.endpoint !== undefined
  return new S3Client({
    ...place,
    requestHandler: handler(),
    maxAttempts: 4,
    ...(emulated && { forcePathStyle: true }),
  })
}

export function dynamodbClient(place: Place): DynamoDBClient {
  return new DynamoDBClient({ ...place, requestHandler: handler(), maxAttempts: 6 })
}

export function athenaClient(place: Place): AthenaClient {
  return new AthenaClient({ ...place, requestHandler: handler(), maxAttempts: 4 })
}

function handler(): NodeHttpHandler {
  return new NodeHttpHandler(TIMEOUTS)
}
