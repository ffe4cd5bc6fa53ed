import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { failureOf } from './failure.ts'

/**
 * Deletes a bucket with everything in it: every version of every object, and the marks of deleted ones. Resolves to how many
 * there were; 0 where there is no such bucket. `progress` is told after each thousand. Rejects with the SDK's error.
 */
export async function deleteBucket(
  client: S3Client,
  Bucket: string,
  progress: (deleted: number) => void = () => {},
): Promise<number> {
  let deleted = 0
  try {
    for (;;) {
      // Always the first page: what it held is gone by the next look.
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1000 }))
      const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
        ({ Key, VersionId }) => ({ Key: Key!, ...(VersionId && { VersionId }) }),
      )
      if (Objects.length === 0) break
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      )
      const [refused] = Errors
      if (refused) throw new Error(`${Bucket}/${refused.Key} stays: ${refused.Message}`)
      deleted += Objects.length
      progress(deleted)
    }
    await client.send(new DeleteBucketCommand({ Bucket }))
  } catch (error) {
    if (failureOf(error).name !== 'NoSuchBucket') throw error
  }
  return deleted
}
