import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { ChildOrders, Restarts } from './child.ts'
import { inDataDir } from './data-dir-error.ts'
import { claimFormat } from './data-format.ts'
import { holderOf, takeExclusive } from './exclusive.ts'
import type { Logger } from './logger.ts'
import { layoutOf } from './paths.ts'
import { probePort } from './port.ts'
import { makeSecret } from './secret.ts'
import { rememberShop } from './shop-settings.ts'
import { type Supervised, supervise } from './supervisor.ts'
import { VERSION } from './version.ts'

/** The embedded home: both processes over one data directory. */
export interface Home {
  /** Where it answers, once both processes are ready. Rejects with what kept one of them from starting; `stop` even then. */
  readonly ready: Promise<string>
  /** Admin key of this run, known to this machine's owner only. */
  readonly operatorKey: string
  /** Accepting stops first, then both consumers settle, then the lake writes what is hot. */
  stop(): Promise<void>
  /** Ends both processes now: what was acknowledged is read again at the next start. */
  kill(): void
}

/** What a command beside a running server finds in run/server.json (mode 0600). */
export interface ServerInfo {
  readonly url: string
  readonly pid: number
  readonly mode: 'dev' | 'start'
  readonly operator_key: string
}

export interface HomeOptions {
  readonly config: Config
  readonly mode: 'dev' | 'start'
  readonly log: Logger
  /** Whether commands find it; not where it lives for one command alone. Default: true. */
  readonly isPublic?: boolean
}

/**
 * Takes the data directory and starts the lake process and the collect process over it, and keeps them running.
 * Throws data_dir_in_use while another server has it, data_too_new where a later program has written it, data_damaged as
 * `readShopSettings`, and config_invalid where the system does not let it be used.
 */
export function openHome(options: HomeOptions): Home {
  const { config, mode, isPublic = true } = options
  const layout = layoutOf(config.data_dir)
  const release = inDataDir(config.data_dir, () => {
    mkdirSync(layout.run, { recursive: true })
    const held = holdDataDir(config.data_dir)
    makeSecret(layout.secret)
    rememberShop(config.data_dir, config, (change) =>
      options.log.warn(
        change,
        'a setting of the shop has changed; it counts for what comes from now on',
      ),
    )
    return held
  })
  const operatorKey = `sk_run_${randomBytes(24).toString('base64url')}`
  let processes: Processes | undefined
  let stopping: Promise<void> | undefined

  const start = async () => {
    await probePort(config.port, config.host)
    if (stopping) throw new Error('stopped before it was up')
    processes = startProcesses(options, { config, mode, args: { operator_key: operatorKey } })
    const url = await urlOf(config, processes)
    const info: ServerInfo = { url, pid: process.pid, mode, operator_key: operatorKey }
    if (isPublic && !stopping)
      writeFileSync(infoFile(config.data_dir), JSON.stringify(info), { mode: 0o600 })
    return url
  }
  const stop = async () => {
    // Commands that come now wait for the data directory instead of asking a server that goes.
    rmSync(infoFile(config.data_dir), { force: true })
    // The door first: what it has acknowledged is in the stream when the lake process looks for the last time.
    await processes?.collect.stop()
    await processes?.lake.stop()
    release()
  }
  const ready = start()
  ready.catch(() => undefined)
  return {
    ready,
    operatorKey,
    stop: () => (stopping ??= stop()),
    kill() {
      processes?.collect.kill()
      processes?.lake.kill()
    },
  }
}

interface Processes {
  readonly collect: Supervised
  readonly lake: Supervised
}

/** Whoever answers goes first; the store's process, one thread that the live view waits for, stands between the two. */
const BEHIND = { collect: 0, lake: 15 } as const

function startProcesses({ log }: HomeOptions, orders: ChildOrders): Processes {
  const restarts: Record<'collect' | 'lake', number> = { collect: 0, lake: 0 }
  // The collect process shows them; started again itself it knows nothing of those before.
  const tell = () => collect.send({ kind: 'restarts', restarts: { ...restarts } as Restarts })
  const watched = (name: 'collect' | 'lake') =>
    supervise({
      name,
      orders,
      log,
      behind: BEHIND[name],
      onReady: () => tell(),
      onRestart() {
        restarts[name]++
        tell()
      },
    })
  const lake = watched('lake')
  const collect = watched('collect')
  return { collect, lake }
}

async function urlOf(config: Config, { collect, lake }: Processes): Promise<string> {
  const [{ port }] = await Promise.all([collect.ready, lake.ready])
  if (port === undefined) throw new ShoplakeError('internal', 'the collect process named no port')
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
}

function infoFile(dataDir: string): string {
  return path.join(layoutOf(dataDir).run, 'server.json')
}

function lockFile(dataDir: string): string {
  return path.join(layoutOf(dataDir).run, 'supervisor.lock')
}

/** The process that holds a data directory, whether a server that is up, one that starts or stops, or a command. */
export function holderOfDataDir(dataDir: string): number | undefined {
  return holderOf(lockFile(dataDir))
}

/** Takes a data directory for this process, to serve it or for a command. Throws data_dir_in_use and data_too_new. */
export function holdDataDir(dataDir: string): () => void {
  const release = lockDataDir(dataDir)
  try {
    claimFormat(dataDir, VERSION)
    return release
  } catch (error) {
    release()
    throw error
  }
}

/** Takes one of which only files are copied, whatever their format. Throws data_dir_in_use. */
export function lockDataDir(dataDir: string): () => void {
  return takeExclusive(lockFile(dataDir))
}

/** The server that is up on a data directory, or undefined. What a killed server has left counts as none. Throws config_invalid as openHome. */
export function findServer(dataDir: string): ServerInfo | undefined {
  try {
    const text = inDataDir(dataDir, () => readIfThere(infoFile(dataDir)))
    if (text === undefined) return undefined
    const info = JSON.parse(text) as ServerInfo
    return info.pid === holderOfDataDir(dataDir) ? info : undefined
  } catch (error) {
    // Half a file: it is just being written, or its writer was killed.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
