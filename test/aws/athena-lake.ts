import type { S3Client } from '@aws-sdk/client-s3'
import { compileModels } from '../../src/reports/models.ts'
import { EVENT_TYPES } from '../../src/schema/registry.ts'
import { allModels } from '../reports/lake.ts'
import { type AthenaStandIn, startAthenaStandIn } from './athena-stand-in.ts'
import { openLakeTables } from './bucket-views.ts'

/** Compacted tables are there, have no files, and models are views here. */
const ITS_OWN = /^(CREATE TABLE IF NOT EXISTS|MERGE INTO kept_|OPTIMIZE|VACUUM)/

/**
 * Athena's API over a bucket's lake, by DuckDB in its own dialect: tables, views and models as the home's stacks lay them. It
 * takes the MERGE of compaction as it is; compacted tables are in its memory. Statements see what lay in the bucket when they began.
 */
export async function startAthenaOver(client: S3Client, bucket: string): Promise<AthenaStandIn> {
  const standIn = await startAthenaStandIn()
  const { owner } = standIn
  await owner.run("SET TimeZone = 'UTC'")
  const tables = await openLakeTables(client, bucket, owner)
  await tables.follow(EVENT_TYPES)
  for (const { name, sql } of compileModels(allModels(), 'duckdb')) {
    await owner.run(`CREATE VIEW ${name} AS ${sql}`)
  }
  standIn.before = () => tables.follow([])
  standIn.fate = (sql) => (ITS_OWN.test(sql) ? 'succeed' : 'run')
  return Object.assign(standIn, {
    close: closeBoth(standIn.close, tables.close),
  })
}

function closeBoth(first: () => Promise<void>, second: () => Promise<void>) {
  return async () => {
    await first()
    await second()
  }
}
