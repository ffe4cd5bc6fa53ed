import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type RawSettings, type ResolvedConfig, resolveConfig } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { readShopSettings } from './shop-settings.ts'

const CONFIG_FILE = 'shoplake.config.json'

/**
 * Settings of this run: what the data directory remembers, shoplake.config.json of the working directory, SHOPLAKE_*, flags; the
 * later wins. Throws config_invalid, not retryable, with every problem on its own line, and data_damaged as `readShopSettings`.
 */
export function loadSettings(flags: RawSettings, file = CONFIG_FILE): ResolvedConfig {
  const layers = { file: readConfigFile(file), environment: process.env, flags }
  const { data_dir } = resolved(layers).config
  return resolved({ data_dir: readShopSettings(data_dir), ...layers })
}

function resolved(layers: Parameters<typeof resolveConfig>[0]): ResolvedConfig {
  const result = resolveConfig(layers)
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
