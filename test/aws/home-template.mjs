import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { App } from 'aws-cdk-lib'
import { BODIES, ROUTES } from '../../infra/src/gateway.ts'
import { HomeStack } from '../../infra/src/home-stack.ts'
import { DEFAULT_SETTINGS } from '../../infra/src/settings.ts'

// In JavaScript, with its types beside it: the types of the CDK do not pass the options under which tests are checked.

/** Types of bodies that the gateway hands on in base64; every route with its scope. */
export { BODIES, ROUTES }

/** Synthesizes a home with the bundles of `assets` into `outdir`; its name and template. */
export async function homeTemplate(assets, outdir) {
  // `npm run synth` validates: that takes ten seconds and says nothing about how functions run.
  const { CDK_VALIDATION } = process.env
  process.env.CDK_VALIDATION = 'false'
  try {
    const app = new App({ outdir })
    const stack = new HomeStack(app, 'Home', { settings: DEFAULT_SETTINGS, assets })
    app.synth()
    const text = await readFile(path.join(outdir, stack.templateFile), 'utf8')
    return { name: DEFAULT_SETTINGS.name, template: JSON.parse(text) }
  } finally {
    if (CDK_VALIDATION === undefined) delete process.env.CDK_VALIDATION
    else process.env.CDK_VALIDATION = CDK_VALIDATION
  }
}
