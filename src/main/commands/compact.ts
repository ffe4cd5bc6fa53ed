import type { Command } from 'commander'
import { connectSql, socketPathOf } from '../../local/sql-socket.ts'
import { ofThisMachine } from '../option-values.ts'
import { printJson, say } from '../output.ts'
import { loadSettings } from '../settings.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

/** What the lake process answers to the call `compact`. */
interface Compacted {
  readonly files_before: number
  readonly files: number
}

export function registerCompact(program: Command): void {
  ofThisMachine(program.command('compact'))
    .description('write hot rows to Parquet now, and merge the small files that are due')
    .action(compact)
}

async function compact(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<ClientOptions & { json?: boolean }>()
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const done = await withServer(flags, async () => {
    const lake = connectSql(socketPathOf(config.data_dir))
    try {
      return await lake.call<Compacted>('compact')
    } finally {
      lake.close()
    }
  })
  if (flags.json) printJson(done)
  else say(`${done.files_before} Parquet files became ${done.files}`)
}
