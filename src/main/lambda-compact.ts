import { setTimeout as sleep } from 'node:timers/promises'
import { runStatement } from '../aws/athena-sql.ts'
import { athenaClient, s3Client } from '../aws/clients.ts'
import { deleteRaw, listRaw } from '../aws/raw-objects.ts'
import { baseTableDdl, compactionSql } from '../derive/athena.ts'
import { TABLES } from '../derive/table.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import { lambdaMetrics, logLine } from './lambda-consumer.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'

const settings = readLambdaSettings(['lake_bucket', 'workgroup', 'database'])
const { config, lake_bucket, workgroup, database } = settings
const metrics = lambdaMetrics()
const s3 = s3Client(placeOf('S3'))
const place = { client: athenaClient(placeOf('ATHENA')), workgroup, database }

/**
 * Takes what waits into the compacted tables, type by type, and then deletes the objects that were there before: readers who
 * planned with them have had the time that a query may take. What dies on the way is done again the next time, and changes nothing.
 */
export async function handler(): Promise<void> {
  try {
    const merged: string[] = []
    for (const type of EVENT_TYPES) {
      const waiting = await listRaw(s3, lake_bucket, type)
      if (waiting.length === 0) continue
      const location = `s3://${lake_bucket}/base`
      await runStatement(place, baseTableDdl(TABLES[type], { database, location }))
      await runStatement(place, compactionSql(TABLES[type]))
      metrics.add('shoplake_lake_compactions_total')
      logLine('info', { message: 'compacted', event_type: type, objects: waiting.length })
      merged.push(...waiting)
    }
    if (merged.length === 0) return
    await sleep(config.sql_timeout_ms)
    await deleteRaw(s3, lake_bucket, merged)
  } finally {
    metrics.flush()
  }
}
