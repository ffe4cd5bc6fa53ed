import { existsSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { bundleLambdas } from './lambda-bundles.mjs'
import { prepare, ROOT, run } from './prepare.mjs'

/** Bundles every function and the app that describes the AWS home, which the CDK then runs; no account, no network. */
export async function bundleHome() {
  prepare()
  await bundleLambdas(path.join(ROOT, 'dist', 'lambda'))
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
}

/** Runs the CDK's command line; ends this program with its exit code when it fails. */
export function cdk(args) {
  const program = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk')
  if (!existsSync(program)) throw new Error('aws-cdk is missing: run npm install')
  run(process.execPath, [program, ...args, '--no-notices'], {
    cwd: path.join(ROOT, 'infra'),
    stdio: ['ignore', 2, 2],
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: '1' },
  })
}
