import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { s3Client } from '../../src/aws/clients.ts'
import { TEST_PLACE } from './kinesis.ts'

export function testS3(endpoint: string): S3Client {
  return s3Client({ ...TEST_PLACE, endpoint })
}

export async function makeBucket(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket }))
}

/** Keys below a prefix, in order. */
export async function keysBelow(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, ...(token && { ContinuationToken: token }) }),
    )
    keys.push(...(page.Contents ?? []).map((object) => object.Key!))
    token = page.NextContinuationToken
  } while (token)
  return keys
}

export async function objectAt(client: S3Client, Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
  return Body!.transformToByteArray()
}
