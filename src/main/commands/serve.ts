import closeWithGrace from 'close-with-grace'
import type { Command } from 'commander'
import pc from 'picocolors'
import type { Config, RawSettings } from '../../config.ts'
import { ShoplakeError } from '../../errors.ts'
import { type Home, startHome } from '../home.ts'
import { createLogger, type Logger } from '../logger.ts'
import { say } from '../output.ts'
import { loadSettings } from '../settings.ts'
import { supervise } from '../supervisor.ts'

interface ServeFlags {
  readonly port?: string
  readonly host?: string
  readonly dataDir?: string
  readonly demo?: boolean
  readonly demoDays?: string
  readonly logLevel?: string
}

export function registerServe(program: Command): void {
  options(
    program.command('dev').description('start everything on this machine, with the demo shop'),
  )
    .option('--no-demo', 'without the demo shop')
    .option('--demo-days <days>', 'days of history that the demo shop begins with', '90')
    .action(async (_flags, command: Command) => dev(command.optsWithGlobals()))
  options(program.command('start').description('start the server for a real shop'))
    .option('--host <address>', 'address to bind to')
    .action(async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<ServeFlags>()
      const { config } = loadSettings(settingsOf(flags))
      await serve(config, 'start')
    })
}

function options(command: Command): Command {
  return command
    .option('--port <port>', 'port of the HTTP server')
    .option('--data-dir <dir>', 'data directory')
    .option('--log-level <level>', 'least severe log line')
}

function settingsOf(flags: ServeFlags): RawSettings {
  return { port: flags.port, host: flags.host, data_dir: flags.dataDir, log_level: flags.logLevel }
}

async function dev(flags: ServeFlags): Promise<void> {
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
  const { home, log } = await serve(config, 'dev')
  if (flags.demo === false) return
  const demo = supervise(
    'demo-process.js',
    { config, mode: 'dev', args: { url: home.url, days: Number(flags.demoDays ?? 90) } },
    { log, onRestart: () => log.warn('the demo shop starts again'), onNote: say },
  )
  demo.ready.catch((error: unknown) => log.error({ err: error }, 'the demo shop did not start'))
}

async function serve(config: Config, mode: 'dev' | 'start'): Promise<{ home: Home; log: Logger }> {
  const log = createLogger('shoplake', config.log_level)
  const started = performance.now()
  const home = await startHome({ config, mode, log })
  say(
    `\n  ${pc.green('✓')} shoplake is up ${pc.dim(`(${Math.round(performance.now() - started)} ms)`)}, data in ${config.data_dir}`,
  )
  say(`  ${pc.cyan('➜')} Console   ${pc.bold(home.url)}`)
  say(`  ${pc.cyan('➜')} API docs  ${home.url}/docs`)
  say(`  ${pc.cyan('➜')} SQL       shoplake sql "select count(*) from order_created"\n`)
  closeWithGrace(
    { delay: 60_000, logger: { error: (error: unknown) => log.error({ err: error }, 'stopping') } },
    async () => {
      say('stopping …')
      await home.stop()
    },
  )
  return { home, log }
}
