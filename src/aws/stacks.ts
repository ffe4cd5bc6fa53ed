import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  type StackStatus,
} from '@aws-sdk/client-cloudformation'
import type { Place } from './clients.ts'
import { failureOf } from './failure.ts'

/** A stack of CloudFormation as commands see it. */
export interface StackInfo {
  /** Its ARN, which finds it even after it was deleted. */
  readonly id: string
  readonly status: StackStatus | string
  /** Why it stands so, where CloudFormation says. */
  readonly reason: string | undefined
  readonly outputs: { readonly [name: string]: string }
}

export interface StackResource {
  readonly type: string
  readonly id: string
  readonly status: string
}

const LOOK_MS = 5000

export function cloudformationClient(place: Place): CloudFormationClient {
  return new CloudFormationClient({ ...place, maxAttempts: 5 })
}

/** The stack of that name, or undefined where there is none. Rejects with the SDK's error. */
export async function findStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<StackInfo | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }))
    const [stack] = Stacks
    if (!stack) return undefined
    const outputs = (stack.Outputs ?? []).map((one) => [one.OutputKey!, one.OutputValue!])
    return {
      id: stack.StackId!,
      status: stack.StackStatus!,
      reason: stack.StackStatusReason,
      outputs: Object.fromEntries(outputs),
    }
  } catch (error) {
    // CloudFormation has no name of its own for this one.
    const { name, message } = failureOf(error)
    if (name === 'ValidationError' && message.includes('does not exist')) return undefined
    throw error
  }
}

/** The last stack of that name that was deleted, by its ARN: CloudFormation remembers it for 90 days. */
export async function findDeletedStack(
  client: CloudFormationClient,
  name: string,
): Promise<string | undefined> {
  let NextToken: string | undefined
  do {
    const page = await client.send(
      new ListStacksCommand({
        StackStatusFilter: ['DELETE_COMPLETE'],
        ...(NextToken && { NextToken }),
      }),
    )
    const found = page.StackSummaries?.find((stack) => stack.StackName === name)
    if (found) return found.StackId
    NextToken = page.NextToken
  } while (NextToken)
  return undefined
}

/** Everything that a stack has made, by its name or ARN; of a deleted one what it has left behind is listed too. */
export async function listResources(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly StackResource[]> {
  const found: StackResource[] = []
  let NextToken: string | undefined
  do {
    const page = await client.send(
      new ListStackResourcesCommand({ StackName, ...(NextToken && { NextToken }) }),
    )
    for (const one of page.StackResourceSummaries ?? []) {
      if (one.PhysicalResourceId === undefined) continue
      found.push({
        type: one.ResourceType!,
        id: one.PhysicalResourceId,
        status: one.ResourceStatus!,
      })
    }
    NextToken = page.NextToken
  } while (NextToken)
  return found
}

/**
 * Deletes a stack and waits until it is gone. Throws a plain Error with CloudFormation's reason where it stays. `pause_ms` is how
 * often it is looked at.
 */
export async function deleteStack(
  client: CloudFormationClient,
  id: string,
  pause_ms = LOOK_MS,
): Promise<void> {
  await client.send(new DeleteStackCommand({ StackName: id }))
  for (;;) {
    const stack = await findStack(client, id)
    if (!stack || stack.status === 'DELETE_COMPLETE') return
    if (stack.status === 'DELETE_FAILED') {
      throw new Error(
        `${id} cannot be deleted: ${stack.reason ?? 'CloudFormation gives no reason'}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, pause_ms))
  }
}
