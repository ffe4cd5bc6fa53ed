import { type Command, Option } from 'commander'
import { openFileKeys } from '../../local/file-keys.ts'
import { KEY_KINDS, KEY_SCOPES } from '../../local/stored-keys.ts'
import type { KeyBook, Scope, SourceKind } from '../../ports.ts'
import { ofThisMachine, origin, wholeNumber } from '../option-values.ts'
import { printJson, printTable, say } from '../output.ts'
import { layoutOf } from '../paths.ts'
import { loadSettings } from '../settings.ts'
import type { ClientOptions } from '../with-server.ts'

interface KeyFlags extends ClientOptions {
  readonly json?: boolean
  readonly kind: SourceKind
  readonly scope: readonly Scope[]
  readonly origin?: readonly string[]
  readonly rate?: number
  readonly burst?: number
}

/** Keys live in a file that a running server reads again: no server is needed to change them. */
export function registerKeys(program: Command): void {
  const keys = ofThisMachine(program.command('keys').description('API keys'))
  keys.command('list').description('keys, without their texts').action(list)
  keys
    .command('create')
    .description('make a key; its text is shown this once')
    .argument('<name>', 'becomes the source of its events')
    .addOption(
      new Option('--kind <kind>', 'who sends with it').choices(KEY_KINDS).default('server'),
    )
    .addOption(
      new Option('--scope <scope...>', 'what it opens').choices(KEY_SCOPES).default(['write']),
    )
    .option('--origin <origin...>', 'pages that may use a browser key; * for any', origin)
    .option('--rate <events>', 'events a second, sustained', wholeNumber(1))
    .option('--burst <events>', 'events at once on top', wholeNumber(1))
    .action(create)
  keys.command('revoke').description('make a key open nothing').argument('<name>').action(revoke)
}

function openKeys(flags: KeyFlags): KeyBook {
  const { config } = loadSettings({ data_dir: flags.dataDir })
  return openFileKeys({ file: layoutOf(config.data_dir).keys, mode: 'start' })
}

function list(_flags: unknown, command: Command): void {
  const flags = command.optsWithGlobals<KeyFlags>()
  const keys = openKeys(flags).list()
  if (flags.json) printJson(keys)
  else {
    printTable(
      ['name', 'kind', 'scopes', 'origins', 'begins', 'created'],
      keys.map((key) => [
        key.name,
        key.kind,
        key.scopes.join(' '),
        key.origins.join(' '),
        key.hint,
        key.created_at,
      ]),
    )
  }
}

async function create(name: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<KeyFlags>()
  const { text, key } = await openKeys(flags).create({
    name,
    kind: flags.kind,
    scopes: flags.scope,
    origins: flags.origin ?? [],
    ...(flags.rate ? { rate: flags.rate } : {}),
    ...(flags.burst ? { burst: flags.burst } : {}),
  })
  if (flags.json) return printJson({ text, key })
  say(`key "${key.name}" (${key.scopes.join(', ')}); keep its text, it is not shown again:`)
  process.stdout.write(`${text}\n`)
  if (key.kind === 'browser' && key.origins.length === 0)
    say('it names no origin, so no page may use it: --origin https://shop.example names one')
}

async function revoke(name: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<KeyFlags>()
  if (!(await openKeys(flags).revoke(name)))
    throw new Error(`there is no key "${name}"; \`shoplake keys list\` shows them`)
  say(`key "${name}" opens nothing any more`)
}
