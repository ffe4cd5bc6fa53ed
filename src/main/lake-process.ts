import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createLakeWriter, type LakeWriter } from '../consume/lake.ts'
import { openDuckdb } from '../local/duckdb.ts'
import { createDuckdbSql } from '../local/duckdb-sql.ts'
import { openFileLake } from '../local/file-lake.ts'
import { openLakeMeta } from '../local/lake-meta.ts'
import { openLmdbStream } from '../local/lmdb-stream.ts'
import { serveSql } from '../local/sql-server.ts'
import { socketPathOf } from '../local/sql-socket.ts'
import { ageClockOf } from './age-clock.ts'
import { PREDECESSOR_MS, runChild } from './child.ts'
import { BUCKETS } from './collect-parts.ts'
import { awaitExclusive } from './exclusive.ts'
import type { LakeStatus } from './lake-view.ts'
import { layoutOf } from './paths.ts'
import { createPrometheus } from './prometheus.ts'
import { readModelViews } from './report-files.ts'
import { readSecret } from './secret.ts'
import { type Log, steadyLog, whyOf } from './steady-log.ts'

/** Well below the time after which a stop becomes a kill. */
const CATCH_UP_MS = 15_000

/** Writes the lake and answers SQL over it; may be killed at any moment without a loss. */
runChild('lake', async ({ config }, childLog) => {
  const log = steadyLog(childLog)
  const layout = layoutOf(config.data_dir)
  const release = await awaitExclusive(path.join(layout.run, 'lake.lock'), PREDECESSOR_MS)
  for (const directory of [layout.stream, layout.lake, layout.temporary])
    mkdirSync(directory, { recursive: true })
  const { metrics, snapshot } = createPrometheus('lake')
  const onError = (error: unknown) =>
    log.error(whyOf(error), 'work in the background failed and is tried again')
  const onRetry = (error: unknown) =>
    log.warn(whyOf(error), 'the lake cannot take events now; it tries again')
  const fatal = (error: unknown) => {
    childLog.fatal({ err: error }, 'only a new process helps')
    process.exit(1)
  }
  const duckdb = await openDuckdb({
    lakeDirectory: layout.lake,
    tempDirectory: layout.temporary,
    memory_mb: config.sql_memory_mb,
    threads: config.sql_threads,
  })
  const meta = openLakeMeta({ directory: layout.lakeMeta, buckets: BUCKETS })
  const lake = await openFileLake({
    duckdb,
    directory: layout.lake,
    lakeSqlFile: layout.lakeSql,
    tempDirectory: layout.temporary,
    refusedDirectory: layout.refused,
    meta,
    config,
    buckets: BUCKETS,
    secret: readSecret(layout.secret),
    models: readModelViews(),
    metrics,
    now: Date.now,
    ageNow: ageClockOf(layout.stream),
    onError,
    onBroken: fatal,
  })
  const stream = await openLmdbStream({
    directory: layout.stream,
    buckets: BUCKETS,
    config,
    metrics,
    now: Date.now,
    readOnly: true,
  })
  const writer = createLakeWriter({
    stream,
    lake,
    config,
    metrics,
    now: Date.now,
    onFatal: fatal,
    onRetry,
  })
  const engine = createDuckdbSql({
    database: duckdb,
    lease: () => lake.lease(),
    resolve: (connection, sql) => lake.resolve(connection, sql),
    config,
    metrics,
    now: () => performance.now(),
    onStuck: fatal,
  })
  const server = await serveSql({
    engine,
    socketPath: socketPathOf(config.data_dir),
    onError,
    handlers: {
      metrics: snapshot,
      status: (): LakeStatus => ({
        visible_until: writer.visibleUntil() ?? null,
        erasures: lake.erasures(),
      }),
      wake: () => {
        writer.wake()
        return true
      },
      compact: async () => {
        await lake.flush()
        const files_before = lake.files().length
        await lake.maintain()
        return { files_before, files: lake.files().length }
      },
    },
  })
  writer.start()
  return {
    async stop() {
      await server.close()
      await writer.stop()
      await catchUp(writer, log)
      await lake.close()
      await stream.close()
      await duckdb.close()
      await meta.close()
      release()
    },
  }
})

/** The collect process has stopped before: what it acknowledged last is to stand in Parquet, too. The rest is read at the next start. */
async function catchUp(writer: LakeWriter, log: Log): Promise<void> {
  const end = performance.now() + CATCH_UP_MS
  try {
    while ((await writer.tick()) && performance.now() < end);
  } catch (error) {
    log.warn(whyOf(error), 'the last events go to Parquet at the next start')
  }
}
