import {
  DeleteTableCommand,
  type DynamoDBClient,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb'
import { failureOf } from './failure.ts'

const PATIENCE_S = 600

/** Deletes a table and waits until it is gone; whether there was one. Rejects with the SDK's error. */
export async function removeTable(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    await client.send(new DeleteTableCommand({ TableName }))
  } catch (error) {
    if (failureOf(error).name === 'ResourceNotFoundException') return false
    throw error
  }
  const pace = { minDelay: 1, maxDelay: 5, maxWaitTime: PATIENCE_S }
  await waitUntilTableNotExists({ client, ...pace }, { TableName })
  return true
}
