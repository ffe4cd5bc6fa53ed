import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { ShoplakeError } from '../errors.ts'
import type { EventType } from '../schema/registry.ts'
import { failureOf } from './failure.ts'
import { inParallel } from './parallel.ts'
import { reached } from './reached.ts'
import { rawPrefix } from './s3-lake.ts'

/** A Parquet file on its way into the lake of S3. */
export interface MovedFile {
  readonly event_type: EventType
  /** UTC day, YYYY-MM-DD. */
  readonly dt: string
  /** Under the directory of the lake. */
  readonly path: string
  readonly bytes: number
}

/** Files are held whole, so that a call can be made again. */
const PARALLEL_PUTS = 3

/** Where a file of another lake waits for compaction. Files never change under their name: the same one again is the same object. */
export function movedKey(file: MovedFile): string {
  return `${rawPrefix(file.event_type)}moved-${file.dt}-${path.basename(file.path)}`
}

/**
 * Copies Parquet files to where the lake writer puts its own; compaction takes them in. One that is there with the same size is left.
 * Resolves to how many were sent. Rejects with lake_unavailable: run it again, it goes on where it stopped.
 */
export async function moveLakeFiles(
  place: { readonly client: S3Client; readonly bucket: string; readonly directory: string },
  files: readonly MovedFile[],
  progress: (file: MovedFile) => void,
): Promise<number> {
  const sent = await inParallel(files, PARALLEL_PUTS, async (file) => {
    const outcome = await reached(() => put(place, file), 'lake_unavailable')
    progress(file)
    return outcome
  })
  return sent.filter((isNew) => isNew).length
}

async function put(
  { client, bucket: Bucket, directory }: Parameters<typeof moveLakeFiles>[0],
  file: MovedFile,
): Promise<boolean> {
  const Key = movedKey(file)
  const there = await sizeOf(client, Bucket, Key)
  if (there === file.bytes) return false
  if (there !== undefined) {
    throw new ShoplakeError(
      'lake_unavailable',
      `${Key} has ${there} bytes there and ${file.bytes} here`,
    )
  }
  await client.send(
    new PutObjectCommand({
      ...{ Bucket, Key, Body: await readFile(path.join(directory, file.path)) },
      ...{ IfNoneMatch: '*', ContentType: 'application/vnd.apache.parquet' },
    }),
  )
  return true
}

async function sizeOf(client: S3Client, Bucket: string, Key: string): Promise<number | undefined> {
  try {
    return (await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength
  } catch (error) {
    if (failureOf(error).status === 404) return undefined
    throw error
  }
}
