import { type AlarmInfo, listAlarms } from '../aws/firing-alarms.ts'
import { type AwsAccess, askStack } from './aws-access.ts'
import { createClient } from './client.ts'
import { stackNames } from './lambda-settings.ts'

export interface AwsStatus {
  readonly stacks: readonly { readonly name: string; readonly status: string }[]
  readonly api_url: string | null
  readonly console_url: string | null
  readonly alarms: readonly AlarmInfo[]
  /** Null where no key was given, or the home does not answer. */
  readonly ledger: {
    readonly balanced: boolean
    readonly totals: { readonly [count: string]: number }
  } | null
  /** What is not as it should be, in words; empty where all is well. */
  readonly problems: readonly string[]
}

const STANDING = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/

/** How the AWS home stands: its stacks, its alarms, and with a reading key its ledger. Rejects with what AWS says. */
export async function awsStatus(
  aws: AwsAccess,
  { name, key }: { name: string; key?: string },
): Promise<AwsStatus> {
  const stacks = await Promise.all(
    stackNames(name).map(async (stack) => {
      const found = await askStack(aws, stack)
      return { name: stack, status: found?.status ?? 'ABSENT', outputs: found?.outputs ?? {} }
    }),
  )
  const [{ outputs }] = stacks as [(typeof stacks)[0]]
  const alarms = await listAlarms(aws.alarms, name)
  const api_url = outputs.ApiUrl ?? null
  const { ledger, problem } = await ledgerOf(api_url, key)
  return {
    stacks: stacks.map((stack) => ({ name: stack.name, status: stack.status })),
    ...{ api_url, console_url: outputs.ConsoleUrl ?? null, alarms, ledger },
    problems: [
      ...stacks
        .filter(({ status }) => !STANDING.test(status))
        .map((stack) => `${stack.name} is ${stack.status}`),
      ...alarms
        .filter(({ state }) => state === 'ALARM')
        .map((alarm) => `${alarm.name}: ${alarm.description}`),
      ...(ledger?.balanced === false ? ['the ledger does not balance'] : []),
      ...(problem === undefined ? [] : [problem]),
    ],
  }
}

async function ledgerOf(
  api_url: string | null,
  key: string | undefined,
): Promise<{ ledger: AwsStatus['ledger']; problem?: string }> {
  if (api_url === null || key === undefined) return { ledger: null }
  try {
    return { ledger: await createClient(api_url, key).json('v1/ledger') }
  } catch (error) {
    return { ledger: null, problem: error instanceof Error ? error.message : String(error) }
  }
}
