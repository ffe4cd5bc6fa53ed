import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { ShoplakeError } from '../errors.ts'
import { messageOf } from './client.ts'
import { registerAws } from './commands/aws.ts'
import { registerBackup } from './commands/backup.ts'
import { registerCompact } from './commands/compact.ts'
import { registerConfig } from './commands/config.ts'
import { registerCost } from './commands/cost.ts'
import { registerData } from './commands/data.ts'
import { registerDeadLetters } from './commands/dead-letters.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerImport } from './commands/import.ts'
import { registerKeys } from './commands/keys.ts'
import { registerOperate } from './commands/operate.ts'
import { registerRebuild } from './commands/rebuild.ts'
import { registerServe } from './commands/serve.ts'
import { registerSimulate } from './commands/simulate.ts'
import { registerSql } from './commands/sql.ts'
import { registerVerify } from './commands/verify.ts'
import { serverUrl } from './option-values.ts'
import { say } from './output.ts'
import { VERSION } from './version.ts'

/** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check found a difference. */
const FAILED = 1
const USAGE = 2

/** Settings are what was typed or written beside it; so is what a server does not understand. */
function isUsage(error: unknown): boolean {
  return error instanceof ShoplakeError && ['config_invalid', 'bad_request'].includes(error.code)
}

/** Help was asked of a command that is none: the list of commands is the answer, but nothing was done. */
function isUnknown(name: string | undefined): boolean {
  if (name === undefined || name === 'help' || name.startsWith('-')) return false
  return !program.commands.some((command) => command.name() === name)
}

/** Whoever reads stdout may stop early, as head(1) does: then there is nobody left to tell. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const program = new Command('shoplake')
  .description('The event pipeline for online shops.')
  .option('--data-dir <dir>', 'data directory (default: .shoplake)')
  .option('--url <url>', 'a running server elsewhere', serverUrl)
  .option('--key <key>', 'its API key (or SHOPLAKE_KEY)')
  .option('--json', 'JSON on stdout')
  .version(VERSION)
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('Run `shoplake --help` for the commands.')
  .exitOverride()

for (const register of [
  registerServe,
  registerData,
  registerSql,
  registerImport,
  registerDeadLetters,
  registerOperate,
  registerDoctor,
  registerVerify,
  registerCompact,
  registerRebuild,
  registerBackup,
  registerSimulate,
  registerKeys,
  registerConfig,
  registerCost,
  registerAws,
]) {
  register(program)
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    const name = error.exitCode === 0 ? program.args[0] : undefined
    if (isUnknown(name)) say(pc.red(`there is no command "${name}"`))
    process.exitCode = error.exitCode === 0 && !isUnknown(name) ? 0 : USAGE
  } else {
    say(pc.red(messageOf(error)))
    process.exitCode = isUsage(error) ? USAGE : FAILED
  }
}
