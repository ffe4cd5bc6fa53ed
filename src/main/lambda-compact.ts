import { setTimeout as sleep } from 'node:timers/promises'
import { createAthenaSql, runStatement } from '../aws/athena-sql.ts'
import { athenaClient, dynamodbClient, s3Client } from '../aws/clients.ts'
import { openDynamodbStore } from '../aws/dynamodb-store.ts'
import { inParallel } from '../aws/parallel.ts'
import { deleteRaw, listRaw } from '../aws/raw-objects.ts'
import { markErased, type WaitingErasure, waitingErasures } from '../consume/lake-erasures.ts'
import {
  athenaNames,
  baseTableDdl,
  clearSql,
  compactionSql,
  keepSql,
  keptTable,
  keptTableDdl,
  MOST_DAYS_WRITTEN,
  optimizeSql,
  waitingDaysSql,
} from '../derive/athena.ts'
import { LATE_DUPLICATES, lateTableDdl } from '../derive/athena-duplicates.ts'
import { erasedDaysSql, eraseSql } from '../derive/athena-erase.ts'
import { TABLES } from '../derive/table.ts'
import { trinoTables } from '../reports/models.ts'
import { daysInTurn, daysToMake, rangesOf } from '../reports/table-days.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { moveLateDuplicates } from './compact-duplicates.ts'
import { lambdaMetrics, logLine } from './lambda-consumer.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'
import { readModels, readViewColumns } from './report-files.ts'

/** For a look at days: of each event type at most a history of thirty years. */
const LOOK = { timeout_ms: 300_000, max_rows: 11_000 * EVENT_TYPES.length, trusted: true }
/** Events come late, and rows change, within so many days; what was erased of older ones is seen to at once. */
const CHANGING_DAYS = 35
const DAY_MS = 86_400_000
/** Statements that change tables, which an account may run at once, leave room for people's. */
const UPKEEP_AT_ONCE = 5

const settings = readLambdaSettings(['lake_bucket', 'workgroup', 'database', 'table'])
const { config, lake_bucket, workgroup, database, table, buckets } = settings
const metrics = lambdaMetrics()
const s3 = s3Client(placeOf('S3'))
const store = openDynamodbStore({ client: dynamodbClient(placeOf('DYNAMODB')), table, buckets })
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
 * Takes what waits into the compacted tables, type by type; books what clients had sent again; drops who was erased from the tables; makes
 * rows of models that are tables anew for the days around what came or was erased; and then deletes the objects that were there before: readers who planned with them have
 * had the time that a query may take. What dies on the way is done again the next time, and changes nothing. With `upkeep` it puts
 * small files together instead, and deletes those that no snapshot needs: so the bytes of who was erased go too.
 */
export async function handler(event?: { readonly upkeep?: boolean }): Promise<void> {
  try {
    await lay()
    if (event?.upkeep) return await keepUp()
    // First: what of these people waits as an object is among those that are listed next.
    const erasures = await waitingErasures(store)
    const merged: string[] = []
    const changed: ChangedDays = new Map()
    for (const type of EVENT_TYPES) {
      const waiting = await listRaw(s3, lake_bucket, type)
      if (waiting.length === 0) continue
      addDays(changed, type, await compact(type))
      logLine('info', { message: 'compacted', event_type: type, objects: waiting.length })
      merged.push(...waiting)
    }
    await moveDuplicates(changed)
    for (const erasure of erasures) await erase(erasure, changed)
    if (merged.length === 0 && erasures.length === 0) return
    await makeTables(changed)
    for (const erasure of erasures) await markErased(store, erasure, Date.now())
    await sleep(config.sql_timeout_ms)
    await deleteRaw(s3, lake_bucket, merged)
  } finally {
    metrics.flush()
  }
}

async function keepUp(): Promise<void> {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const days = { from: day(Date.now() - CHANGING_DAYS * DAY_MS), to: day(Date.now()) }
  const names = [
    ...EVENT_TYPES.map((type) => athenaNames(type).base),
    LATE_DUPLICATES,
    ...tables.map(({ name }) => keptTable(name)),
  ]
  await inParallel(names, UPKEEP_AT_ONCE, async (name) => {
    await runStatement(place, optimizeSql(name, days))
    await runStatement(place, clearSql(name))
  })
  logLine('info', { message: 'files put together and cleared away', tables: names.length })
}

/** Every table that views name must be there, also of a type that nobody has sent yet. Once an instance. */
async function lay(): Promise<void> {
  if (isLaid) return
  const location = `s3://${lake_bucket}`
  const base = { database, location: `${location}/base` }
  for (const type of EVENT_TYPES) await runStatement(place, baseTableDdl(TABLES[type], base))
  await runStatement(place, lateTableDdl(base))
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

async function moveDuplicates(compacted: ChangedDays): Promise<void> {
  const types = [...compacted].map(([type, days]) => ({
    table: TABLES[type],
    days: { from: days[0]!, to: days.at(-1)! },
  }))
  const change = (statement: string) => runStatement(place, statement)
  const limits = LOOK
  const minutes = await moveLateDuplicates(
    { sql, change, store, config, limits, now: Date.now },
    types,
  )
  if (minutes > 0) logLine('info', { message: 'late duplicates booked', minutes })
}

/** Where the person has rows, and only there: most types and days have none. */
async function erase(erasure: WaitingErasure, changed: ChangedDays): Promise<void> {
  const every = EVENT_TYPES.map((type) => TABLES[type])
  const never = new AbortController().signal
  const { rows } = await sql.run(erasedDaysSql(every, erasure), [], LOOK, never)
  for (const type of EVENT_TYPES) {
    const days = rows.filter(([name]) => name === type).map(([, day]) => String(day))
    for (const part of daysInTurn(days, MOST_DAYS_WRITTEN)) {
      const range = { from: part[0]!, to: part.at(-1)! }
      await runStatement(place, eraseSql(TABLES[type], erasure, range))
      await runStatement(place, optimizeSql(athenaNames(type).base, range))
    }
    addDays(changed, type, days)
  }
  const { erased_id } = erasure
  logLine('info', { message: 'erased from compacted rows', erased_id, days: rows.length })
}

type ChangedDays = Map<EventType, readonly string[]>

function addDays(changed: ChangedDays, type: EventType, days: readonly string[]): void {
  if (days.length === 0) return
  changed.set(type, [...new Set([...(changed.get(type) ?? []), ...days])].sort())
}

async function makeTables(changed: ReadonlyMap<EventType, readonly string[]>): Promise<void> {
  for (const { name, rowsOf, reach } of tables) {
    for (const days of daysInTurn(daysToMake(reach, changed), MOST_DAYS_WRITTEN)) {
      await runStatement(place, keepSql(name, columns[name]!, days, rowsOf(rangesOf(days))))
      logLine('info', { message: 'rows of a model made', model: name, days: days.length })
    }
  }
}
