import { bundleHome, cdk } from './cdk.mjs'

/** node scripts/deploy.mjs [arguments of `cdk deploy`]: both stacks of the AWS home, with what `shoplake deploy` has prepared. */
await bundleHome()
cdk(['deploy', '--all', '--require-approval', 'never', ...process.argv.slice(2)])
