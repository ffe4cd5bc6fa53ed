import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { ChildOrders } from './child.ts'
import { takeExclusive } from './exclusive.ts'
import type { Logger } from './logger.ts'
import { layoutOf } from './paths.ts'
import { type Supervised, supervise } from './supervisor.ts'

/** A running embedded home: both processes, ready. */
export interface Home {
  readonly url: string
  /** Admin key of this run, known to this machine's owner only. */
  readonly operatorKey: string
  /** Accepting stops first, then both consumers settle, then the lake writes what is hot. */
  stop(): Promise<void>
}

/** What a command beside a running server finds in run/server.json (mode 0600). */
export interface ServerInfo {
  readonly url: string
  readonly pid: number
  readonly mode: 'dev' | 'start'
  readonly operator_key: string
}

/**
 * Starts the lake process and the collect process over one data directory and keeps them running.
 * Throws data_dir_in_use while another server has it; a plain Error when a process cannot start.
 */
export async function startHome(options: {
  config: Config
  mode: 'dev' | 'start'
  log: Logger
}): Promise<Home> {
  const { config, mode, log } = options
  const layout = layoutOf(config.data_dir)
  mkdirSync(layout.run, { recursive: true })
  const release = takeExclusive(path.join(layout.run, 'supervisor.lock'))
  const operatorKey = `sk_run_${randomBytes(24).toString('base64url')}`
  const orders: ChildOrders = { config, mode, args: { operator_key: operatorKey } }
  const hooks = (name: string) => ({ log, onRestart: () => collect.send({ restarted: name }) })
  const lake: Supervised = supervise('lake-process.js', orders, hooks('lake'))
  const collect: Supervised = supervise('collect-process.js', orders, hooks('collect'))
  const stop = async () => {
    await collect.stop()
    await lake.stop()
    rmSync(infoFile(config.data_dir), { force: true })
    release()
  }
  try {
    const url = await whenReady(config, collect, lake)
    const info: ServerInfo = { url, pid: process.pid, mode, operator_key: operatorKey }
    writeFileSync(infoFile(config.data_dir), JSON.stringify(info), { mode: 0o600 })
    return { url, operatorKey, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function whenReady(config: Config, collect: Supervised, lake: Supervised): Promise<string> {
  const [{ port }] = await Promise.all([collect.ready, lake.ready])
  if (port === undefined) throw new ShoplakeError('internal', 'the collect process named no port')
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
}

function infoFile(dataDir: string): string {
  return path.join(layoutOf(dataDir).run, 'server.json')
}

/** The server that runs on a data directory, or undefined. A file left by a killed server counts as none once its process is gone. */
export function findServer(dataDir: string): ServerInfo | undefined {
  let text: string
  try {
    text = readFileSync(infoFile(dataDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const info = JSON.parse(text) as ServerInfo
  try {
    process.kill(info.pid, 0)
    return info
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
    throw error
  }
}
