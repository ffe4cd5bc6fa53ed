import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import pc from 'picocolors'
import {
  type Config,
  flagName,
  type RawSettings,
  SETTINGS,
  type SettingName,
} from '../../config.ts'
import { ShoplakeError } from '../../errors.ts'
import { type Home, openHome } from '../home.ts'
import { createLogger, type Logger } from '../logger.ts'
import { wholeNumber } from '../option-values.ts'
import { say } from '../output.ts'
import { DIST } from '../paths.ts'
import { loadSettings } from '../settings.ts'
import { onStopSignals } from '../stop-signals.ts'
import { type Supervised, supervise } from '../supervisor.ts'

/** It remembers how far it came with every request that was answered: a kill costs it nothing. */
const DEMO_STOP_MS = 2000

/** By the names that commander makes of the flags; a setting's is its own in camel case. */
interface ServeFlags {
  readonly [setting: string]: string | boolean | undefined
}

interface DevFlags {
  readonly demo: boolean
  readonly demoDays: number
}

/** Settings that the help names one by one; `--data-dir` stands with the options of every command. */
const SHOWN: readonly SettingName[] = ['port', 'host', 'log_level']
const NAMES = Object.keys(SETTINGS) as SettingName[]

export function registerServe(program: Command): void {
  options(
    program.command('dev').description('start everything on this machine, with the demo shop'),
  )
    .option('--no-demo', 'without the demo shop')
    .option(
      '--demo-days <days>',
      'days of history that the demo shop begins with',
      wholeNumber(1),
      90,
    )
    .action(async (flags: DevFlags, command: Command) =>
      dev(command.optsWithGlobals<ServeFlags>(), flags),
    )
  options(program.command('start').description('start the server for a real shop')).action(
    async (_flags, command: Command) => {
      const { config } = loadSettings(settingsOf(command.optsWithGlobals<ServeFlags>()))
      await serve(config, 'start')
    },
  )
}

/** Every setting is a flag; problems with its value are told by the settings themselves. */
function options(command: Command): Command {
  for (const name of NAMES) {
    const option = new Option(`${flagName(name)} <value>`, SETTINGS[name].description)
    command.addOption(SHOWN.includes(name) ? option : option.hideHelp())
  }
  return command.addHelpText('after', '\nEvery setting of `shoplake config print` is a flag too.')
}

function settingsOf(flags: ServeFlags): RawSettings {
  return Object.fromEntries(NAMES.map((name) => [name, flags[camelCase(name)]]))
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase())
}

async function dev(flags: ServeFlags, { demo, demoDays }: DevFlags): Promise<void> {
  const { config, origins } = loadSettings({
    ...settingsOf(flags),
    log_level: flags.logLevel ?? 'warn',
  })
  if (config.host !== '127.0.0.1') {
    throw new ShoplakeError(
      'config_invalid',
      `dev binds to 127.0.0.1 only, since its keys are public (host came from ${origins.host}); use \`shoplake start\``,
    )
  }
  await serve(config, 'dev', demo ? demoDays : undefined)
}

/** Runs until it is told to stop; with `demoDays`, the demo shop beside it. */
async function serve(config: Config, mode: 'dev' | 'start', demoDays?: number): Promise<void> {
  const log = createLogger('shoplake', config.log_level)
  const started = performance.now()
  const home = openHome({ config, mode, log })
  let demo: Supervised | undefined
  const { isStopping } = onStopSignals({
    async stop() {
      await demo?.stop()
      await home.stop()
    },
    kill() {
      demo?.kill()
      home.kill()
    },
    failed: (error) => log.fatal({ err: error }, 'the supervisor failed'),
  })
  const url = await untilUp(home, isStopping)
  if (url === undefined) return
  say(
    `\n  ${pc.green('✓')} shoplake is up ${pc.dim(`(${Math.round(performance.now() - started)} ms)`)}, data in ${config.data_dir}`,
  )
  say(`  ${pc.cyan('➜')} Console   ${pc.bold(url)}`)
  say(`  ${pc.cyan('➜')} API docs  ${url}/docs`)
  say(
    `  ${pc.cyan('➜')} SQL       ${invocation(config)} sql "select count(*) from order_created"\n`,
  )
  if (demoDays !== undefined) demo = startDemo(config, log, url, demoDays)
}

/** How a command beside this server is typed: in a clone nothing named shoplake is on the path. */
function invocation({ data_dir }: Config): string {
  const isClone = existsSync(path.join(DIST, '..', 'scripts', 'start.mjs'))
  const script = path.relative(process.cwd(), path.join(DIST, '..', 'bin', 'shoplake.js'))
  const program = isClone ? `node ${script}` : 'shoplake'
  return data_dir === SETTINGS.data_dir.default ? program : `${program} --data-dir ${data_dir}`
}

/** Where it answers; undefined when it was told to stop before. What could start is stopped when another part could not. */
async function untilUp(home: Home, isStopping: () => boolean): Promise<string | undefined> {
  try {
    return await home.ready
  } catch (error) {
    await home.stop()
    if (isStopping()) return undefined
    throw error
  }
}

function startDemo(config: Config, log: Logger, url: string, days: number): Supervised {
  const demo = supervise({
    name: 'demo',
    orders: { config, mode: 'dev', args: { url, days } },
    log,
    stopLimitMs: DEMO_STOP_MS,
    onNote: say,
  })
  demo.ready.catch((error: unknown) => log.error({ err: error }, 'the demo shop did not start'))
  return demo
}
