import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { ShoplakeError } from '../errors.ts'
import type { EventType } from '../schema/registry.ts'
import { reached } from './reached.ts'
import { rawPrefix } from './s3-lake.ts'

/** Keys of one DeleteObjects (API reference). */
const DELETED_AT_ONCE = 1000

/** Keys of the objects of a type that wait for compaction now. Rejects with lake_unavailable. */
export function listRaw(client: S3Client, Bucket: string, type: EventType): Promise<string[]> {
  return reached(async () => {
    const keys: string[] = []
    let token: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: rawPrefix(type),
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      )
      keys.push(...(page.Contents ?? []).map((object) => object.Key!))
      token = page.NextContinuationToken
    } while (token)
    return keys
  }, 'lake_unavailable')
}

/** Deletes objects. Rejects with lake_unavailable when some are left: they are taken into the lake again, and change nothing. */
export function deleteRaw(
  client: S3Client,
  Bucket: string,
  keys: readonly string[],
): Promise<void> {
  return reached(async () => {
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      const Objects = keys.slice(at, at + DELETED_AT_ONCE).map((Key) => ({ Key }))
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      )
      if (Errors.length === 0) continue
      const { Key, Code } = Errors[0]!
      throw new ShoplakeError(
        'lake_unavailable',
        `${Errors.length} objects are left: ${Key}: ${Code}`,
      )
    }
  }, 'lake_unavailable')
}
