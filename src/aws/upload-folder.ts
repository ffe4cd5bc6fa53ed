import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { inParallel } from './parallel.ts'

const PARALLEL = 8

const TYPES: { readonly [ending: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

/**
 * Puts the files of a built website into a bucket. What lies under assets/ has its content in its name and is kept by browsers for
 * ever; the rest is asked for each time, and goes last, so that no page names what is not there yet. Resolves to how many.
 */
export async function uploadFolder(
  client: S3Client,
  Bucket: string,
  directory: string,
): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join('/'))
  const isAsset = (file: string) => file.startsWith('assets/')
  const put = async (Key: string) => {
    const asset = isAsset(Key)
    await client.send(
      new PutObjectCommand({
        ...{ Bucket, Key, Body: await readFile(path.join(directory, Key)) },
        ContentType: TYPES[path.extname(Key)] ?? 'application/octet-stream',
        CacheControl: asset ? 'public, max-age=31536000, immutable' : 'no-cache',
      }),
    )
  }
  await inParallel(files.filter(isAsset), PARALLEL, put)
  await inParallel(
    files.filter((file) => !isAsset(file)),
    PARALLEL,
    put,
  )
  return files.length
}
