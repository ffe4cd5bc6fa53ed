import { cp, mkdir, readdir, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { type ClientOptions, withServer } from '../client.ts'
import { findServer } from '../home.ts'
import { printJson, printTable, say } from '../output.ts'
import { layoutOf } from '../paths.ts'
import { loadSettings } from '../settings.ts'

const CHECK_FAILED = 3
const LOW_DISK_BYTES = 2_000_000_000

interface OperateFlags extends ClientOptions {
  readonly json?: boolean
  readonly yes?: boolean
}

interface Ledger {
  readonly balanced: boolean
  readonly totals: { readonly [count: string]: number }
  readonly imbalances?: readonly string[]
}

interface Readiness {
  readonly ready: boolean
  readonly checks: readonly { name: string; ok: boolean; detail?: string }[]
}

export function registerOperate(program: Command): void {
  program
    .command('status')
    .description('is it ready, does the ledger balance, what is pending')
    .action(status)
  program.command('doctor').description('check this machine').action(doctor)
  program
    .command('erase')
    .description('erase a person everywhere, and wait for it')
    .argument('<customer>')
    .option('--yes', 'do not ask')
    .action(erase)
  program
    .command('backup')
    .description('copy the data of a stopped server')
    .argument('<directory>')
    .action(backup)
  program
    .command('restore')
    .description('bring a backup into an empty data directory')
    .argument('<directory>')
    .action(restore)
}

async function status(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<OperateFlags>()
  await withServer(flags, async (client) => {
    const ledger = await client.json<Ledger>('/v1/ledger')
    const ready = (await (await client.fetch('/readyz')).json()) as Readiness
    if (flags.json) printJson({ ...ready, ledger })
    else showStatus(ready, ledger)
    if (!ledger.balanced || !ready.ready) process.exitCode = CHECK_FAILED
  })
}

function showStatus(ready: Readiness, ledger: Ledger): void {
  say(ready.ready ? pc.green('✓ ready') : pc.red('✗ not ready'))
  for (const check of ready.checks)
    say(`  ${check.ok ? '✓' : pc.red('✗')} ${check.name} ${pc.dim(check.detail ?? '')}`)
  say(ledger.balanced ? pc.green('✓ the ledger balances') : pc.red('✗ the ledger does not balance'))
  for (const imbalance of ledger.imbalances ?? [])
    say(`  ${typeof imbalance === 'string' ? imbalance : JSON.stringify(imbalance)}`)
  printTable(['count', 'events'], Object.entries(ledger.totals))
}

async function doctor(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<OperateFlags>()
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const layout = layoutOf(config.data_dir)
  await mkdir(layout.root, { recursive: true })
  const disk = await statfs(layout.root)
  const free = disk.bavail * disk.bsize
  const server = findServer(config.data_dir)
  const checks = [
    { check: 'node', ok: true, detail: process.version },
    { check: 'data directory', ok: true, detail: layout.root },
    {
      check: 'free disk',
      ok: free > LOW_DISK_BYTES + config.disk_reserve_bytes,
      detail: `${(free / 1e9).toFixed(1)} GB`,
    },
    {
      check: 'server',
      ok: true,
      detail: server ? `${server.url} (${server.mode})` : 'not running',
    },
  ]
  if (flags.json) printJson(checks)
  else
    printTable(
      ['check', 'ok', 'detail'],
      checks.map((check) => [check.check, check.ok ? 'yes' : 'NO', check.detail]),
    )
  if (checks.some((check) => !check.ok)) process.exitCode = CHECK_FAILED
}

interface Receipt {
  readonly erasure_id: string
  readonly state: string
  readonly places: readonly { place: string; state: string; expires_at?: string }[]
}

async function erase(customer: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<OperateFlags>()
  if (!flags.yes) throw new Error(`this cannot be undone; to erase "${customer}", add --yes`)
  await withServer(flags, async (client) => {
    let receipt = await client.json<Receipt>(`/v1/customers/${encodeURIComponent(customer)}`, {
      method: 'DELETE',
    })
    while (receipt.places.some((place) => place.state === 'pending')) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      receipt = await client.json<Receipt>(`/v1/erasures/${receipt.erasure_id}`)
    }
    if (flags.json) printJson(receipt)
    else
      printTable(
        ['place', 'state', 'expires'],
        receipt.places.map((place) => [place.place, place.state, place.expires_at]),
      )
  })
}

async function backup(directory: string, _flags: unknown, command: Command): Promise<void> {
  const from = stoppedLayout(command.optsWithGlobals<OperateFlags>(), 'backup').root
  if (await isFilled(directory)) throw new Error(`${directory} is not empty; name a new directory`)
  await copyData(from, directory)
  say(`copied ${from} to ${directory}`)
}

async function restore(directory: string, _flags: unknown, command: Command): Promise<void> {
  const to = stoppedLayout(command.optsWithGlobals<OperateFlags>(), 'restore').root
  if (await isFilled(to)) throw new Error(`${to} is not empty; choose another --data-dir`)
  await copyData(directory, to)
  say(`restored ${directory} to ${to}; lake.sql is written anew at the next start`)
}

function stoppedLayout(flags: OperateFlags, verb: string) {
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const server = findServer(config.data_dir)
  if (server)
    throw new Error(`process ${server.pid} serves this data directory; stop it before you ${verb}`)
  return layoutOf(config.data_dir)
}

async function isFilled(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function copyData(from: string, to: string): Promise<void> {
  const leftOut = new Set(['run', 'tmp'].map((name) => path.join(path.resolve(from), name)))
  await cp(from, to, { recursive: true, filter: (source) => !leftOut.has(path.resolve(source)) })
}
