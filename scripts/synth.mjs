import { bundleHome, cdk } from './cdk.mjs'

/** node scripts/synth.mjs [-c name=value …]: the templates of the AWS home into dist/cdk.out, checked; no account, no network. */
await bundleHome()
cdk(['synth', '--quiet', ...process.argv.slice(2)])
