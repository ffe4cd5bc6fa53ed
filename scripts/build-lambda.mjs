import { statSync } from 'node:fs'
import path from 'node:path'
import { bundleLambdas } from './lambda-bundles.mjs'
import { ROOT } from './prepare.mjs'

const directory = path.join(ROOT, 'dist', 'lambda')
for (const name of Object.keys(await bundleLambdas(directory))) {
  const { size } = statSync(path.join(directory, name, 'index.mjs'))
  process.stderr.write(`${name.padEnd(16)} ${(size / 1000).toFixed(0).padStart(5)} kB\n`)
}
