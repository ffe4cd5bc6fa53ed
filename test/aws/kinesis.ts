import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis'
import { kinesisClient } from '../../src/aws/clients.ts'

/** A client with made-up credentials, for emulators. */
export function testKinesis(endpoint: string): KinesisClient {
  return kinesisClient({ ...TEST_PLACE, endpoint })
}

export const TEST_PLACE = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
}

/** Makes a stream and waits until it can be used. */
export async function makeStream(
  client: KinesisClient,
  StreamName: string,
  ShardCount = 1,
): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }))
  await streamActive(client, StreamName)
}

/** Waits until the stream takes calls again, as after a split. */
export async function streamActive(client: KinesisClient, StreamName: string): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName }),
    )
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
