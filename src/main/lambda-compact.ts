import { setTimeout as sleep } from 'node:timers/promises'
import { createAthenaSql, runStatement } from '../aws/athena-sql.ts'
import { athenaClient, s3Client } from '../aws/clients.ts'
import { deleteRaw, listRaw } from '../aws/raw-objects.ts'
import {
  baseTableDdl,
  compactionSql,
  keepSql,
  keptTableDdl,
  MOST_DAYS_WRITTEN,
  waitingDaysSql,
} from '../derive/athena.ts'
import { TABLES } from '../derive/table.ts'
import { trinoTables } from '../reports/models.ts'
import { daysInTurn, daysToMake, rangesOf } from '../reports/table-days.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { lambdaMetrics, logLine } from './lambda-consumer.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'
import { readModels, readViewColumns } from './report-files.ts'

/** For a look at the days that wait: at most a history of thirty years. */
const LOOK = { timeout_ms: 300_000, max_rows: 11_000, trusted: true }

const settings = readLambdaSettings(['lake_bucket', 'workgroup', 'database'])
const { config, lake_bucket, workgroup, database } = settings
const metrics = lambdaMetrics()
const s3 = s3Client(placeOf('S3'))
const place = { client: athenaClient(placeOf('ATHENA')), workgroup, database }
const sql = createAthenaSql({
  ...place,
  slots: { take: async () => () => undefined },
  reuse_minutes: 0,
  metrics,
  now: () => performance.now(),
})
const tables = trinoTables(readModels())
const columns = readViewColumns()
let isLaid = false

/**
 * Takes what waits into the compacted tables, type by type; makes rows of models that are tables anew for the days around what came; and
 * then deletes the objects that were there before: readers who planned with them have had the time that a query may take.
 * What dies on the way is done again the next time, and changes nothing.
 */
export async function handler(): Promise<void> {
  try {
    await lay()
    const merged: string[] = []
    const changed = new Map<EventType, readonly string[]>()
    for (const type of EVENT_TYPES) {
      const waiting = await listRaw(s3, lake_bucket, type)
      if (waiting.length === 0) continue
      changed.set(type, await compact(type))
      logLine('info', { message: 'compacted', event_type: type, objects: waiting.length })
      merged.push(...waiting)
    }
    if (merged.length === 0) return
    await makeTables(changed)
    await sleep(config.sql_timeout_ms)
    await deleteRaw(s3, lake_bucket, merged)
  } finally {
    metrics.flush()
  }
}

/** Every table that views name must be there, also of a type that nobody has sent yet. Once an instance. */
async function lay(): Promise<void> {
  if (isLaid) return
  const location = `s3://${lake_bucket}`
  for (const type of EVENT_TYPES) {
    const where = { database, location: `${location}/base` }
    await runStatement(place, baseTableDdl(TABLES[type], where))
  }
  for (const { name } of tables) {
    const where = { database, location: `${location}/kept` }
    await runStatement(place, keptTableDdl(name, columns[name]!, where))
  }
  isLaid = true
}

/** The days of what it took in. */
async function compact(type: EventType): Promise<string[]> {
  const never = new AbortController().signal
  const { rows } = await sql.run(waitingDaysSql(TABLES[type]), [], LOOK, never)
  const days = rows.map(([day]) => String(day))
  for (const part of daysInTurn(days, MOST_DAYS_WRITTEN)) {
    const range = { from: part[0]!, to: part.at(-1)! }
    await runStatement(place, compactionSql(TABLES[type], range))
  }
  metrics.add('shoplake_lake_compactions_total')
  return days
}

async function makeTables(changed: ReadonlyMap<EventType, readonly string[]>): Promise<void> {
  for (const { name, rowsOf, reach } of tables) {
    for (const days of daysInTurn(daysToMake(reach, changed), MOST_DAYS_WRITTEN)) {
      await runStatement(place, keepSql(name, columns[name]!, days, rowsOf(rangesOf(days))))
      logLine('info', { message: 'rows of a model made', model: name, days: days.length })
    }
  }
}
