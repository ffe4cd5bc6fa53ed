import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type RawSettings, type ResolvedConfig, resolveConfig } from '../config.ts'
import { ShoplakeError } from '../errors.ts'

const CONFIG_FILE = 'shoplake.config.json'

/**
 * Settings of this run: shoplake.config.json of the working directory, then SHOPLAKE_*, then flags.
 * Throws config_invalid, not retryable, with every problem on its own line.
 */
export function loadSettings(flags: RawSettings, file = CONFIG_FILE): ResolvedConfig {
  const result = resolveConfig({ file: readConfigFile(file), environment: process.env, flags })
  if ('problems' in result) throw new ShoplakeError('config_invalid', result.problems.join('\n'))
  return result.resolved
}

function readConfigFile(file: string): RawSettings {
  const full = path.resolve(file)
  if (!existsSync(full)) return {}
  try {
    const value: unknown = JSON.parse(readFileSync(full, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (cause) {
    throw new ShoplakeError('config_invalid', `${full} is not JSON: ${String(cause)}`, { cause })
  }
  throw new ShoplakeError('config_invalid', `${full} must hold one JSON object`)
}
