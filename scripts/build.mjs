import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build as bundle } from 'esbuild'
import { build as buildWeb } from 'vite'
import { ROOT } from './prepare.mjs'

const DIST = path.join(ROOT, 'dist')
// Whoever asks: under tests the pages would be those of development, a third larger and with paths of this machine in them.
process.env.NODE_ENV = 'production'

/** Everything that runs comes from dist/: Node 20 does not run TypeScript. Packages stay outside the bundles. */
async function build() {
  mkdirSync(DIST, { recursive: true })
  await bundle({
    entryPoints: ['cli', 'collect-process', 'store-process', 'lake-process', 'demo-process'].map(
      (name) => path.join(ROOT, 'src', 'main', `${name}.ts`),
    ),
    outdir: DIST,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  })
  copyData('reports', '.sql')
  copyData('reports/models', '.sql')
  copyData('sources/mappings', '.json')
  await buildWeb({ root: path.join(ROOT, 'web'), logLevel: 'warn' })
}

/** Copies data files beside the bundles, where main/ reads them. */
function copyData(folder, ending) {
  const from = path.join(ROOT, 'src', folder)
  const to = path.join(DIST, folder)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from).filter((file) => file.endsWith(ending))) {
    cpSync(path.join(from, name), path.join(to, name))
  }
}

await build()
