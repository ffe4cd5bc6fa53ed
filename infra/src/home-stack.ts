import { CfnOutput, SecretValue, Stack, type StackProps, Tags } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Stream } from 'aws-cdk-lib/aws-kinesis'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import * as scheduler from 'aws-cdk-lib/aws-scheduler'
import type { Construct } from 'constructs'
import { environmentName } from '../../src/config.ts'
import { LAMBDA_ENVIRONMENT, secretName } from '../../src/main/lambda-settings.ts'
import { acknowledgeFindings } from './acknowledged.ts'
import { Alarms } from './alarms.ts'
import { HOME_TAG, makeBudget } from './budget.ts'
import { Catalogue } from './catalogue.ts'
import { Console } from './console.ts'
import { consume } from './consumers.ts'
import { Dashboard } from './dashboard.ts'
import { Firewall } from './firewall.ts'
import { allow, type FunctionName, makeFunction } from './functions.ts'
import { Gateway } from './gateway.ts'
import * as grants from './grants.ts'
import { homeMetrics } from './home-metrics.ts'
import { Lake } from './lake.ts'
import { type HomeSettings, PRESETS } from './settings.ts'
import { makeStore } from './store.ts'
import { makeStream } from './stream.ts'

export interface HomeProps extends StackProps {
  readonly settings: HomeSettings
  /** Directory of the functions' bundles. */
  readonly assets: string
}

/** Everything that a body may have before it is base64 within an invocation's 6 MB. */
const BODY_BYTES = 4_000_000

type Functions = { readonly [name in FunctionName]: LambdaFunction }

/**
 * The AWS home of a shop, from the door to its console:
 * gateway → collect → stream → write-lake → lake → Athena, and stream → update-store → store.
 */
export class HomeStack extends Stack {
  readonly catalogue: Catalogue

  constructor(scope: Construct, id: string, props: HomeProps) {
    super(scope, id, {
      description: 'shoplake: the event pipeline of a shop',
      suppressTemplateIndentation: true,
      ...props,
    })
    const { settings } = props
    const stream = makeStream(this, settings)
    const lake = new Lake(this, 'Lake')
    const store = makeStore(this, settings)
    const catalogue = new Catalogue(this, 'Catalogue', lake.bucket, settings)
    this.catalogue = catalogue
    const functions = makeFunctions(this, props, { stream, lake, store, catalogue })
    consumeStream(functions, stream, lake, settings)
    schedule(this, functions.compact)
    const gateway = new Gateway(this, 'Gateway', { settings, ...functions })
    if (settings.firewall) new Firewall(this, 'Firewall', gateway.api.deploymentStage)
    const pages = new Console(this, 'Console', { api: gateway.api, logs: lake.logs })
    const metrics = homeMetrics({ api: gateway.api, stream, store, functions })
    const { alarms } = new Alarms(this, 'Alarms', metrics, settings)
    new Dashboard(this, 'Dashboard', { name: settings.name, metrics, alarms })
    makeBudget(this, settings)
    Tags.of(this).add(HOME_TAG, settings.name)
    acknowledgeFindings(this)
    this.tell({
      ApiUrl: gateway.api.url,
      ConsoleUrl: `https://${pages.distribution.distributionDomainName}`,
      ConsoleBucket: pages.bucket.bucketName,
      LakeBucket: lake.bucket.bucketName,
      StoreTable: store.tableName,
      StreamName: stream.streamName,
      Workgroup: catalogue.workgroup,
      Database: catalogue.database,
      BrowserPlan: gateway.plans.browser.usagePlanId,
      ServerPlan: gateway.plans.server.usagePlanId,
    })
  }

  private tell(outputs: { readonly [name: string]: string }): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}

interface Parts {
  readonly stream: Stream
  readonly lake: Lake
  readonly store: TableV2
  readonly catalogue: Catalogue
}

function makeFunctions(stack: Stack, props: HomeProps, parts: Parts): Functions {
  const { settings } = props
  const preset = PRESETS[settings.preset]
  const { stream, lake, store, catalogue } = parts
  const environment = {
    [LAMBDA_ENVIRONMENT.stream]: stream.streamName,
    [LAMBDA_ENVIRONMENT.lake_bucket]: lake.bucket.bucketName,
    [LAMBDA_ENVIRONMENT.table]: store.tableName,
    [LAMBDA_ENVIRONMENT.workgroup]: catalogue.workgroup,
    [LAMBDA_ENVIRONMENT.database]: catalogue.database,
    // Made before the stack: a data directory that moves up brings its own, and it outlives the stack.
    [LAMBDA_ENVIRONMENT.secret]: SecretValue.secretsManager(
      secretName(settings.name),
    ).unsafeUnwrap(),
    [environmentName('shop_currency')]: settings.shop_currency,
    [environmentName('shop_time_zone')]: settings.shop_time_zone,
    [environmentName('request_max_bytes')]: String(BODY_BYTES),
  }
  const make = (
    name: FunctionName,
    memory_mb: number,
    timeout_s: number,
    statements: readonly iam.PolicyStatement[],
  ) =>
    makeFunction(stack, {
      assets: props.assets,
      prefix: settings.name,
      ...{ name, memory_mb, timeout_s, statements },
      ...(name !== 'authorize' && { environment }),
    })
  const asking = grants.askAthena(stack, catalogue, lake.bucket)
  return {
    authorize: make('authorize', 256, 5, []),
    collect: make('collect', preset.collect_memory_mb, 29, [
      grants.appendTo(stream),
      grants.readStore(store),
    ]),
    'write-lake': make('write-lake', preset.consumer_memory_mb, 300, [
      grants.writeLake(lake.bucket),
      grants.writeStore(store),
    ]),
    'update-store': make('update-store', preset.consumer_memory_mb, 300, [
      grants.writeStore(store),
      grants.appendTo(stream),
    ]),
    read: make('read', 1024, 29, [
      grants.readStore(store),
      grants.keepKeys(store),
      grants.readStream(stream),
      grants.appendTo(stream),
      ...asking,
    ]),
    compact: make('compact', 512, 900, [
      ...asking,
      ...grants.ownTables(stack, catalogue, lake.bucket),
      grants.writeStore(store),
    ]),
  }
}

function consumeStream(
  functions: Functions,
  stream: Stream,
  lake: Lake,
  settings: HomeSettings,
): void {
  const { parallel_batches } = PRESETS[settings.preset]
  const common = { stream, failed: lake.bucket, parallel_batches }
  consume(functions['write-lake'], { ...common, window_s: settings.lake_window_s })
  consume(functions['update-store'], { ...common, window_s: settings.store_window_s })
}

function schedule(stack: Stack, compact: LambdaFunction): void {
  const role = new iam.Role(stack, 'SchedulerRole', {
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
  })
  role.addToPolicy(allow(['lambda:InvokeFunction'], [compact.functionArn]))
  const target = {
    arn: compact.functionArn,
    roleArn: role.roleArn,
    retryPolicy: { maximumRetryAttempts: 2 },
  }
  new scheduler.CfnSchedule(stack, 'CompactHourly', {
    description: 'Takes what waits in the raw tables into the compacted ones.',
    scheduleExpression: 'rate(1 hour)',
    flexibleTimeWindow: { mode: 'OFF' },
    target,
  })
  new scheduler.CfnSchedule(stack, 'UpkeepDaily', {
    description:
      'Puts small files of the compacted tables together, and clears away those that nobody needs.',
    scheduleExpression: 'cron(40 3 * * ? *)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: { ...target, input: JSON.stringify({ upkeep: true }) },
  })
}
