import { createAthenaSql } from '../aws/athena-sql.ts'
import { athenaClient, kinesisClient } from '../aws/clients.ts'
import { createSlots } from '../local/sql-slots.ts'
import { gatewayHandler } from './lambda-app.ts'
import { lambdaMetrics } from './lambda-consumer.ts'
import { ledgerOver } from './lambda-ledger.ts'
import { liveOver } from './lambda-live.ts'
import { placeOf } from './lambda-places.ts'
import { readLambdaSettings } from './lambda-settings.ts'
import { readModels, readReports } from './report-files.ts'

/** A page that asks again within a minute gets what Athena has. */
const REUSE_MINUTES = 1

const settings = readLambdaSettings(['stream', 'table', 'workgroup', 'database', 'secret'])
const { config, workgroup, database, buckets, stream: stream_name, sql_dialect } = settings
const metrics = lambdaMetrics()
const now = Date.now
const kinesis = kinesisClient(placeOf('KINESIS'))

/** From API Gateway to the store, the lake and the ledger. */
export const handler = gatewayHandler(settings, metrics, {
  sql: createAthenaSql({
    client: athenaClient(placeOf('ATHENA')),
    workgroup,
    database,
    slots: createSlots(config.sql_slots, config.sql_queue),
    reuse_minutes: REUSE_MINUTES,
    metrics,
    now,
  }),
  dialect: sql_dialect,
  reports: readReports(config.data_dir).reports,
  models: readModels(),
  ledger: (reader) => ledgerOver({ reader, client: kinesis, stream_name, buckets, now }),
  live: (reader) => liveOver(reader, config, now),
})
