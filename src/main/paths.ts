import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where everything of one data directory lies. */
export interface Layout {
  readonly root: string
  readonly stream: string
  readonly store: string
  readonly lakeMeta: string
  readonly lake: string
  readonly lakeSql: string
  /** Rows that no encoder takes. */
  readonly refused: string
  readonly keys: string
  readonly secret: string
  readonly format: string
  /** What the shop is: settings that every command on the directory shares. */
  readonly shop: string
  readonly temporary: string
  readonly run: string
}

export function layoutOf(dataDir: string): Layout {
  const root = path.resolve(dataDir)
  return {
    root,
    stream: path.join(root, 'stream'),
    store: path.join(root, 'store'),
    lakeMeta: path.join(root, 'lake-meta'),
    lake: path.join(root, 'lake'),
    lakeSql: path.join(root, 'lake.sql'),
    refused: path.join(root, 'refused'),
    keys: path.join(root, 'keys.json'),
    secret: path.join(root, 'secret'),
    format: path.join(root, 'format.json'),
    shop: path.join(root, 'shop.json'),
    temporary: path.join(root, 'tmp'),
    run: path.join(root, 'run'),
  }
}

/** The directory of the bundles: data files that the build copied lie beside them. */
export const DIST = path.dirname(fileURLToPath(import.meta.url))
