import { createAthenaSql } from '../aws/athena-sql.ts'
import { readHomeSecret } from '../aws/home-secret.ts'
import { NO_METRICS } from '../metrics.ts'
import type { SqlEngine } from '../ports.ts'
import type { AwsAccess, HomeOutputs } from './aws-access.ts'
import { secretName } from './lambda-settings.ts'

/** Hashes of people are made with the secret: with another one nobody would be found again. Throws a plain Error. */
export async function needSameSecret(
  { secrets }: Pick<AwsAccess, 'secrets'>,
  name: string,
  secret: string,
): Promise<void> {
  if ((await readHomeSecret(secrets, secretName(name))) === secret) return
  throw new Error(
    `the home "${name}" has another secret than the data directory; make one that has it: \`shoplake deploy --name <other> --for-data-dir\``,
  )
}

/** Questions of one command: one at a time, never answered from memory. */
export function athenaOf(
  { athena: client }: Pick<AwsAccess, 'athena'>,
  { Workgroup: workgroup, Database: database }: Pick<HomeOutputs, 'Workgroup' | 'Database'>,
): SqlEngine {
  return createAthenaSql({
    ...{ client, workgroup, database, metrics: NO_METRICS, reuse_minutes: 0 },
    slots: { take: async () => () => {} },
    now: () => performance.now(),
  })
}
