import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { prepare, ROOT, run } from './prepare.mjs'

/** `npm run torture -- --minutes N --seed S`: test/torture/run.ts against the built bundles. */
prepare()
const outdir = path.join(ROOT, 'dist', 'torture')
mkdirSync(outdir, { recursive: true })
await build({
  entryPoints: [path.join(ROOT, 'test', 'torture', 'run.ts')],
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
})
run(process.execPath, [path.join(outdir, 'run.js'), ...process.argv.slice(2)], { stdio: 'inherit' })
