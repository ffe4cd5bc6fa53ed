import { athenaClient, dynamodbClient, s3Client } from '../aws/clients.ts'
import { failureOf } from '../aws/failure.ts'
import { cloudwatchClient } from '../aws/firing-alarms.ts'
import { secretsClient } from '../aws/home-secret.ts'
import { cloudformationClient, findStack, type StackInfo } from '../aws/stacks.ts'
import { placeOf } from './lambda-places.ts'

/** What every command about the AWS home takes. */
export interface AwsFlags {
  /** Of the home. */
  readonly name: string
  readonly region?: string
  readonly profile?: string
}

/** The services that commands use, in one account and region. */
export interface AwsAccess {
  readonly region: string
  readonly stacks: ReturnType<typeof cloudformationClient>
  readonly s3: ReturnType<typeof s3Client>
  readonly dynamodb: ReturnType<typeof dynamodbClient>
  readonly athena: ReturnType<typeof athenaClient>
  readonly secrets: ReturnType<typeof secretsClient>
  readonly alarms: ReturnType<typeof cloudwatchClient>
}

/** Names of errors that say that the credentials are not (or no longer) good, whatever service says it. */
const NOT_GOOD =
  /ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature/

/**
 * Clients for the region and profile of the flags, else of the environment. Throws a plain Error that says what to set where
 * region or credentials are missing; no call to AWS is made for that.
 */
export async function openAws({ region, profile }: Partial<AwsFlags>): Promise<AwsAccess> {
  // Node 20 is supported here; which version the SDK will want next year is no news to a shop.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  // The SDKs and the CDK, which runs as a process of its own, read the same names.
  if (profile) process.env.AWS_PROFILE = profile
  const wanted = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (wanted) process.env.AWS_REGION = wanted
  const stacks = cloudformationClient(placeOf('CLOUDFORMATION'))
  const found = await regionOf(stacks)
  process.env.AWS_REGION = found
  await needCredentials(stacks)
  return {
    region: found,
    stacks,
    s3: s3Client(placeOf('S3')),
    dynamodb: dynamodbClient(placeOf('DYNAMODB')),
    athena: athenaClient(placeOf('ATHENA')),
    secrets: secretsClient(placeOf('SECRETS_MANAGER')),
    alarms: cloudwatchClient(placeOf('CLOUDWATCH')),
  }
}

async function regionOf(client: AwsAccess['stacks']): Promise<string> {
  try {
    return await client.config.region()
  } catch (cause) {
    throw new Error(
      'no AWS region is set: give it with --region, or in AWS_REGION, such as eu-central-1',
      { cause },
    )
  }
}

async function needCredentials(client: AwsAccess['stacks']): Promise<void> {
  try {
    await client.config.credentials()
  } catch (cause) {
    throw new Error(
      'no AWS credentials were found: name a profile with --profile (`aws configure sso` makes one), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      { cause },
    )
  }
}

/** The first call of a command: whether the account answers. Throws a plain Error that says what to do where it does not. */
export async function askStack(aws: AwsAccess, name: string): Promise<StackInfo | undefined> {
  try {
    return await findStack(aws.stacks, name)
  } catch (error) {
    const failure = failureOf(error)
    if (NOT_GOOD.test(failure.name)) {
      throw new Error(`AWS does not take the credentials (${failure.name}); sign in again`, {
        cause: error,
      })
    }
    if (/AccessDenied/.test(failure.name)) {
      throw new Error(`these credentials may not look at stacks: ${failure.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

/** Names and addresses of a home that stands. */
export interface HomeOutputs {
  readonly ApiUrl: string
  readonly ConsoleUrl: string
  readonly ConsoleBucket: string
  readonly LakeBucket: string
  readonly StoreTable: string
  readonly Workgroup: string
  readonly Database: string
}

const OUTPUTS: readonly (keyof HomeOutputs)[] = [
  ...(['ApiUrl', 'ConsoleUrl', 'ConsoleBucket', 'LakeBucket', 'StoreTable'] as const),
  ...(['Workgroup', 'Database'] as const),
]

/** The home's outputs. Throws a plain Error where it is not there, or not whole. */
export async function needHome(aws: AwsAccess, name: string): Promise<HomeOutputs> {
  const stack = await askStack(aws, name)
  if (!stack) {
    throw new Error(
      `there is no stack "${name}" in ${aws.region}; \`shoplake deploy\` makes it, --name and --region name another`,
    )
  }
  const missing = OUTPUTS.filter((output) => stack.outputs[output] === undefined)
  if (missing.length > 0) {
    throw new Error(`the stack "${name}" (${stack.status}) lacks ${missing.join(', ')}`)
  }
  return stack.outputs as unknown as HomeOutputs
}
