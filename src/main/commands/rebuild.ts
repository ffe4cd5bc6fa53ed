import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { findServer } from '../home.ts'
import { ofThisMachine } from '../option-values.ts'
import { printJson, say } from '../output.ts'
import { settle } from '../recount.ts'
import { loadSettings } from '../settings.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

export function registerRebuild(program: Command): void {
  ofThisMachine(program.command('rebuild'))
    .description('make orders, customers, products, stock and sessions anew from the lake')
    .argument('[what]', 'store', 'store')
    .action(rebuild)
}

async function rebuild(what: string, _flags: unknown, command: Command): Promise<void> {
  if (what !== 'store') command.error(`error: there is no rebuilding of "${what}"; only of "store"`)
  const flags = command.optsWithGlobals<ClientOptions & { json?: boolean }>()
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const server = findServer(config.data_dir)
  if (server) {
    throw new Error(
      `process ${server.pid} serves ${config.data_dir}; stop it first: kill ${server.pid}`,
    )
  }
  // Started once and stopped in order, so that store and lake have handled every record.
  await withServer(flags, settle)
  // Only now: with its engines, which every other command does without.
  const { rebuildFromLake } = await import('../rebuild.ts')
  const bar = new cliProgress.SingleBar(
    { format: '{bar} {percentage}% · {value} rows', stream: process.stderr, noTTYOutput: false },
    cliProgress.Presets.shades_classic,
  )
  if (process.stderr.isTTY) bar.start(1, 0)
  try {
    const report = await rebuildFromLake(config, (done, all) => {
      bar.setTotal(all)
      bar.update(done)
    })
    bar.stop()
    if (flags.json) printJson(report)
    else say(`the store is made anew from ${report.rows.toLocaleString('en')} rows of the lake`)
    if (report.refused === 0) return
    say(`${report.refused} rows could not be taken, such as: ${report.first_refusal}`)
    process.exitCode = 1
  } finally {
    bar.stop()
  }
}
