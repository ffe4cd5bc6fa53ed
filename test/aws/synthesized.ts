import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { bundleLambdas } from '../../scripts/lambda-bundles.mjs'
import { homeTemplate, type Resource } from './home-template.mjs'

/** How an event source mapping hands batches over, as CloudFormation has it. */
export interface EventSourceSettings {
  readonly batch_size: number
  readonly window_s: number
  readonly bisect: boolean
  /** -1: until the records are too old. */
  readonly retries: number
  readonly reports_failures: boolean
}

/** A function as it would be deployed. */
export interface DeployedFunction {
  /** Where its code lies: what would be sent to Lambda. */
  readonly asset: string
  /** Its environment variables: undefined where the template refers to a resource that only an account has. */
  readonly environment: { readonly [name: string]: string | undefined }
  /** Of the event source mapping that calls it; absent where none does. */
  readonly source?: EventSourceSettings
}

/** The template of a home, with the bundles that it deploys. */
export interface SynthesizedHome {
  /** By name: `collect`, `write-lake` … */
  readonly functions: { readonly [name: string]: DeployedFunction }
  remove(): Promise<void>
}

type Variables = { readonly [name: string]: unknown }

/**
 * Bundles every function and synthesizes the template of a home around them, as `npm run synth` does without its checks. What
 * is read here is read from that template: a test that runs on it runs what would be deployed.
 */
export async function synthesizeHome(): Promise<SynthesizedHome> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-aws-template-'))
  const assets = path.join(directory, 'bundles')
  const outdir = path.join(directory, 'cdk.out')
  await bundleLambdas(assets)
  const { name, template } = await homeTemplate(assets, outdir)
  return {
    functions: functionsOf(Object.entries(template.Resources), outdir, name),
    remove: () => rm(directory, { recursive: true }),
  }
}

function functionsOf(
  resources: readonly [string, Resource][],
  outdir: string,
  prefix: string,
): SynthesizedHome['functions'] {
  const of = (type: string) => resources.filter(([, { Type }]) => Type === type)
  const sources = new Map(
    of('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => [
      (Properties.FunctionName as { Ref: string }).Ref,
      sourceOf(Properties),
    ]),
  )
  return Object.fromEntries(
    of('AWS::Lambda::Function')
      .filter(([, { Properties }]) => String(Properties.FunctionName).startsWith(`${prefix}-`))
      .map(([id, { Properties }]) => {
        const { S3Key } = Properties.Code as { S3Key: string }
        const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Variables }
        const source = sources.get(id)
        const deployed: DeployedFunction = {
          asset: path.join(outdir, `asset.${path.parse(S3Key).name}`),
          environment: environmentOf(Variables),
          ...(source && { source }),
        }
        return [String(Properties.FunctionName).slice(prefix.length + 1), deployed]
      }),
  )
}

function environmentOf(variables: Variables): DeployedFunction['environment'] {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : undefined,
    ]),
  )
}

/** A mapping's settings, with Lambda's defaults where the template says nothing. */
function sourceOf(properties: Resource['Properties']): EventSourceSettings {
  const types = properties.FunctionResponseTypes
  return {
    batch_size: Number(properties.BatchSize ?? 100),
    window_s: Number(properties.MaximumBatchingWindowInSeconds ?? 0),
    bisect: properties.BisectBatchOnFunctionError === true,
    retries: Number(properties.MaximumRetryAttempts ?? -1),
    reports_failures: Array.isArray(types) && types.includes('ReportBatchItemFailures'),
  }
}
