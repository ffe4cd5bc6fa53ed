import { existsSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { prepare, ROOT, run } from './prepare.mjs'

/** node scripts/synth.mjs [-c name=value …]: the templates of the AWS home into dist/cdk.out, checked; no account, no network. */
prepare()
await build({
  entryPoints: [path.join(ROOT, 'infra', 'src', 'app.ts')],
  outfile: path.join(ROOT, 'dist', 'infra', 'app.js'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
})
const cdk = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk')
if (!existsSync(cdk)) throw new Error('aws-cdk is missing: run npm install')
run(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', ...process.argv.slice(2)], {
  cwd: path.join(ROOT, 'infra'),
  stdio: 'inherit',
  env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: '1' },
})
