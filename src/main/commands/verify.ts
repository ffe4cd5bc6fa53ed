import type { Command } from 'commander'
import pc from 'picocolors'
import type { Client } from '../client.ts'
import type { Figure } from '../figure.ts'
import { printJson, printTable, say } from '../output.ts'
import { type Check, recountChecks, settle } from '../recount.ts'
import { readTruthFile, type TruthFile } from '../truth-file.ts'
import { verifyTruth } from '../verify-truth.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

const CHECK_FAILED = 3
/** A group of more figures is one line of the table, beside those of its figures that differ. */
const SHOWN_WHOLE = 30

interface VerifyFlags extends ClientOptions {
  readonly json?: boolean
  readonly truth?: string
  readonly all?: boolean
}

interface Verified {
  readonly equal: boolean
  readonly recount: readonly Check[]
  /** Only with a truth file. */
  readonly figures?: readonly Figure[]
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('recount the lake by SQL against the ledger; exit code 3 on a difference')
    .option('--truth <file>', 'also compare everything with what `shoplake simulate` says happened')
    .option('--all', 'print every figure, not one line for each long list')
    .action(async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<VerifyFlags>()
      const told = flags.truth === undefined ? undefined : readTruthFile(flags.truth)
      const verified = await withServer(flags, (client) => verify(client, told))
      if (flags.json) printJson(verified)
      else show(verified, flags.all === true)
      if (!verified.equal) process.exitCode = CHECK_FAILED
    })
}

async function verify(client: Client, told: TruthFile | undefined): Promise<Verified> {
  const settled = await settle(client)
  const recount = recountChecks(settled)
  const isCounted = recount.every((check) => check.equal)
  if (told === undefined) return { equal: isCounted, recount }
  const figures = await verifyTruth(client, told, settled)
  return { equal: isCounted && figures.every((figure) => figure.equal), recount, figures }
}

function show({ equal, recount, figures }: Verified, all: boolean): void {
  printTable(
    ['check', 'left', 'right', 'equal'],
    recount.map((check) => [check.check, check.left, check.right, word(check.equal)]),
  )
  if (figures) {
    process.stdout.write('\n')
    printTable(
      ['where', 'figure', 'truth', 'ours', 'equal'],
      all ? figures.map(line) : folded(figures),
    )
  }
  const counted = recount.length + (figures?.length ?? 0)
  const differ = [...recount, ...(figures ?? [])].filter((one) => !one.equal).length
  say(
    equal
      ? pc.green(`✓ ${counted.toLocaleString('en')} figures are equal`)
      : pc.red(
          `✗ ${differ.toLocaleString('en')} of ${counted.toLocaleString('en')} figures differ`,
        ),
  )
}

function folded(figures: readonly Figure[]): string[][] {
  const groups = new Map<string, Figure[]>()
  for (const figure of figures) {
    const group = groups.get(figure.group) ?? []
    group.push(figure)
    groups.set(figure.group, group)
  }
  return [...groups].flatMap(([group, list]) => {
    if (list.length <= SHOWN_WHOLE) return list.map(line)
    const differing = list.filter((figure) => !figure.equal)
    const equal = String(list.length - differing.length)
    const all = String(list.length)
    const summary = [group, `all ${all} figures`, all, equal, word(differing.length === 0)]
    return [summary, ...differing.map(line)]
  })
}

function line({ group, figure, truth, ours, equal }: Figure): string[] {
  return [group, figure, truth, ours, word(equal)]
}

function word(equal: boolean): string {
  return equal ? 'yes' : 'NO'
}
