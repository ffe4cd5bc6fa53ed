import path from 'node:path'
import { build } from 'esbuild'
import { prepare, ROOT } from './prepare.mjs'

/** node scripts/aws-local.mjs [--port 4700] [--window-s 1]: the AWS home on emulators, in one command. Ends with Ctrl-C. */
prepare()
const outdir = path.join(ROOT, 'dist', 'aws-local')
await build({
  entryPoints: ['local', 'emulators-process'].map((name) =>
    path.join(ROOT, 'test', 'aws', `${name}.ts`),
  ),
  outdir,
  // It bundles the functions by itself and finds what it needs from where it lies.
  external: ['../../scripts/lambda-bundles.mjs'],
  ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external' },
  logLevel: 'warning',
})
// What it says of Node 20 is known, and its warning would stand above the address.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
await import(path.join(outdir, 'local.js'))
