import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { prepare, ROOT, run } from './prepare.mjs'

/** `npm run bench` runs end-to-end; `npm run bench -- NAME [ARGS]` runs bench/NAME.ts. */
prepare()
const [name = 'end-to-end', ...args] = process.argv.slice(2)
const names = readdirSync(path.join(ROOT, 'bench')).filter((file) => file.endsWith('.ts'))
if (!names.includes(`${name}.ts`)) {
  process.stderr.write(`there is no bench/${name}.ts; there are ${names.join(', ')}\n`)
  process.exit(2)
}
const outdir = path.join(ROOT, 'dist', 'bench')
mkdirSync(outdir, { recursive: true })
await build({
  entryPoints: [`bench/${name}.ts`, 'test/aws/emulators-process.ts'].map((file) => ({
    in: path.join(ROOT, file),
    out: path.parse(file).name,
  })),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  // It finds what it bundles from where it lies.
  external: ['../../scripts/lambda-bundles.mjs'],
  logLevel: 'warning',
})
run(process.execPath, [path.join(outdir, `${name}.js`), ...args], { stdio: 'inherit' })
