import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { ShoplakeError } from '../errors.ts'
import { type LakeMeta, openLakeMeta } from '../local/lake-meta.ts'
import { type LmdbStore, openLmdbStore } from '../local/lmdb-store.ts'
import { type LmdbStream, openLmdbStream } from '../local/lmdb-stream.ts'
import type { Metrics } from '../metrics.ts'
import { createDoor, type Door } from '../pipeline/collect.ts'
import { createDedupWindow } from '../pipeline/dedup.ts'
import { rebuildWindow } from '../pipeline/dedup-rebuild.ts'
import { type FxRates, NO_RATES, readFxRates } from '../pipeline/enrich-fx.ts'
import type { ChildOrders } from './child.ts'
import type { Logger } from './logger.ts'
import { type Layout, layoutOf } from './paths.ts'
import { readSecret } from './secret.ts'
import { type StoreView, startStore } from './store-view.ts'

/** How many slices the embedded stream has; fixed when a data directory is made. */
export const BUCKETS = 16
const HOUR_MS = 3_600_000
const FOLLOW_MS = 250

/** What the collect process owns, open and wired. */
export interface CollectParts {
  readonly layout: Layout
  readonly stream: LmdbStream
  readonly store: LmdbStore
  readonly lakeMeta: LakeMeta
  readonly door: Door
  readonly updater: StoreView
  /** Of the data directory. */
  readonly secret: Uint8Array
  close(): Promise<void>
}

/**
 * Opens the stream, fills the dedup window from it, starts the store process, and opens its store and the lake's meta data
 * to read. Throws what the engines throw; nothing is accepted before it resolves.
 */
export async function openCollectParts(
  orders: ChildOrders,
  metrics: Metrics,
  log: Logger,
): Promise<CollectParts> {
  const { config } = orders
  const layout = layoutOf(config.data_dir)
  for (const directory of [layout.root, layout.stream, layout.store])
    mkdirSync(directory, { recursive: true })
  const secret = readSecret(layout.secret)
  const now = Date.now
  const stream = await openLmdbStream({
    directory: layout.stream,
    buckets: BUCKETS,
    config,
    metrics,
    now,
  })
  const updater = startStore({ orders, metrics, log })
  const lakeMeta = openLakeMeta({ directory: layout.lakeMeta, readOnly: true, buckets: BUCKETS })
  const windowMs = config.dedup_window_hours * HOUR_MS
  const window = createDedupWindow({ maxIds: config.dedup_max_ids, windowMs, now })
  await rebuildWindow(window, stream, now(), windowMs)
  const rates = readRates(config.fx_rates_file)
  const door = createDoor({ stream, window, config, secret, rates, metrics, now })
  await updater.ready
  const store = await openLmdbStore({
    directory: layout.store,
    buckets: BUCKETS,
    readOnly: true,
  })
  const quiet = stream.onAppend(() => updater.wake())
  const following = follow({ store, lakeMeta }, log)
  return {
    layout,
    stream,
    store,
    lakeMeta,
    door,
    updater,
    secret,
    async close() {
      quiet()
      await updater.stop()
      clearInterval(following)
      await lakeMeta.close()
      await store.close()
      await stream.close()
    },
  }
}

/**
 * What other processes write: an erase is over when the reader has let go of what the store process has replaced, and the
 * lake process may make its environment after this one has started.
 */
function follow(
  { store, lakeMeta }: { store: LmdbStore; lakeMeta: LakeMeta },
  log: Logger,
): NodeJS.Timeout {
  const warn = (error: unknown) =>
    log.error({ err: error }, 'what another process has written cannot be read')
  return setInterval(() => {
    store.follow().catch(warn)
    lakeMeta.follow().catch(warn)
  }, FOLLOW_MS)
}

function readRates(file: string): FxRates {
  if (file === '') return NO_RATES
  if (!existsSync(file))
    throw new ShoplakeError('config_invalid', `fx_rates_file ${file} does not exist`)
  const result = readFxRates(readJson(file))
  if ('rates' in result) return result.rates
  throw new ShoplakeError('config_invalid', `${file}: ${result.problems.join('; ')}`)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const why = (cause as Error).message
    throw new ShoplakeError('config_invalid', `fx_rates_file ${file} is not JSON: ${why}`, {
      cause,
    })
  }
}
