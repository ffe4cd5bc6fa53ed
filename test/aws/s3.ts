import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { s3Client } from '../../src/aws/clients.ts'
import { athenaNames, eventViewSql } from '../../src/derive/athena.ts'
import { createTableSql } from '../../src/derive/duckdb.ts'
import { TABLES } from '../../src/derive/table.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
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

/** The views of an emulated lake, by DuckDB over copies of its objects: what Athena reads where they lie. */
export interface BucketViews {
  query(sql: string): Promise<unknown[][]>
  /** Forgets all copies, as the bucket was emptied. */
  forget(): void
  close(): Promise<void>
}

/** Asks the same views that Athena has; objects that have come since the last query are copied first. */
export async function openBucketViews(client: S3Client, bucket: string): Promise<BucketViews> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-aws-views-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const copied = new Set<string>()
  const fresh = new Set<string>()
  const made = new Set<EventType>()

  /** Of the stored columns, so that a type without objects has a table too. */
  async function make(type: EventType): Promise<void> {
    if (made.has(type)) return
    made.add(type)
    fresh.add(type)
    const { base } = athenaNames(type)
    await connection.run(createTableSql(`none_${type}`, TABLES[type]))
    await connection.run(createTableSql(base, TABLES[type]))
    await connection.run(`ALTER TABLE ${base} ADD COLUMN dt DATE`)
  }

  async function copy(): Promise<void> {
    for (const key of await keysBelow(client, bucket, 'raw/')) {
      if (copied.has(key) || !made.has(key.split('/')[1] as EventType)) continue
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      const file = path.join(directory, key)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, await Body!.transformToByteArray())
      copied.add(key)
      fresh.add(key.split('/')[1]!)
    }
    for (const type of made) {
      if (!fresh.delete(type)) continue
      const { raw, view } = athenaNames(type)
      const files = [...copied].filter((key) => key.startsWith(`raw/${type}/`))
      const objects = files.map((key) => `'${path.join(directory, key)}'`).join(', ')
      const rows =
        files.length > 0 ? `UNION ALL BY NAME SELECT * FROM read_parquet([${objects}])` : ''
      await connection.run(`CREATE OR REPLACE VIEW ${raw} AS SELECT * FROM none_${type} ${rows}`)
      await connection.run(`CREATE OR REPLACE VIEW ${view} AS ${eventViewSql(TABLES[type])}`)
    }
  }

  return {
    async query(sql) {
      for (const type of EVENT_TYPES) if (new RegExp(`\\b${type}\\b`).test(sql)) await make(type)
      await copy()
      return (await connection.runAndReadAll(sql)).getRowsJson()
    },
    forget() {
      copied.clear()
      for (const type of made) fresh.add(type)
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
      await rm(directory, { recursive: true })
    },
  }
}
