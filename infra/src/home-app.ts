import type { App } from 'aws-cdk-lib'
import type { Report } from '../../src/reports/compile.ts'
import type { Model } from '../../src/reports/model.ts'
import { HomeStack } from './home-stack.ts'
import { QuestionsStack } from './questions-stack.ts'
import type { HomeSettings } from './settings.ts'

export interface HomeApp {
  readonly home: HomeStack
  readonly questions: QuestionsStack
}

/** Both stacks of a home. `assets` holds the functions' bundles. */
export function makeHomeApp(
  app: App,
  options: {
    readonly settings: HomeSettings
    readonly assets: string
    readonly reports: readonly Report[]
    readonly models: readonly Model[]
  },
): HomeApp {
  const { settings, assets, reports, models } = options
  const home = new HomeStack(app, 'Home', { settings, assets, stackName: settings.name })
  const questions = new QuestionsStack(app, 'Questions', {
    stackName: `${settings.name}-questions`,
    name: settings.name,
    database: home.catalogue.database,
    workgroup: home.catalogue.workgroup,
    reports,
    models,
  })
  questions.addStackDependency(home)
  return { home, questions }
}
