import {
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb'
import { dynamodbClient } from '../../src/aws/clients.ts'
import { STORE_KEYS } from '../../src/aws/store-table.ts'
import { TEST_PLACE } from './kinesis.ts'

export function testDynamodb(endpoint: string): DynamoDBClient {
  return dynamodbClient({ ...TEST_PLACE, endpoint })
}

export async function makeTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: STORE_KEYS.partition, AttributeType: 'S' },
        { AttributeName: STORE_KEYS.sort, AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: STORE_KEYS.partition, KeyType: 'HASH' },
        { AttributeName: STORE_KEYS.sort, KeyType: 'RANGE' },
      ],
    }),
  )
  await waitUntilTableExists({ client, ...WAIT }, { TableName })
}

export async function removeTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName }))
  await waitUntilTableNotExists({ client, ...WAIT }, { TableName })
}

/** Seconds: the emulator is ready at once, and a busy machine a little later. */
const WAIT = { minDelay: 0.01, maxDelay: 0.2, maxWaitTime: 60 }
