import type { Command } from 'commander'
import pc from 'picocolors'
import type { AwsFlags } from '../aws-access.ts'
import { findServer } from '../home.ts'
import { printJson, printTable, say } from '../output.ts'
import { loadSettings } from '../settings.ts'
import { type ClientOptions, withServer } from '../with-server.ts'
import { withPlace } from './aws.ts'

const CHECK_FAILED = 3

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
  withPlace(
    program
      .command('status')
      .description('is it ready, does the ledger balance, what is pending')
      .option('--aws', 'of the AWS home: stacks, alarms, and with --key the ledger'),
  ).action(status)
  program
    .command('erase')
    .description('erase a person everywhere, and wait for it')
    .argument('<customer>')
    .option('--yes', 'do not ask')
    .action(erase)
}

/** Without a server it still tells what the data directory holds; that nobody serves it is a failed check all the same. */
async function status(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<OperateFlags & AwsFlags & { aws?: boolean }>()
  if (flags.aws) return statusOfAws(flags)
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const running = flags.url !== undefined || findServer(config.data_dir) !== undefined
  await withServer(flags, async (client) => {
    const ledger = await client.json<Ledger>('/v1/ledger')
    const answer = (await (await client.fetch('/readyz')).json()) as Readiness
    const ready = answer.ready && running
    const url = running ? client.url : null
    if (flags.json) printJson({ ...answer, ready, running, url, ledger })
    else showStatus({ ...answer, ready }, url, config.data_dir, ledger)
    if (!ledger.balanced || !ready) process.exitCode = CHECK_FAILED
  })
}

async function statusOfAws(flags: OperateFlags & AwsFlags): Promise<void> {
  const { openAws } = await import('../aws-access.ts')
  const { awsStatus } = await import('../aws-status.ts')
  const key = flags.key ?? process.env.SHOPLAKE_KEY
  const { name } = flags
  const found = await awsStatus(await openAws(flags), { name, ...(key && { key }) })
  if (flags.json) printJson(found)
  else {
    for (const stack of found.stacks) say(`  ${stack.name} ${pc.dim(stack.status)}`)
    const quiet = found.alarms.filter(({ state }) => state !== 'ALARM').length
    say(`  ${quiet} of ${found.alarms.length} alarms are quiet`)
    for (const problem of found.problems) say(pc.red(`✗ ${problem}`))
    if (found.problems.length === 0) say(pc.green(`✓ ready at ${found.console_url}`))
    if (found.ledger) printTable(['count', 'events'], Object.entries(found.ledger.totals))
  }
  if (found.problems.length > 0) process.exitCode = CHECK_FAILED
}

function showStatus(ready: Readiness, url: string | null, dataDir: string, ledger: Ledger): void {
  if (url === null) {
    say(pc.red(`✗ no server runs on ${dataDir}`))
    say('  start it with `shoplake start`; what follows was read from the data directory')
  } else {
    say(ready.ready ? pc.green(`✓ ready at ${url}`) : pc.red(`✗ not ready at ${url}`))
    for (const check of ready.checks)
      say(`  ${check.ok ? '✓' : pc.red('✗')} ${check.name} ${pc.dim(check.detail ?? '')}`)
  }
  say(ledger.balanced ? pc.green('✓ the ledger balances') : pc.red('✗ the ledger does not balance'))
  for (const imbalance of ledger.imbalances ?? [])
    say(`  ${typeof imbalance === 'string' ? imbalance : JSON.stringify(imbalance)}`)
  printTable(['count', 'events'], Object.entries(ledger.totals))
}

interface Receipt {
  readonly erasure_id: string
  readonly requested_at: string
  readonly state: string
  readonly places: readonly { place: string; state: string; expires_at?: string }[]
}

async function erase(customer: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<OperateFlags>()
  if (!flags.yes) command.error(`error: this cannot be undone; to erase "${customer}", add --yes`)
  await withServer(flags, async (client) => {
    const route = `/v1/customers/${encodeURIComponent(customer)}`
    if ((await client.fetch(route)).status === 404)
      say(
        `the store knows no customer "${customer}": see that the id is right; it is erased all the same`,
      )
    let receipt = await client.json<Receipt>(route, { method: 'DELETE' })
    const { requested_at } = receipt
    // Of somebody who was erased before, the answer may still be that of then.
    const isDone = () =>
      receipt.requested_at >= requested_at &&
      receipt.places.every((place) => place.state !== 'pending')
    while (!isDone()) {
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
