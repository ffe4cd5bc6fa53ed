import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { erasedIdOf } from '../consume/erased-id.ts'
import { createHttp } from '../http/app.ts'
import type { AppDeps } from '../http/deps.ts'
import { openFileKeys } from '../local/file-keys.ts'
import { connectSql, socketPathOf } from '../local/sql-socket.ts'
import { createErasure } from '../pipeline/erase.ts'
import { PREDECESSOR_MS, runChild } from './child.ts'
import { type CollectParts, openCollectParts } from './collect-parts.ts'
import { watchCollect } from './collect-watch.ts'
import { awaitExclusive } from './exclusive.ts'
import { watchLake } from './lake-view.ts'
import { DIST, layoutOf } from './paths.ts'
import { watchPipeline } from './pipeline-history.ts'
import { portError } from './port.ts'
import { countRestarts, createPrometheus, exposition, type MetricSnapshot } from './prometheus.ts'
import { createRecentEvents } from './recent-events.ts'
import { readModels, readReports } from './report-files.ts'
import { steadyLog, whyOf } from './steady-log.ts'
import { untilStoreHas } from './store-progress.ts'
import { VERSION } from './version.ts'

/** A client that has not sent its headers or body by then is cut off: slow connections must not pile up. */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 65_000
const CONNECTIONS_LIMIT = 10_000
/** Requests that are under way at a stop get so long to end. */
const DRAIN_MS = 10_000

runChild('collect', async (orders, childLog) => {
  const log = steadyLog(childLog)
  const { config, mode, args } = orders
  const layout = layoutOf(config.data_dir)
  const release = await awaitExclusive(path.join(layout.run, 'collect.lock'), PREDECESSOR_MS)
  const { metrics, snapshot } = createPrometheus('collect')
  const parts = await openCollectParts(orders, metrics, childLog)
  const sql = connectSql(socketPathOf(config.data_dir))
  const lake = watchLake({
    sql,
    meta: parts.lakeMeta,
    refusedDirectory: layout.refused,
    onError: (error) => log.warn(whyOf(error), 'the lake process could not be asked'),
  })
  const watch = watchCollect({
    parts,
    config,
    metrics,
    log,
    lakeUp: () => sql.isUp(),
    lakeVisibleUntil: lake.freshness,
  })
  // The other processes have registries of their own; while one is away, or does not answer in time, its part is missing.
  const metricsOfAll = async () => [
    await snapshot(),
    await parts.updater.metrics(),
    await sql.ask<MetricSnapshot>('metrics').catch(() => []),
  ]
  const history = watchPipeline({
    config,
    metrics: metricsOfAll,
    parts: watch.healthParts,
    streamBytes: () => parts.stream.bytes(),
    onError: (error) => log.warn(whyOf(error), 'the metrics could not be looked at'),
  })
  const { reports, leftOut } = readReports(config.data_dir)
  for (const { file, why } of leftOut)
    childLog.error({ file, why }, 'a report is left out: mend its file and start again')
  const stopping = new AbortController()
  const { app, nodeEvents } = createHttp({
    mode,
    config,
    build: { version: VERSION },
    keys: openFileKeys({
      file: layout.keys,
      mode,
      operator_key: String(args?.operator_key ?? ''),
      onProblem: (error) => log.error({ err: error }, 'keys could not be read again'),
    }),
    door: parts.door,
    store: withWaitingVisits(parts),
    storeCaughtUp: () => untilStoreHas(parts, parts.stream.heads()),
    erasedId: (customer_id) => erasedIdOf(parts.store, parts.secret, customer_id),
    recent: recentOf(parts),
    live: () => parts.updater.liveNow(),
    sql,
    reports,
    models: readModels(),
    ledger: watch.ledger,
    lake,
    health: async () => watch.health(),
    metrics,
    metricsText: async () => exposition(await metricsOfAll()),
    pipeline: history.now,
    alerts: watch.alerts,
    log,
    now: Date.now,
    shutdown: stopping.signal,
    console_directory: path.join(DIST, 'web'),
  })
  const listener = getRequestListener(app.fetch)
  const server = createServer((incoming, outgoing) => {
    // POST /v1/events goes past Hono: the same handler with a fifth less work per request.
    if (!nodeEvents(incoming, outgoing)) void listener(incoming, outgoing)
  })
  const port = await listen(server, config.port, config.host)
  return {
    port,
    onRestarts: countRestarts(metrics),
    async stop() {
      stopping.abort()
      await drain(server)
      await Promise.all([history.stop(), watch.stop(), lake.stop()])
      sql.close()
      await parts.close()
      release()
    },
  }
})

/** The store as clients read it: changes of a visit may wait for a commit in the store process, which is asked for it first. */
function withWaitingVisits({ store, updater }: CollectParts): AppDeps['store'] {
  return {
    list: store.list,
    get: async (table, key) =>
      (table === 'sessions' ? await updater.document(table, key) : undefined) ??
      store.get(table, key),
  }
}

/** The end of the stream, with the eyes of the store: who was erased is not named. */
function recentOf({ stream, store, secret }: CollectParts): NonNullable<AppDeps['recent']> {
  const erasure = createErasure({
    secret,
    lookup: (key) => store.get('tombstones', key)?.erased_id as string | undefined,
    any: () => store.list('tombstones', { limit: 1 }).length > 0,
  })
  return createRecentEvents({ stream, erasure })
}

function listen(server: Server, port: number, host: string): Promise<number> {
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.maxConnections = CONNECTIONS_LIMIT
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portError(error, port, host)))
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** No new connection; those without a request are closed, the others get time to answer. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const limit = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearTimeout(limit)
}
