import { Stack, type StackProps, Tags } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { Report } from '../../src/reports/compile.ts'
import type { Model } from '../../src/reports/model.ts'
import { HOME_TAG } from './budget.ts'
import { Quicksight } from './quicksight.ts'
import { Views } from './views.ts'

export interface QuestionsProps extends StackProps {
  readonly name: string
  readonly database: string
  readonly workgroup: string
  readonly reports: readonly Report[]
  readonly models: readonly Model[]
}

/** What is asked of the lake: views of events and models, and QuickSight. A stack of its own, since one template holds no more than 1 MB. */
export class QuestionsStack extends Stack {
  constructor(scope: Construct, id: string, props: QuestionsProps) {
    super(scope, id, {
      description: 'shoplake: views, reports and dashboards of a shop',
      suppressTemplateIndentation: true,
      ...props,
    })
    const { name, workgroup, reports } = props
    const views = new Views(this, 'Views', props.database, props.models)
    const quicksight = new Quicksight(this, 'Quicksight', { name, workgroup, reports })
    quicksight.node.addDependency(views)
    Tags.of(this).add(HOME_TAG, name)
  }
}
