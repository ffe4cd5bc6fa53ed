import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { type Client, createClient } from './client.ts'
import { findServer, type Home, openHome, type ServerInfo } from './home.ts'
import { createLogger } from './logger.ts'
import { layoutOf } from './paths.ts'
import { loadSettings } from './settings.ts'

export interface ClientOptions {
  readonly dataDir?: string
  /** A server elsewhere, with `key`. */
  readonly url?: string
  readonly key?: string
}

interface HomeWanted {
  /** For commands that bring data: the directory is made when it is not there. */
  readonly mayCreate?: boolean
}

/** A server that is starting, or a command that has the data directory for itself, is waited for this long. */
const PATIENCE_MS = 60_000
const RETRY_MS = 100

/**
 * Runs `use` against the server of the data directory; without one, starts it for this command alone and stops it in order
 * behind it, so that every command works beside a server and without. Throws a plain Error where there is no data to ask.
 */
export async function withServer<T>(
  options: ClientOptions,
  use: (client: Client) => Promise<T>,
  { mayCreate = false }: HomeWanted = {},
): Promise<T> {
  if (options.url)
    return use(createClient(options.url, options.key ?? process.env.SHOPLAKE_KEY ?? ''))
  const { config } = loadSettings({ data_dir: options.dataDir })
  if (!mayCreate && !existsSync(layoutOf(config.data_dir).stream)) {
    throw new Error(
      `there is no data in ${path.resolve(config.data_dir)}; name its directory with --data-dir, or a running server with --url`,
    )
  }
  const found = await findOrOpen(config)
  if ('url' in found) return use(createClient(found.url, options.key ?? found.operator_key))
  try {
    return await use(createClient(await found.ready, found.operatorKey))
  } finally {
    await found.stop()
  }
}

/** The server that is up, or one of our own as soon as nobody else holds the data directory. */
async function findOrOpen(config: Config): Promise<ServerInfo | Home> {
  const own = { ...config, port: 0, log_level: 'error' }
  const log = createLogger('shoplake', 'error')
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const running = findServer(config.data_dir)
    if (running) return running
    try {
      return openHome({ config: own, mode: 'start', log, isPublic: false })
    } catch (error) {
      const isHeld = error instanceof ShoplakeError && error.code === 'data_dir_in_use'
      if (!isHeld || performance.now() > end) throw error
      await sleep(RETRY_MS)
    }
  }
}
