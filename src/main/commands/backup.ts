import { cp, mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { readFormat } from '../data-format.ts'
import { findServer, lockDataDir } from '../home.ts'
import { ofThisMachine } from '../option-values.ts'
import { printJson, say } from '../output.ts'
import { layoutOf } from '../paths.ts'
import { loadSettings } from '../settings.ts'
import { VERSION } from '../version.ts'
import type { ClientOptions } from '../with-server.ts'

interface BackupFlags extends ClientOptions {
  readonly json?: boolean
}

/** What belongs to a running server alone. */
const LEFT_OUT = ['run', 'tmp']
/** Without these a directory is no backup of ours. */
const NEEDED = ['stream', 'store', 'secret']

export function registerBackup(program: Command): void {
  ofThisMachine(program.command('backup'))
    .description('copy the data of a stopped server into an empty directory')
    .argument('<directory>')
    .action(backup)
  ofThisMachine(program.command('restore'))
    .description('bring a backup into an empty data directory')
    .argument('<directory>')
    .action(restore)
}

async function backup(directory: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<BackupFlags>()
  const from = dataDirOf(flags, 'backup')
  await needBackup(from, `${from} holds no data yet; name another with --data-dir`)
  if (await isFilled(directory)) throw new Error(`${directory} is not empty; name a new directory`)
  const release = lockDataDir(from)
  try {
    const copied = await copyData(from, directory)
    tell(flags, { from, to: path.resolve(directory), ...copied })
    say('it holds the secret and the hashes of keys: keep it as safe as the data directory')
  } finally {
    release()
  }
}

async function restore(directory: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<BackupFlags>()
  const to = dataDirOf(flags, 'restore')
  await needBackup(
    directory,
    `${directory} is no backup of shoplake: it has no ${NEEDED.join(', ')}`,
  )
  if (await isFilled(to)) throw new Error(`${to} is not empty; choose another --data-dir`)
  readFormat(directory, VERSION)
  const release = lockDataDir(to)
  try {
    const copied = await copyData(directory, to)
    tell(flags, { from: path.resolve(directory), to, ...copied })
    say('lake.sql is written anew at the next start')
  } finally {
    release()
  }
}

function dataDirOf(flags: BackupFlags, verb: string): string {
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const server = findServer(config.data_dir)
  if (!server) return layoutOf(config.data_dir).root
  throw new Error(
    `process ${server.pid} serves ${config.data_dir}; stop it before you ${verb}: kill ${server.pid}`,
  )
}

async function needBackup(directory: string, otherwise: string): Promise<void> {
  const names = await namesIn(directory)
  if (!NEEDED.every((name) => names.includes(name))) throw new Error(otherwise)
}

async function isFilled(directory: string): Promise<boolean> {
  return (await namesIn(directory)).some((name) => !LEFT_OUT.includes(name))
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

interface Copied {
  readonly files: number
  readonly bytes: number
}

async function copyData(from: string, to: string): Promise<Copied> {
  const leftOut = new Set(LEFT_OUT.map((name) => path.join(path.resolve(from), name)))
  const copied = { files: 0, bytes: 0 }
  await mkdir(to, { recursive: true })
  await cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    async filter(source) {
      if (leftOut.has(path.resolve(source))) return false
      const { size, isFile } = await sizeOf(source)
      if (isFile) {
        copied.files++
        copied.bytes += size
      }
      return true
    },
  })
  return copied
}

async function sizeOf(file: string): Promise<{ size: number; isFile: boolean }> {
  const entry = await stat(file)
  return { size: entry.size, isFile: entry.isFile() }
}

function tell(flags: BackupFlags, done: Copied & { from: string; to: string }): void {
  if (flags.json) printJson(done)
  else {
    const megabytes = (done.bytes / 1e6).toFixed(1)
    say(`copied ${done.files} files, ${megabytes} MB, from ${done.from} to ${done.to}`)
  }
}
