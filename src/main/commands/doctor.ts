import type { Command } from 'commander'
import pc from 'picocolors'
import { examine, examineServer } from '../doctor.ts'
import { printJson, printTable, say } from '../output.ts'
import { loadSettings } from '../settings.ts'
import type { ClientOptions } from '../with-server.ts'

const CHECK_FAILED = 3

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this machine, the data directory and the server; exit code 3 on a finding')
    .option('--port <port>', 'port that a server is to take')
    .action(doctor)
}

async function doctor(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<ClientOptions & { json?: boolean; port?: string }>()
  const { config } = loadSettings({ data_dir: flags.dataDir, port: flags.port })
  const findings = flags.url ? [await examineServer(flags.url)] : await examine(config)
  if (flags.json) printJson(findings)
  else {
    printTable(
      ['check', 'ok', 'detail'],
      findings.map(({ check, ok, detail }) => [check, ok ? 'yes' : 'NO', detail]),
    )
    for (const { check, fix } of findings) if (fix) say(pc.yellow(`${check}: ${fix}`))
  }
  if (findings.some(({ ok }) => !ok)) process.exitCode = CHECK_FAILED
}
