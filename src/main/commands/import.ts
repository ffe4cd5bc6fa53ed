import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { compileMapping, type Mapping, mapRows } from '../../sources/mapping.ts'
import { hashFile, readRows } from '../../sources/read-rows.ts'
import { patiently } from '../ask.ts'
import type { Client } from '../client.ts'
import { printJson, say } from '../output.ts'
import { DIST } from '../paths.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

const BATCH_EVENTS = 1000
const MAPPINGS = path.join(DIST, 'sources', 'mappings')
const ENDING = /\.(csv|ndjson|jsonl)(\.gz)?$/

interface ImportFlags extends ClientOptions {
  readonly json?: boolean
  readonly mapping: string
}

interface Tally {
  received: number
  accepted: number
  duplicates: number
  rejected: number
}

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
    .argument('<path>', 'a file, or a directory of .csv, .ndjson or .jsonl files, .gz or not')
    .action(async (target: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<ImportFlags>()
      const mapping = compileMapping(readMapping(flags.mapping))
      const files = filesOf(target)
      const tally = await withServer(flags, (client) => importFiles(client, mapping, files), {
        mayCreate: true,
      })
      if (flags.json) printJson(tally)
      else {
        say(
          `${tally.received} events: ${tally.accepted} accepted, ${tally.duplicates} known already, ${tally.rejected} refused`,
        )
        if (tally.rejected > 0) say(`see why: shoplake dead-letters list --source ${mapping.name}`)
      }
      // Some refused rows are dead letters to mend; nothing but refusals is a wrong mapping or file.
      if (tally.received > 0 && tally.rejected === tally.received) process.exitCode = 1
    })
}

function readMapping(name: string): unknown {
  const shipped = path.join(MAPPINGS, `${name}.json`)
  if (existsSync(shipped)) return JSON.parse(readFileSync(shipped, 'utf8'))
  if (existsSync(name)) return readJson(name)
  const known = readdirSync(MAPPINGS).map((file) => file.replace('.json', ''))
  throw new Error(`there is no mapping "${name}"; give a file, or one of ${known.join(', ')}`)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Error(`${file} is not JSON: ${cause.message}`, { cause })
  }
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

async function importFiles(
  client: Client,
  mapping: Mapping,
  files: readonly string[],
): Promise<Tally> {
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
    await importFile(client, mapping, file, tally, onBytes)
  }
  bar.stop()
  return tally
}

async function importFile(
  client: Client,
  mapping: Mapping,
  file: string,
  tally: Tally,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const sha256 = await hashFile(file)
  const rows: ImportRow[] = []
  const flush = async () => {
    if (rows.length === 0) return
    const answer = await post(client, mapping.name, rows.splice(0))
    for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += answer[name]
  }
  for await (const mapped of mapRows(mapping, readRows(file, mapping, onBytes), { sha256 })) {
    rows.push({ ...mapped, file: path.basename(file) })
    if (rows.length >= BATCH_EVENTS) await flush()
  }
  await flush()
}

/** One batch; waits as long as the server asks when it has a bound to keep. */
function post(client: Client, source: string, rows: readonly ImportRow[]): Promise<Tally> {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify({ source, rows }) }
  return patiently(client, '/v1/import', init, { patience_ms: Number.POSITIVE_INFINITY })
}
