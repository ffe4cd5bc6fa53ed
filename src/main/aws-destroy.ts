import { deleteBucket } from '../aws/empty-bucket.ts'
import { deleteHomeSecret } from '../aws/home-secret.ts'
import { removeTable } from '../aws/remove-table.ts'
import { deleteStack, findDeletedStack, listResources } from '../aws/stacks.ts'
import { type AwsAccess, askStack } from './aws-access.ts'
import { secretName, stackNames } from './lambda-settings.ts'

/** What a home has, as far as it matters when it goes. */
export interface HomeParts {
  /** Stacks that stand, in the order in which they go. */
  readonly stacks: readonly { readonly name: string; readonly id: string }[]
  /** What outlives the stacks: nothing of it goes but by name. */
  readonly buckets: readonly string[]
  readonly tables: readonly string[]
  readonly secret: string
}

/**
 * What there is of a home, also where its stacks are gone and only data is left (CloudFormation remembers for 90 days what they had).
 * Throws a plain Error where nothing of that name was ever there.
 */
export async function findParts(aws: AwsAccess, name: string): Promise<HomeParts> {
  const [home] = stackNames(name)
  const standing = []
  for (const stack of [...stackNames(name)].reverse()) {
    const found = await askStack(aws, stack)
    if (found) standing.push({ name: stack, id: found.id })
  }
  const last =
    standing.find((stack) => stack.name === home)?.id ?? (await findDeletedStack(aws.stacks, home))
  if (!last && standing.length === 0) {
    throw new Error(
      `nothing of "${name}" is in ${aws.region}; --name and --region name another home`,
    )
  }
  const resources = last ? await listResources(aws.stacks, last) : []
  const ofType = (type: string) => resources.filter((one) => one.type === type).map((one) => one.id)
  return {
    stacks: standing,
    buckets: ofType('AWS::S3::Bucket'),
    tables: ofType('AWS::DynamoDB::GlobalTable'),
    secret: secretName(name),
  }
}

/**
 * Deletes the stacks; then, unless `keep_data`, every object and version of the buckets, the buckets, the table and the secret. Run again
 * it goes on where it was cut off. Rejects with what AWS says.
 */
export async function destroyHome(
  aws: AwsAccess,
  parts: HomeParts,
  options: { keep_data: boolean; tell(step: string): void; pause_ms?: number },
): Promise<void> {
  const { tell } = options
  for (const { name, id } of parts.stacks) {
    tell(`stack ${name} …`)
    await deleteStack(aws.stacks, id, options.pause_ms)
    tell(`stack ${name} is gone`)
  }
  if (options.keep_data) return
  for (const bucket of parts.buckets) {
    const objects = await deleteBucket(aws.s3, bucket, (count) => tell(`${bucket}: ${count} …`))
    tell(`bucket ${bucket} is gone, with ${objects} objects and versions`)
  }
  for (const table of parts.tables) {
    if (await removeTable(aws.dynamodb, table)) tell(`table ${table} is gone`)
  }
  await deleteHomeSecret(aws.secrets, parts.secret)
  tell(`secret ${parts.secret} is gone`)
}
