import { readFileSync } from 'node:fs'
import { type Config, type RawSettings, SHOP_SETTINGS } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { layoutOf } from './paths.ts'
import { writeWhole } from './write-whole.ts'

/** Told by whoever uses the directory; here it only remembers nothing. */
const CANNOT_READ = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']

/** The settings that a data directory remembers, none where it is new. Throws data_damaged where its file cannot be understood. */
export function readShopSettings(dataDir: string): RawSettings {
  const file = layoutOf(dataDir).shop
  const text = readText(file)
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new ShoplakeError(
    'data_damaged',
    `${file} is not a JSON object; bring it back from a backup, or delete it and name the shop's settings again`,
  )
}

/**
 * Lets the data directory remember what the shop is; only for whoever holds it. `onChange` is told of each setting that was
 * another before: what came until then stays as it was read and enriched.
 */
export function rememberShop(
  dataDir: string,
  config: Config,
  onChange: (change: { setting: string; was: unknown; is: unknown }) => void,
): void {
  const before = readShopSettings(dataDir)
  const now = Object.fromEntries(SHOP_SETTINGS.map((name) => [name, config[name]]))
  if (SHOP_SETTINGS.every((name) => before[name] === now[name])) return
  for (const name of SHOP_SETTINGS) {
    const was = before[name]
    if (was !== undefined && was !== now[name]) onChange({ setting: name, was, is: now[name] })
  }
  writeWhole(layoutOf(dataDir).shop, `${JSON.stringify(now, null, 2)}\n`)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (CANNOT_READ.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
