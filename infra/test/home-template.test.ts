import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { glueTableOf } from '../../src/derive/glue.ts'
import { withRecord } from '../../src/derive/record-column.ts'
import { TABLES } from '../../src/derive/table.ts'
import { ERRORS } from '../../src/errors.ts'
import { EVENT_TYPES } from '../../src/schema/registry.ts'
import { allModels, allReports } from '../../test/reports/lake.ts'
import type { FunctionName } from '../src/functions.ts'
import { makeHomeApp } from '../src/home-app.ts'
import { DEFAULT_SETTINGS, type HomeSettings } from '../src/settings.ts'

const NAMES: readonly FunctionName[] = [
  ...(['collect', 'write-lake', 'update-store', 'read', 'compact', 'authorize'] as const),
]

/** Names of resources and what stands under them, as far as this file reads. */
interface Resource {
  readonly Type: string
  readonly Properties: { readonly [name: string]: unknown }
}

let assets: string
let home: Template
let questions: Template
/** The largest home, with everything that may be asked for. */
let large: Template

function templates(settings: Partial<HomeSettings> = {}): { home: Template; questions: Template } {
  const made = makeHomeApp(new App(), {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    assets,
    reports: [...allReports().values()],
    models: allModels(),
  })
  return { home: Template.fromStack(made.home), questions: Template.fromStack(made.questions) }
}

beforeAll(() => {
  assets = mkdtempSync(path.join(tmpdir(), 'shoplake-infra-'))
  for (const name of NAMES) {
    mkdirSync(path.join(assets, name))
    writeFileSync(path.join(assets, name, 'index.mjs'), `export const handler = '${name}'\n`)
  }
  // `npm run synth` validates; here resources are looked at.
  vi.stubEnv('CDK_VALIDATION', 'false')
  const made = templates()
  home = made.home
  questions = made.questions
  large = templates({
    ...{
      preset: 'large',
      stream: 'on_demand',
      store: 'provisioned',
      firewall: true,
      alert_email: 'ops@example.com',
    },
  }).home
}, 120_000)

afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(assets, { recursive: true })
})

function resources(template: Template, type: string): Resource[] {
  return Object.values(template.findResources(type)) as Resource[]
}

/** Every statement of every policy and role, as one list. */
function statements(template: Template): { Action: string | string[]; Resource: unknown }[] {
  return ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => resources(template, type))
    .flatMap(({ Properties }) => [
      Properties.PolicyDocument,
      ...((Properties.Policies as { PolicyDocument: unknown }[]) ?? []).map(
        (p) => p.PolicyDocument,
      ),
    ])
    .filter((document) => document !== undefined)
    .flatMap((document) => (document as { Statement: [] }).Statement)
}

describe('what functions may do', () => {
  it('names every action: no wildcard, and no right to everything', () => {
    const all = [...statements(home), ...statements(questions)]
    expect(all.length).toBeGreaterThan(20)
    expect(all.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([])
    expect(all.filter(({ Resource }) => [Resource].flat().includes('*'))).toEqual([])
  })

  const asks = ['dynamodb:BatchGetItem', 'dynamodb:Query']
  const consumes = [
    ...['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'],
  ].map((action) => `kinesis:${action}`)
  it.each<[string, string[]]>([
    ['Authorize', []],
    ['Collect', [...asks, 'kinesis:PutRecords']],
    ['UpdateStore', [...asks, 'dynamodb:PutItem', ...consumes, 'kinesis:PutRecords']],
    ['WriteLake', [...asks, 'dynamodb:PutItem', ...consumes]],
    ['Compact', [...asks, 'dynamodb:PutItem']],
    [
      'Read',
      [
        ...[...asks, 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'kinesis:GetRecords'],
        ...['kinesis:GetShardIterator', 'kinesis:ListShards', 'kinesis:PutRecords'],
      ],
    ],
  ])('gives %s the calls to stream and store that it makes, and no others', (name, wanted) => {
    const [policy] = Object.entries(home.findResources('AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith(`${name}Role`),
    )
    const document = (policy![1] as Resource).Properties.PolicyDocument as {
      Statement: { Action: string | string[] }[]
    }
    const actions = document.Statement.flatMap(({ Action }) => Action)
    const found = actions.filter((action) => /^(dynamodb|kinesis):/.test(action))
    expect([...new Set(found)].sort()).toEqual([...wanted].sort())
  })
})

describe('the door', () => {
  it('asks for a key wherever the app does', () => {
    const methods = resources(home, 'AWS::ApiGateway::Method').filter(
      ({ Properties }) => Properties.HttpMethod !== 'OPTIONS',
    )
    const open = methods.filter(({ Properties }) => Properties.AuthorizationType === 'NONE')
    expect(open.every(({ Properties }) => Properties.HttpMethod === 'GET')).toBe(true)
    const keyed = methods.filter((method) => !open.includes(method))
    expect(keyed.length).toBeGreaterThan(1)
    for (const { Properties } of keyed) {
      expect(Properties).toMatchObject({ AuthorizationType: 'CUSTOM', ApiKeyRequired: true })
    }
  })

  it('takes keys from the authorizer, which is asked every time', () => {
    home.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'AUTHORIZER' })
    home.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'REQUEST',
      AuthorizerResultTtlInSeconds: 0,
    })
  })

  it('limits rate, burst and quota by kind of key', () => {
    home.resourceCountIs('AWS::ApiGateway::UsagePlan', 2)
    home.allResourcesProperties('AWS::ApiGateway::UsagePlan', {
      Throttle: { RateLimit: 100, BurstLimit: 200 },
      Quota: { Period: 'MONTH', Limit: Match.anyValue() },
    })
  })

  it('answers in problem documents with the status that the product gives', () => {
    const answers = resources(home, 'AWS::ApiGateway::GatewayResponse')
    expect(answers.length).toBeGreaterThan(15)
    for (const { Properties } of answers) {
      const templates = Properties.ResponseTemplates as { 'application/json': string }
      const problem = JSON.parse(templates['application/json'])
      expect(problem.status).toBe(ERRORS[problem.code as keyof typeof ERRORS].status)
      expect(Properties.StatusCode).toBe(String(problem.status))
      expect(JSON.stringify(Properties.ResponseParameters)).toContain('application/problem+json')
    }
    const unknown = answers.find(({ Properties }) => Properties.ResponseType === 'INVALID_API_KEY')
    expect(unknown?.Properties.StatusCode).toBe('401')
  })

  it('logs every request and no body, key or address', () => {
    home.hasResourceProperties('AWS::ApiGateway::Stage', {
      AccessLogSetting: { Format: Match.not(Match.stringLikeRegexp('identity|authorizer|apiKey')) },
      MethodSettings: Match.arrayWith([Match.objectLike({ DataTraceEnabled: false })]),
    })
  })

  it('has a firewall only where it is asked for', () => {
    home.resourceCountIs('AWS::WAFv2::WebACL', 0)
    large.resourceCountIs('AWS::WAFv2::WebACL', 1)
    large.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1)
  })
})

describe('what comes in', () => {
  it('is consumed twice, in order, and never given up silently', () => {
    home.resourceCountIs('AWS::Lambda::EventSourceMapping', 2)
    home.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2000,
      MaximumRecordAgeInSeconds: 43_200,
      MaximumBatchingWindowInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
      // Half a batch is never reported: a batch is one effect.
      FunctionResponseTypes: Match.absent(),
    })
  })

  it('waits in shards or by volume, and no shorter than AWS allows', () => {
    home.hasResourceProperties('AWS::Kinesis::Stream', {
      RetentionPeriodHours: 24,
      ShardCount: 1,
      StreamEncryption: Match.objectLike({ EncryptionType: 'KMS' }),
    })
    large.hasResourceProperties('AWS::Kinesis::Stream', {
      ShardCount: Match.absent(),
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RetentionPeriodHours: 48,
    })
  })
})

describe('what is kept', () => {
  it('is encrypted, never public, never in the clear, and outlives the stack', () => {
    const buckets = home.findResources('AWS::S3::Bucket')
    expect(Object.keys(buckets)).toHaveLength(3)
    for (const bucket of Object.values(buckets)) {
      expect(bucket.DeletionPolicy).toBe('Retain')
      expect(bucket.Properties.BucketEncryption).toBeDefined()
      expect(Object.values(bucket.Properties.PublicAccessBlockConfiguration)).toEqual([
        ...[true, true, true, true],
      ])
    }
    const policies = resources(home, 'AWS::S3::BucketPolicy').map((one) => JSON.stringify(one))
    expect(policies.filter((text) => text.includes('"aws:SecureTransport":"false"'))).toHaveLength(
      3,
    )
  })

  it('has a secret that is there before the stack, and leaves no stream behind', () => {
    home.resourceCountIs('AWS::SecretsManager::Secret', 0)
    home.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'shoplake-collect',
      Environment: {
        Variables: Match.objectLike({
          SHOPLAKE_SECRET: '{{resolve:secretsmanager:shoplake/secret:SecretString:::}}',
        }),
      },
    })
    home.hasResource('AWS::Kinesis::Stream', { DeletionPolicy: 'Delete' })
  })

  it('holds capacity of the store ready where it is asked to, and follows what is used', () => {
    expect(resources(home, 'AWS::ApplicationAutoScaling::ScalableTarget')).toEqual([])
    const [{ Properties: table }] = resources(large, 'AWS::DynamoDB::GlobalTable') as [Resource]
    const range = { MinCapacity: 500, MaxCapacity: 30_000 }
    const follow = { TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } }
    const scaling = { ...range, ...follow }
    expect(table).toMatchObject({
      BillingMode: 'PROVISIONED',
      WriteProvisionedThroughputSettings: { WriteCapacityAutoScalingSettings: scaling },
      Replicas: [
        { ReadProvisionedThroughputSettings: { ReadCapacityAutoScalingSettings: scaling } },
      ],
    })
  })

  it('can be brought back: the store to any second, the lake for a week', () => {
    home.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
        Replicas: [
          Match.objectLike({
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          }),
        ],
      }),
    })
    home.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 7 } }),
        ]),
      },
    })
  })
})

describe('what is asked', () => {
  it('has a table per event type with the columns of the schema', () => {
    const tables = resources(home, 'AWS::Glue::Table').map(
      ({ Properties }) => Properties.TableInput as GlueInput,
    )
    expect(tables.map(({ Name }) => Name).sort()).toEqual(
      EVENT_TYPES.map((type) => `raw_${type}`).sort(),
    )
    for (const type of EVENT_TYPES) {
      const table = tables.find(({ Name }) => Name === `raw_${type}`)!
      const { columns } = glueTableOf(withRecord(TABLES[type]))
      const expected = columns.map(({ Name, Type }) => ({ Name, Type }))
      expect(table.StorageDescriptor.Columns.map(({ Name, Type }) => ({ Name, Type }))).toEqual(
        expected,
      )
    }
  })

  it('has a view per event type and model, whose text holds its query', () => {
    const views = resources(questions, 'AWS::Glue::Table').map(
      ({ Properties }) => Properties.TableInput as GlueInput,
    )
    const models = allModels().map(({ name }) => name)
    expect(views.map(({ Name }) => Name).sort()).toEqual(
      [...EVENT_TYPES.flatMap((type) => [type, `compacted_${type}`]), ...models, 'events'].sort(),
    )
    for (const view of views) {
      const [, base64 = ''] = /^\/\* Presto View: (.+) \*\/$/.exec(view.ViewOriginalText!) ?? []
      const definition = JSON.parse(Buffer.from(base64, 'base64').toString()) as {
        originalSql: string
        schema: string
        columns: { name: string }[]
      }
      expect(definition.originalSql).toMatch(/^(SELECT|WITH)/)
      expect(definition.schema).toBe('shoplake')
      expect(definition.columns.map(({ name }) => name)).toEqual(
        view.StorageDescriptor.Columns.map(({ Name }) => Name),
      )
      // Longest text of a view that the catalogue keeps.
      expect(view.ViewOriginalText!.length).toBeLessThan(409_600)
    }
  })

  it('may not scan without end, whatever the client asks for', () => {
    home.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 10_000_000_000,
      },
    })
  })

  it('is drawn in QuickSight only once somebody is named, one data set a report', () => {
    const sets = resources(questions, 'AWS::QuickSight::DataSet')
    expect(sets.length).toBeGreaterThan(20)
    for (const type of ['DataSource', 'DataSet', 'Dashboard']) {
      for (const one of Object.values(questions.findResources(`AWS::QuickSight::${type}`))) {
        expect(one.Condition).toBeDefined()
      }
    }
    expect(JSON.stringify(sets)).not.toMatch(/\uE000|CAST\(\?/)
  })
})

interface GlueInput {
  readonly Name: string
  readonly ViewOriginalText?: string
  readonly StorageDescriptor: { readonly Columns: { Name: string; Type: string }[] }
}

describe('what hurts a user', () => {
  it('has an alarm that tells somebody', () => {
    const alarms = resources(home, 'AWS::CloudWatch::Alarm')
    const names = alarms.map(({ Properties }) => Properties.AlarmName as string)
    for (const name of [
      ...['stream-not-writable', 'lake-behind', 'store-behind', 'many-rejected', 'no-events'],
      ...['not-encodable', 'ledger-out-of-balance', 'turned-away', 'batch-given-up', 'dear'],
      ...['collect-fails', 'write-lake-fails', 'stream-throttled', 'store-throttled'],
    ]) {
      expect(names).toContain(`shoplake-${name}`)
    }
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1)
  })

  it('is told by mail, with what it costs, where there is an address', () => {
    home.resourceCountIs('AWS::SNS::Subscription', 0)
    large.hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'ops@example.com' })
    large.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { TimeUnit: 'MONTHLY', BudgetType: 'COST' },
      NotificationsWithSubscribers: Match.anyValue(),
    })
  })
})

describe('a function', () => {
  it('runs on arm64 with two weeks of log and its own role', () => {
    home.resourceCountIs('AWS::Lambda::Function', NAMES.length)
    home.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    })
  })

  it('that was not built stops the synthesis with what to run', () => {
    rmSync(path.join(assets, 'read', 'index.mjs'))
    expect(() => templates()).toThrow(/read\/index\.mjs is missing: run `npm run build` first/)
    writeFileSync(path.join(assets, 'read', 'index.mjs'), "export const handler = 'read'\n")
  })
})
