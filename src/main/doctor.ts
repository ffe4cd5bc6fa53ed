import { accessSync, constants, mkdirSync, readdirSync, statfsSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Config } from '../config.ts'
import { createClient, messageOf } from './client.ts'
import { readFormat } from './data-format.ts'
import { findServer, holderOfDataDir } from './home.ts'
import { layoutOf } from './paths.ts'
import { probePort } from './port.ts'
import { readOwnReports } from './report-files.ts'
import { VERSION } from './version.ts'

/** One thing that was looked at. `fix` says what to do where it is not well. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  readonly fix?: string
}

/** What a busy shop writes in about an hour, on top of the reserve. */
const ROOM_BYTES = 2_000_000_000
/** Files of the future are a clock that went back; so much is noise between machines that share a disk. */
const CLOCK_SLACK_MS = 60_000
/** No clock of a running machine can be before this product. */
const EARLIEST_MS = Date.parse('2025-01-01T00:00:00Z')

/** Looks at this machine and the data directory, changing nothing but making the directory where it is missing. */
export async function examine(config: Config): Promise<Finding[]> {
  return [
    { check: 'node', ok: true, detail: `${process.version} on ${os.platform()} ${os.arch()}` },
    directoryFinding(config),
    formatFinding(config),
    diskFinding(config),
    secretFinding(config),
    clockFinding(config),
    zoneFinding(config),
    reportsFinding(config),
    ...(await serverFindings(config)),
  ]
}

/** Whether a server answers there, and says that it is ready. */
export async function examineServer(url: string, check = 'server'): Promise<Finding> {
  try {
    const answer = await createClient(url, '').fetch('/readyz')
    const { checks = [] } = (await answer.json()) as { checks?: { name: string; ok: boolean }[] }
    const failing = checks.filter((one) => !one.ok).map((one) => one.name)
    if (answer.ok) return { check, ok: true, detail: `${url} is ready` }
    const detail = `${url} is not ready: ${failing.join(', ') || answer.status}`
    return { check, ok: false, detail, fix: 'see `shoplake status` and the log' }
  } catch (error) {
    return { check, ok: false, detail: messageOf(error), fix: 'see the log of `shoplake start`' }
  }
}

function directoryFinding(config: Config): Finding {
  const { root } = layoutOf(config.data_dir)
  const check = 'data directory'
  try {
    mkdirSync(root, { recursive: true })
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK)
    const strange = strangeOwner(root)
    if (strange === undefined) return { check, ok: true, detail: root }
    const fix = `run as the owner, or: chown -R ${os.userInfo().username} ${root}`
    return { check, ok: false, detail: `${strange} belongs to another user`, fix }
  } catch (error) {
    const fix = 'choose another with --data-dir, or mend its permissions'
    return { check, ok: false, detail: messageOf(error), fix }
  }
}

function formatFinding(config: Config): Finding {
  const check = 'format'
  try {
    const found = readFormat(config.data_dir, VERSION)
    const detail = found
      ? `${found.format}, written by ${found.written_by}`
      : 'is written at the first start'
    return { check, ok: true, detail }
  } catch (error) {
    const fix = 'run the version that wrote it, or a later one'
    return { check, ok: false, detail: messageOf(error), fix }
  }
}

/** What root once wrote cannot be written by the service's own user later. */
function strangeOwner(root: string): string | undefined {
  const uid = process.getuid?.()
  if (uid === undefined || uid === 0) return undefined
  return readdirSync(root)
    .map((name) => path.join(root, name))
    .find((file) => statSync(file).uid !== uid)
}

function diskFinding(config: Config): Finding {
  const disk = statfsSync(layoutOf(config.data_dir).root)
  const free = disk.bavail * disk.bsize
  const detail = `${(free / 1e9).toFixed(1)} GB free, ${(config.disk_reserve_bytes / 1e9).toFixed(1)} GB of it are the reserve`
  const ok = free > config.disk_reserve_bytes + ROOM_BYTES
  const fix = 'make room: below the reserve events are answered with 503'
  return { check: 'disk', ok, detail, ...(!ok && { fix }) }
}

function secretFinding(config: Config): Finding {
  const { secret } = layoutOf(config.data_dir)
  const check = 'secret'
  const found = statSync(secret, { throwIfNoEntry: false })
  if (!found) return { check, ok: true, detail: 'is made at the first start' }
  if (found.size !== 32) {
    const fix = 'bring it back from a backup: without it hashes of e-mail addresses change'
    return { check, ok: false, detail: `has ${found.size} bytes instead of 32`, fix }
  }
  const others = found.mode & 0o077
  if (others === 0) return { check, ok: true, detail: 'only its owner reads it' }
  return { check, ok: false, detail: 'others can read it', fix: `chmod 600 ${secret}` }
}

function clockFinding(config: Config): Finding {
  const now = Date.now()
  const newest = newestChange(layoutOf(config.data_dir).stream)
  const detail = new Date(now).toISOString()
  const fix = 'set the clock (timedatectl): events of the future are refused'
  if (now < EARLIEST_MS) return { check: 'clock', ok: false, detail, fix }
  if (newest - now > CLOCK_SLACK_MS) {
    const back = `${detail} is before the last event, ${new Date(newest).toISOString()}`
    return { check: 'clock', ok: false, detail: back, fix }
  }
  return { check: 'clock', ok: true, detail }
}

function newestChange(directory: string): number {
  try {
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    return Math.max(0, ...names.map((name) => statSync(path.join(directory, name)).mtimeMs))
  } catch (error) {
    // No stream yet, or a segment that went while we looked.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

function zoneFinding({ shop_time_zone }: Config): Finding {
  const now = new Intl.DateTimeFormat('sv', { timeZone: shop_time_zone, timeStyle: 'short' })
  const detail = `${shop_time_zone}, where it is ${now.format(new Date())}`
  return { check: 'time zone', ok: true, detail }
}

function reportsFinding(config: Config): Finding {
  const { reports, leftOut } = readOwnReports(config.data_dir)
  const check = 'own reports'
  if (leftOut.length === 0)
    return { check, ok: true, detail: reports.length ? `${reports.length}` : 'none' }
  const detail = leftOut.map(({ why }) => why.replaceAll('\n', '; ')).join('; ')
  const fix = `mend ${leftOut.map(({ file }) => file).join(', ')}, then start the server again`
  return { check, ok: false, detail, fix }
}

/** A server that is up is asked; without one, could there be one? */
async function serverFindings(config: Config): Promise<Finding[]> {
  const server = findServer(config.data_dir)
  if (server) return [await examineServer(server.url)]
  const holder = holderOfDataDir(config.data_dir)
  if (holder !== undefined) {
    const detail = `process ${holder} holds the data directory: it starts, stops or is a command`
    return [{ check: 'server', ok: true, detail }]
  }
  const idle = { check: 'server', ok: true, detail: 'none runs' }
  try {
    await probePort(config.port, config.host)
    return [idle, { check: 'port', ok: true, detail: `${config.host}:${config.port} is free` }]
  } catch (error) {
    const fix = 'choose another with --port or SHOPLAKE_PORT'
    return [idle, { check: 'port', ok: false, detail: messageOf(error), fix }]
  }
}
