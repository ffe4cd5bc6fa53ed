import { readFileSync } from 'node:fs'
import path from 'node:path'
import { DIST } from './paths.ts'

/** Version of the package that these bundles belong to. */
export const VERSION: string = JSON.parse(
  readFileSync(path.join(DIST, '..', 'package.json'), 'utf8'),
).version
