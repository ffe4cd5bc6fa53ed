import type { Command } from 'commander'
import { environmentName, SETTINGS, type Setting, type SettingName } from '../../config.ts'
import { printJson, printTable } from '../output.ts'
import { loadSettings } from '../settings.ts'

export function registerConfig(program: Command): void {
  const config = program.command('config').description('settings and where each came from')
  config.command('print').description('every setting, its value and its origin').action(print)
}

function print(_flags: unknown, command: Command): void {
  const flags = command.optsWithGlobals<{ json?: boolean; dataDir?: string }>()
  const { config, origins } = loadSettings({ data_dir: flags.dataDir })
  const rows = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const setting: Setting = SETTINGS[name]
    const value = setting.secret && config[name] !== '' ? '••••' : config[name]
    return {
      name,
      value,
      origin: origins[name],
      environment: environmentName(name),
      description: setting.description,
    }
  })
  if (flags.json) printJson(rows)
  else
    printTable(
      ['setting', 'value', 'from', 'meaning'],
      rows.map((row) => [row.name, row.value, row.origin, row.description]),
    )
}
