import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { runStatement } from '../aws/athena-sql.ts'
import { newKeyText, openDynamodbKeys } from '../aws/dynamodb-keys.ts'
import { makeHomeSecret, readHomeSecret } from '../aws/home-secret.ts'
import { inParallel } from '../aws/parallel.ts'
import { uploadFolder } from '../aws/upload-folder.ts'
import { baseTableDdl } from '../derive/athena.ts'
import { lateTableDdl } from '../derive/athena-duplicates.ts'
import { TABLES } from '../derive/table.ts'
import { keyProblem } from '../local/stored-keys.ts'
import type { Key } from '../ports.ts'
import {
  type AwsAccess,
  type AwsFlags,
  askStack,
  type HomeOutputs,
  needHome,
} from './aws-access.ts'
import { gatewayKeyOf } from './gateway-key.ts'
import { secretName, stackNames } from './lambda-settings.ts'
import { DIST } from './paths.ts'

export interface DeployOptions extends AwsFlags {
  readonly preset?: string
  readonly stream?: string
  readonly store?: string
  readonly firewall?: boolean
  readonly alertEmail?: string
  readonly currency?: string
  readonly timeZone?: string
  /** Pages that may use the first browser key. */
  readonly origin: readonly string[]
  /** ARN of the QuickSight user who gets the dashboard. */
  readonly quicksightUser?: string
  /** Secret of a data directory that will move up, hex. */
  readonly secret?: string
}

export interface Deployed {
  readonly outputs: HomeOutputs
  /** Texts of the first keys, where this made them: they are not shown again. */
  readonly keys: { readonly admin?: string; readonly web?: string }
}

/** Runs `cdk deploy` with arguments; throws where it fails. */
export type RunCdk = (args: readonly string[]) => void

const PARALLEL_TABLES = 4
/** The stack in which the CDK keeps what it uploads, one for each account and region. */
const TOOLKIT = 'CDKToolkit'

/**
 * Makes the AWS home or brings it to what this version is: secret, both stacks, first keys, compacted tables, console. Each step
 * finds what an earlier run has done, so that a run that was cut off is just run again. `console_directory` holds the built pages; null for none. Throws a plain Error that says what to do.
 */
export async function deployHome(
  aws: AwsAccess,
  options: DeployOptions,
  parts: { cdk: RunCdk; tell(step: string): void; console_directory: string | null },
): Promise<Deployed> {
  const { name } = options
  const { cdk, tell, console_directory } = parts
  await checkReady(aws, options)
  await keepSecret(aws, options, tell)
  const existing = await askStack(aws, name)
  const held = existing?.outputs.StoreTable
  const first = held && (await hasKeys(aws, held)) ? [] : firstKeys(options)
  cdk([...contextOf(options), ...parametersOf(options, first)])
  const outputs = await needHome(aws, name)
  tell(`stacks ${stackNames(name).join(' and ')} stand in ${aws.region}`)
  await keepKeys(aws, outputs.StoreTable, first)
  await makeTables(aws, outputs)
  tell(`${Object.keys(TABLES).length} tables for compacted events`)
  if (console_directory !== null) {
    const files = await uploadFolder(aws.s3, outputs.ConsoleBucket, console_directory)
    tell(`console: ${files} files`)
  }
  return { outputs, keys: Object.fromEntries(first.map(({ key, text }) => [key.name, text])) }
}

async function checkReady(aws: AwsAccess, { name }: DeployOptions): Promise<void> {
  const toolkit = await askStack(aws, TOOLKIT)
  if (!toolkit) {
    throw new Error(
      `${aws.region} is not prepared for the CDK yet, which is done once for an account and region: npx cdk bootstrap`,
    )
  }
  for (const stack of stackNames(name)) {
    const status = (await askStack(aws, stack))?.status ?? ''
    if (!status.endsWith('_IN_PROGRESS')) continue
    throw new Error(`${stack} is just being changed (${status}); wait until that is over`)
  }
}

/** A home keeps its secret for ever: another one would make every known person a stranger. */
async function keepSecret(
  aws: AwsAccess,
  { name, secret }: DeployOptions,
  tell: (step: string) => void,
): Promise<void> {
  const SecretId = secretName(name)
  const held = await readHomeSecret(aws.secrets, SecretId)
  if (held === undefined) {
    await makeHomeSecret(aws.secrets, SecretId, secret ?? randomBytes(32).toString('hex'))
    tell(secret ? `secret ${SecretId}, that of the data directory` : `secret ${SecretId}`)
  } else if (secret !== undefined && held !== secret) {
    throw new Error(
      `the home has a secret of its own already, ${SecretId}: a data directory cannot move into it; deploy another with --name`,
    )
  }
}

interface FirstKey {
  readonly key: Key
  readonly text: string
  /** Parameter of the stack that takes its hash. */
  readonly parameter: string
}

function firstKeys({ origin }: DeployOptions): FirstKey[] {
  const made = (key: Key, parameter: string) => ({ key, text: newKeyText(key), parameter })
  const admin = { name: 'admin', kind: 'server', scopes: ['admin'], origins: [] } as const
  const web = { name: 'web', kind: 'browser', scopes: ['write'], origins: origin } as const
  const browser = origin.length > 0 ? [made(web, 'BrowserKeyHash')] : []
  return [made(admin, 'ServerKeyHash'), ...browser]
}

function keyBook({ dynamodb: client }: AwsAccess, table: string) {
  return openDynamodbKeys({ client, table, check: keyProblem, now: Date.now })
}

async function hasKeys(aws: AwsAccess, table: string): Promise<boolean> {
  const keys = keyBook(aws, table)
  await keys.refresh()
  return keys.list().length > 0
}

async function keepKeys(aws: AwsAccess, table: string, first: readonly FirstKey[]): Promise<void> {
  const keys = keyBook(aws, table)
  for (const { key, text } of first) await keys.create(key, text)
}

/** Views name the compacted tables of all types, also of those that no event has come for. */
async function makeTables(aws: AwsAccess, outputs: HomeOutputs): Promise<void> {
  const { Database: database, Workgroup: workgroup, LakeBucket } = outputs
  const place = { client: aws.athena, workgroup, database }
  const location = `s3://${LakeBucket}/base`
  const where = { database, location }
  const tables = [
    ...Object.values(TABLES).map((table) => baseTableDdl(table, where)),
    lateTableDdl(where),
  ]
  await inParallel(tables, PARALLEL_TABLES, (ddl) => runStatement(place, ddl))
}

/** `-c name=value` for each setting that was given; the app that describes the home refuses what does not fit. */
export function contextOf(options: DeployOptions): string[] {
  const settings = {
    name: options.name,
    preset: options.preset,
    stream: options.stream,
    store: options.store,
    firewall: options.firewall,
    alert_email: options.alertEmail,
    shop_currency: options.currency,
    shop_time_zone: options.timeZone,
  }
  return Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : ['-c', `${name}=${value}`],
  )
}

/** Parameters that are given anew; CloudFormation keeps the others as they were. */
function parametersOf(options: DeployOptions, first: readonly FirstKey[]): string[] {
  const [home, questions] = stackNames(options.name)
  const given = first.map(({ parameter, text }) => `${home}:${parameter}=${gatewayKeyOf(text)}`)
  if (options.quicksightUser) {
    given.push(`${questions}:QuickSightPrincipal=${options.quicksightUser}`)
  }
  return given.flatMap((one) => ['--parameters', one])
}

/** The repository's own CDK. Throws a plain Error where there is none: an installed package brings no templates. */
export function repositoryCdk(): RunCdk {
  const root = path.dirname(DIST)
  const script = path.join(root, 'scripts', 'deploy.mjs')
  const program = path.join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk')
  if (!existsSync(script) || !existsSync(program)) {
    throw new Error(
      'deploy needs a clone of the repository with its packages: git clone, npm install, npx shoplake deploy',
    )
  }
  return (args) => {
    const { status, error } = spawnSync(process.execPath, [script, ...args], {
      cwd: root,
      // Data is on stdout, talk on stderr.
      stdio: ['ignore', 2, 2],
    })
    if (error) throw error
    if (status !== 0) {
      throw new Error(
        'the CDK could not deploy; what it says stands above. Nothing is lost: deploy again',
      )
    }
  }
}
