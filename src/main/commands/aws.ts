import path from 'node:path'
import cliProgress from 'cli-progress'
import { type Command, Option } from 'commander'
import pc from 'picocolors'
import type { AwsFlags } from '../aws-access.ts'
import type { DeployOptions } from '../aws-deploy.ts'
import { findServer, holdDataDir } from '../home.ts'
import { ofThisMachine, origin, settingText } from '../option-values.ts'
import { printJson, printTable, say } from '../output.ts'
import { DIST, layoutOf } from '../paths.ts'
import { settle } from '../recount.ts'
import { readSecret } from '../secret.ts'
import { loadSettings } from '../settings.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

const CHECK_FAILED = 3

type Flags = ClientOptions & AwsFlags & { readonly json?: boolean }

/** The AWS home as a whole: made, moved into, and taken down. Its engines are loaded only where they are used. */
export function registerAws(program: Command): void {
  withPlace(program.command('deploy').description('make the AWS home, or bring it up to date'))
    .addOption(
      new Option('--preset <size>', 'for 100, 1,000 or 10,000 events a second').choices([
        ...['small', 'medium', 'large'],
      ]),
    )
    .addOption(
      new Option('--stream <mode>', 'how the stream is paid for').choices([
        ...['provisioned', 'on_demand'],
      ]),
    )
    .addOption(
      new Option('--store <mode>', 'how the store is paid for').choices([
        ...['on_demand', 'provisioned'],
      ]),
    )
    .option('--firewall', 'a firewall in front, paid by the request')
    .option('--alert-email <address>', 'who gets alarms and the warnings of the budget')
    .option('--currency <code>', "the shop's currency, such as EUR", settingText('shop_currency'))
    .option(
      '--time-zone <zone>',
      "the shop's time zone, such as Europe/Berlin",
      settingText('shop_time_zone'),
    )
    .option('--origin <origin...>', 'pages that may use the first browser key', origin)
    .option('--quicksight-user <arn>', 'who gets the QuickSight dashboard')
    .option('--for-data-dir', 'with the secret of the data directory, which moves up afterwards')
    .action(deploy)
  withPlace(program.command('destroy').description('take the AWS home down, with all its data'))
    .option('--keep-data', 'leave the lake, the store and the secret')
    .option('--yes', 'do not ask')
    .action(destroy)
  const migrate = ofThisMachine(program.command('migrate')).description(
    'move the data directory to another home',
  )
  withPlace(
    migrate.command('aws').description('into a fresh AWS home, counted on both sides'),
  ).action(migrateAws)
}

export function withPlace(command: Command): Command {
  return command
    .option('--name <name>', 'of the home; its stacks begin with it', 'shoplake')
    .option('--region <region>', 'default: AWS_REGION, else that of the profile')
    .option('--profile <profile>', 'of the AWS credentials; default: AWS_PROFILE')
}

async function deploy(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<Flags & Partial<DeployOptions> & { forDataDir?: boolean }>()
  const { deployHome, repositoryCdk } = await import('../aws-deploy.ts')
  const { openAws } = await import('../aws-access.ts')
  const cdk = repositoryCdk()
  const secret = flags.forDataDir ? secretOf(flags) : undefined
  const options = { ...flags, origin: flags.origin ?? [], ...(secret && { secret }) }
  const done = await deployHome(await openAws(flags), options, {
    ...{ cdk, tell },
    console_directory: path.join(DIST, 'web'),
  })
  if (flags.json) return printJson(done)
  const { ApiUrl, ConsoleUrl, LakeBucket } = done.outputs
  printTable(
    ['what', 'where'],
    [
      ['console, and API for pages and commands', ConsoleUrl],
      ['API', ApiUrl],
      ['lake', `s3://${LakeBucket}`],
    ],
  )
  for (const [name, text] of Object.entries(done.keys)) {
    say(`key "${name}"; keep its text, it is not shown again:`)
    process.stdout.write(`${text}\n`)
  }
}

function secretOf(flags: Flags): string {
  const { config } = loadSettings({ data_dir: flags.dataDir })
  return Buffer.from(readSecret(layoutOf(config.data_dir).secret)).toString('hex')
}

async function destroy(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<Flags & { keepData?: boolean; yes?: boolean }>()
  const { destroyHome, findParts } = await import('../aws-destroy.ts')
  const { openAws } = await import('../aws-access.ts')
  const aws = await openAws(flags)
  const parts = await findParts(aws, flags.name)
  const keep_data = flags.keepData ?? false
  const kept = [...parts.buckets, ...parts.tables, parts.secret]
  if (!flags.yes) {
    for (const { name } of parts.stacks) say(`stack ${name}`)
    for (const name of kept) say(`${keep_data ? 'stays' : 'with all it holds'}: ${name}`)
    command.error('error: this cannot be undone; to take it all down, add --yes')
  }
  await destroyHome(aws, parts, { keep_data, tell })
  if (flags.json) printJson({ ...parts, kept: keep_data ? kept : [] })
  if (!keep_data) return
  say('what stays goes with `shoplake destroy --yes`, within 90 days:')
  for (const name of kept) say(`  ${name}`)
}

async function migrateAws(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<Flags>()
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const server = findServer(config.data_dir)
  if (server) {
    throw new Error(
      `process ${server.pid} serves ${config.data_dir}; stop it first, so that nothing comes behind: kill ${server.pid}`,
    )
  }
  const { needHome, openAws } = await import('../aws-access.ts')
  const aws = await openAws(flags)
  const outputs = await needHome(aws, flags.name)
  const { needSameSecret, athenaOf } = await import('../aws-migrate-checks.ts')
  await needSameSecret(aws, flags.name, secretOf(flags))
  // Started once and stopped in order, so that store and lake have handled every record.
  await withServer(flags, settle)
  const { migrateToAws } = await import('../aws-migrate.ts')
  const release = holdDataDir(config.data_dir)
  const bar = progressBar()
  const counts = await migrateToAws({
    ...{ config, aws, outputs, sql: athenaOf(aws, outputs) },
    tell,
    progress: bar.update,
  }).finally(() => {
    bar.stop()
    release()
  })
  if (flags.json) printJson(counts)
  else {
    printTable(
      ['what', 'here', 'there', ''],
      counts.map(({ what, here, there, equal }) => [
        what,
        here,
        there,
        equal ? 'equal' : 'DIFFERS',
      ]),
    )
  }
  if (counts.some(({ equal }) => !equal)) process.exitCode = CHECK_FAILED
}

function progressBar(): { update(done: number, all: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { update() {}, stop() {} }
  const bar = new cliProgress.SingleBar(
    { format: '{bar} {percentage}% of the lake', stream: process.stderr },
    cliProgress.Presets.shades_classic,
  )
  bar.start(1, 0)
  return {
    update(done, all) {
      bar.setTotal(all)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}

function tell(step: string): void {
  say(`${pc.green('✓')} ${step}`)
}
