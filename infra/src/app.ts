import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { parseReport } from '../../src/reports/compile.ts'
import { parseModels } from '../../src/reports/model.ts'
import { makeHomeApp } from './home-app.ts'
import { readSettings } from './settings.ts'

/** The repository: the bundle of this file lies in dist/infra/. */
const ROOT = path.resolve(import.meta.dirname, '../..')

const app = new App()
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
makeHomeApp(app, {
  settings: readSettings((name) => app.node.tryGetContext(name)),
  assets: path.join(ROOT, 'dist/lambda'),
  reports: sqlFiles('src/reports').map(([name, text]) => parseReport(name, text)),
  models: parseModels(Object.fromEntries(sqlFiles('src/reports/models'))),
})
app.synth()

function sqlFiles(folder: string): [name: string, text: string][] {
  const directory = path.join(ROOT, folder)
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => [file.slice(0, -4), readFileSync(path.join(directory, file), 'utf8')])
}
