import { existsSync } from 'node:fs'
import path from 'node:path'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { acknowledgePatterns } from './acknowledged.ts'

/** Every function of the home: its bundle is `<assets>/<name>/index.mjs`. */
export type FunctionName =
  | 'collect'
  | 'write-lake'
  | 'update-store'
  | 'read'
  | 'compact'
  | 'authorize'

export interface FunctionOptions {
  /** Directory of the bundles. */
  readonly assets: string
  readonly name: FunctionName
  /** Name of the home, before the function's. */
  readonly prefix: string
  readonly memory_mb: number
  readonly timeout_s: number
  readonly environment?: { readonly [name: string]: string }
  readonly statements?: readonly iam.PolicyStatement[]
}

/**
 * A function on arm64 with its own log group, and a role that may write to that and do what `statements` say: nothing
 * else. Throws a plain Error that says what to run when its bundle was not built.
 */
export function makeFunction(scope: Construct, options: FunctionOptions): lambda.Function {
  const directory = path.join(options.assets, options.name)
  if (!existsSync(path.join(directory, 'index.mjs'))) {
    throw new Error(`${directory}/index.mjs is missing: run \`npm run build\` first`)
  }
  const id = options.name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
  const logGroup = new logs.LogGroup(scope, `${id}Log`, {
    retention: logs.RetentionDays.TWO_WEEKS,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = new iam.Role(scope, `${id}Role`, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
  })
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  )
  for (const statement of options.statements ?? []) role.addToPolicy(statement)
  acknowledgePatterns(role, options.statements?.flatMap(({ resources }) => resources) ?? [])
  return new lambda.Function(scope, id, {
    functionName: `${options.prefix}-${options.name}`,
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(directory, { exclude: ['*.map'] }),
    memorySize: options.memory_mb,
    timeout: Duration.seconds(options.timeout_s),
    environment: { ...options.environment },
    logGroup,
    role,
  })
}

/** A statement that allows some actions on some resources. */
export function allow(
  actions: readonly string[],
  resources: readonly string[],
): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: [...actions], resources: [...resources] })
}
