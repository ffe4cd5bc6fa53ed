import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { ShoplakeError } from '../../errors.ts'
import { compileMapping, type Mapping, mapRows, unknownFields } from '../../sources/mapping.ts'
import { hashFile, readRows, requireEncoding } from '../../sources/read-rows.ts'
import { patiently } from '../ask.ts'
import type { Client } from '../client.ts'
import { printJson, say, sayWaits } from '../output.ts'
import { DIST } from '../paths.ts'
import { readJsonFile } from '../read-json.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

const BATCH_EVENTS = 1000
/** So many refused rows of a dry run are said one by one. */
const SAID_ROWS = 10
const MAPPINGS = path.join(DIST, 'sources', 'mappings')
const ENDING = /\.(csv|ndjson|jsonl)(\.gz)?$/

interface ImportFlags extends ClientOptions {
  readonly json?: boolean
  readonly mapping: string
  readonly dryRun?: boolean
}

interface Tally {
  received: number
  accepted: number
  duplicates: number
  rejected: number
}

type Answer = Tally & { readonly results: readonly { index: number; message?: string }[] }

/** A mapped event on the wire of POST /v1/import: where it was read, and why it was refused if it was. */
interface ImportRow {
  readonly value: unknown
  readonly file: string
  readonly line: number
  readonly refusal?: { readonly reason: string; readonly message: string; readonly path?: string }
}

export function registerImport(program: Command): void {
  program
    .command('import')
    .description('read files of another system; reading them again adds nothing')
    .requiredOption(
      '--mapping <name>',
      'a mapping that comes with shoplake, or a mapping file of your own',
    )
    .option('--dry-run', 'only say what would become of the rows; nothing is kept')
    .argument('<path>', 'a file, or a directory of .csv, .ndjson or .jsonl files, .gz or not')
    .action(async (target: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<ImportFlags>()
      const dry_run = flags.dryRun === true
      const mapping = compileMapping(readMapping(flags.mapping))
      const files = filesOf(target)
      for (const file of files) await requireEncoding(file, mapping)
      const unknown = unknownFields(mapping)
      if (unknown.length > 0)
        say(`no definition knows ${unknown.join(', ')}: what they hold goes into the column extra`)
      const job = { mapping, files, dry_run, onWait: sayWaits() }
      const tally = await withServer(flags, (client) => importFiles(client, job), {
        mayCreate: true,
      })
      if (flags.json) printJson(tally)
      else tell(tally, job)
      // Some refused rows are dead letters to mend; nothing but refusals is a wrong mapping or file.
      if (tally.received > 0 && tally.rejected === tally.received) process.exitCode = 1
    })
}

interface Job {
  readonly mapping: Mapping
  readonly onWait: (why: string) => void
  readonly files: readonly string[]
  readonly dry_run: boolean
}

function tell(tally: Tally, { mapping, dry_run }: Job): void {
  const { received, accepted, duplicates, rejected } = tally
  if (dry_run) {
    say(
      `${received} events: ${accepted} would be accepted, ${duplicates} are known already, ${rejected} would be refused; nothing was kept`,
    )
    return
  }
  say(`${received} events: ${accepted} accepted, ${duplicates} known already, ${rejected} refused`)
  if (rejected > 0) say(`see why: shoplake dead-letters list --source ${mapping.name}`)
}

function readMapping(name: string): unknown {
  const shipped = path.join(MAPPINGS, `${name}.json`)
  if (existsSync(shipped)) return JSON.parse(readFileSync(shipped, 'utf8'))
  if (existsSync(name)) return readJsonFile(name)
  const known = readdirSync(MAPPINGS).map((file) => file.replace('.json', ''))
  throw new ShoplakeError(
    'bad_request',
    `there is no mapping "${name}"; give a file, or one of ${known.join(', ')}`,
  )
}

function filesOf(target: string): string[] {
  if (!existsSync(target)) throw new Error(`${target} does not exist`)
  if (!statSync(target).isDirectory()) return [target]
  const files = readdirSync(target)
    .filter((name) => ENDING.test(name))
    .sort()
  if (files.length === 0) throw new Error(`${target} holds no .csv, .ndjson or .jsonl file`)
  return files.map((name) => path.join(target, name))
}

async function importFiles(client: Client, job: Job): Promise<Tally> {
  const { files } = job
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% · {events} events · {file}',
      stream: process.stderr,
      noTTYOutput: false,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  )
  const tally: Tally = { received: 0, accepted: 0, duplicates: 0, rejected: 0 }
  const total = files.reduce((sum, file) => sum + statSync(file).size, 0)
  if (process.stderr.isTTY) bar.start(total, 0, { events: 0, file: '' })
  for (const file of files) {
    const onBytes = (bytes: number) =>
      bar.increment(bytes, { events: tally.received, file: path.basename(file) })
    await importFile(client, job, file, tally, onBytes)
  }
  bar.stop()
  return tally
}

async function importFile(
  client: Client,
  { mapping, dry_run, onWait }: Job,
  file: string,
  tally: Tally,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const sha256 = await hashFile(file)
  const rows: ImportRow[] = []
  const flush = async () => {
    if (rows.length === 0) return
    const batch = rows.splice(0)
    const body = { source: mapping.name, dry_run, rows: batch }
    const answer = await post(client, body, onWait)
    if (dry_run) sayRefused(answer, batch, SAID_ROWS - tally.rejected)
    for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += answer[name]
  }
  for await (const mapped of mapRows(mapping, readRows(file, mapping, onBytes), { sha256 })) {
    rows.push({ ...mapped, file: path.basename(file) })
    if (rows.length >= BATCH_EVENTS) await flush()
  }
  await flush()
}

/** The first refused rows: they become no dead letters that would say it later. */
function sayRefused({ results }: Answer, batch: readonly ImportRow[], most: number): void {
  for (const { index, message } of results.slice(0, Math.max(0, most))) {
    const { file, line } = batch[index]!
    say(`${file}:${line}: ${message ?? ''}`)
  }
}

/** One batch; waits as long as the server asks when it has a bound to keep. */
function post(
  client: Client,
  body: { source: string; dry_run: boolean; rows: readonly ImportRow[] },
  onWait: (why: string) => void,
): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return patiently(client, '/v1/import', init, {
    patience_ms: Number.POSITIVE_INFINITY,
    onWait,
  })
}
