import {
  BatchGetItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { ShoplakeError } from '../errors.ts'
import type { BucketStore, Share, ShareWrite } from '../share-ports.ts'
import { failureOf } from './failure.ts'
import { inParallel } from './parallel.ts'
import { reached } from './reached.ts'
import { sequenceNumber, sequenceText } from './sequence.ts'
import {
  fitsItem,
  type Item,
  itemOf,
  keyOf,
  partitionOf,
  SORT_KEY_BYTES,
  shareOf,
} from './store-table.ts'

export interface DynamodbStoreOptions {
  readonly client: DynamoDBClient
  /** Name of the table; its layout is in store-table.ts. */
  readonly table: string
  readonly buckets: number
}

type Place = Pick<DynamodbStoreOptions, 'client' | 'table'>

/** Keys of one BatchGetItem (API reference). */
const BATCH_KEYS = 100
const PARALLEL_WRITES = 24
const PARALLEL_READS = 8
const UNPROCESSED_ROUNDS = 8

/** The DynamoDB side of the store updater: consistent reads, and writes that hold only where the guard was not moved. */
export function openDynamodbStore(options: DynamodbStoreOptions): BucketStore {
  return {
    buckets: options.buckets,
    fits: ({ key, document }) => isKey(key) && fitsItem(document),
    load: (bucket, keys) => reached(() => load(options, bucket, keys)),
    scan: (bucket, table, prefix, limit) =>
      reached(() => scan(options, partitionOf(table, bucket), prefix, limit)),
    async save(bucket, writes) {
      for (const { key } of writes) checkKey(key)
      const moved = await reached(() =>
        inParallel(writes, PARALLEL_WRITES, (write) => put(options, bucket, write)),
      )
      return moved.includes('moved') ? 'moved' : 'saved'
    },
  }
}

async function load(
  { client, table }: Place,
  bucket: number,
  keys: readonly Pick<Share, 'table' | 'key'>[],
): Promise<Share[]> {
  const wanted = keys
    .filter(({ key }) => isKey(key))
    .map((one) => keyOf(one.table, bucket, one.key))
  const groups = Array.from({ length: Math.ceil(wanted.length / BATCH_KEYS) }, (_, index) =>
    wanted.slice(index * BATCH_KEYS, (index + 1) * BATCH_KEYS),
  )
  const items = await inParallel(groups, PARALLEL_READS, (group) =>
    getAll(client, table, group, true),
  )
  return items.flat().map(shareOf)
}

/** BatchGetItem until nothing is left over. */
export async function getAll(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  ConsistentRead: boolean,
): Promise<Item[]> {
  const found: Item[] = []
  let left = [...keys]
  for (let round = 0; left.length > 0; round++) {
    if (round === UNPROCESSED_ROUNDS) {
      throw new ShoplakeError('store_unavailable', `${left.length} keys could not be read`)
    }
    if (round > 0)
      await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** round * Math.random()))
    const answer = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead } } }),
    )
    found.push(...(answer.Responses?.[table] ?? []))
    left = [...(answer.UnprocessedKeys?.[table]?.Keys ?? [])]
  }
  return found
}

async function scan(
  { client, table }: Place,
  partition: string,
  prefix: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<Share[]> {
  const found: Share[] = []
  let start: Item | undefined
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression:
          prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: {
          ':pk': { S: partition },
          ...(prefix !== '' && { ':prefix': { S: prefix } }),
        },
        ...(start && { ExclusiveStartKey: start }),
        ...(Number.isFinite(limit) && { Limit: limit }),
      }),
    )
    found.push(...(page.Items ?? []).map(shareOf))
    start = page.LastEvaluatedKey
  } while (start && found.length < limit)
  return found.slice(0, limit)
}

async function put(
  { client, table }: Place,
  bucket: number,
  write: ShareWrite,
): Promise<'saved' | 'moved'> {
  const { after, sequence } = write
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: itemOf(bucket, write),
        ConditionExpression: after === undefined ? 'attribute_not_exists(pk)' : 'seq = :after',
        ...(after !== undefined && {
          ExpressionAttributeValues: { ':after': { S: sequenceNumber(after) } },
        }),
      }),
    )
    return 'saved'
  } catch (error) {
    if (failureOf(error).name !== 'ConditionalCheckFailedException') throw error
    // A call that was repeated after its answer was lost meets what it wrote itself.
    const [now] = await load({ client, table }, bucket, [write])
    return now?.sequence === sequenceText(sequence) ? 'saved' : 'moved'
  }
}

function isKey(key: string): boolean {
  return key !== '' && Buffer.byteLength(key) <= SORT_KEY_BYTES
}

function checkKey(key: string): void {
  if (isKey(key)) return
  throw new ShoplakeError('internal', `a key of ${Buffer.byteLength(key)} bytes cannot be stored`)
}
