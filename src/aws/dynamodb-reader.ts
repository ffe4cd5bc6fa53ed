import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { StoreDocument, StoreReader, StoreTable } from '../ports.ts'
import type { BucketReader, BucketTable, Share } from '../share-ports.ts'
import { getAll } from './dynamodb-store.ts'
import { inParallel } from './parallel.ts'
import { reached } from './reached.ts'
import { type Item, keyOf, partitionOf, SORT_KEY_BYTES, shareOf } from './store-table.ts'

export interface DynamodbReaderOptions {
  readonly client: DynamoDBClient
  readonly table: string
  readonly buckets: number
  /** One document of the buckets' shares; undefined where they come to nothing. */
  merge(table: StoreTable, shares: readonly StoreDocument[]): StoreDocument | undefined
}

type Range = Parameters<StoreReader['list']>[1]

const PARALLEL = 16
/**
 * Documents put together from all buckets' shares: one BatchGetItem for a document, one Query per bucket for a stretch. Reads
 * are eventually consistent. Rejects with store_unavailable.
 */
export function openDynamodbReader(options: DynamodbReaderOptions): BucketReader {
  return {
    get: (table, key) => reached(() => get(options, table, key)),
    list: (table, range) => reached(() => list(options, table, range)),
    shares: (table, range) =>
      reached(() => sharesIn(options, table, { ...range, limit: Number.MAX_SAFE_INTEGER })),
  }
}

async function get(
  { client, table: name, buckets, merge }: DynamodbReaderOptions,
  table: StoreTable,
  key: string,
): Promise<StoreDocument | undefined> {
  if (key === '' || Buffer.byteLength(key) > SORT_KEY_BYTES) return undefined
  const keys = Array.from({ length: buckets }, (_, bucket) => keyOf(table, bucket, key))
  const items = await getAll(client, name, keys, false)
  return merge(table, documentsOf(items.map(shareOf)))
}

/** In the order of buckets, so that merging is the same each time. */
function documentsOf(shares: readonly (Share & { readonly bucket: number })[]): StoreDocument[] {
  return [...shares]
    .sort((a, b) => a.bucket - b.bucket)
    .flatMap(({ document }) => (document === null ? [] : [document]))
}

async function list(
  options: DynamodbReaderOptions,
  table: StoreTable,
  range: Range,
): Promise<{ key: string; document: StoreDocument }[]> {
  const shares = await sharesIn(options, table, range)
  const byKey = new Map<string, typeof shares>()
  for (const share of shares) byKey.set(share.key, [...(byKey.get(share.key) ?? []), share])
  const keys = [...byKey.keys()].sort(range.reverse ? (a, b) => compare(b, a) : compare)
  return keys.slice(0, range.limit).flatMap((key) => {
    const document = options.merge(table, documentsOf(byKey.get(key)!))
    return document === undefined ? [] : [{ key, document }]
  })
}

/** As DynamoDB orders keys: by their UTF-8 bytes. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/**
 * Of each bucket the first `limit` shares of a stretch: they hold all shares of the first `limit` keys of all buckets together.
 */
async function sharesIn(
  options: DynamodbReaderOptions,
  table: BucketTable,
  range: Range,
): Promise<(Share & { readonly bucket: number })[]> {
  const condition = conditionOf(range)
  if (!condition) return []
  const partitions = Array.from({ length: options.buckets }, (_, bucket) =>
    partitionOf(table, bucket),
  )
  const found = await inParallel(partitions, PARALLEL, async (partition) => {
    const items: Item[] = []
    let start: Item | undefined
    do {
      const page = await options.client.send(
        new QueryCommand({
          TableName: options.table,
          KeyConditionExpression: `pk = :pk${condition.text}`,
          FilterExpression: 'attribute_exists(doc) OR attribute_exists(zip)',
          ExpressionAttributeValues: { ':pk': { S: partition }, ...condition.values },
          ScanIndexForward: !range.reverse,
          ...(range.limit < 1000 && { Limit: range.limit + 1 }),
          ...(start && { ExclusiveStartKey: start }),
        }),
      )
      // The upper end is not part of a stretch, but of what DynamoDB can ask for.
      items.push(...(page.Items ?? []).filter((item) => item.sk!.S !== range.to))
      start = page.LastEvaluatedKey
    } while (start && items.length < range.limit)
    return items.slice(0, range.limit)
  })
  return found.flat().map(shareOf)
}

function conditionOf({ from, to }: Range): { text: string; values: Item } | undefined {
  const low = from === '' ? undefined : from
  if (to === '' || (low !== undefined && to !== undefined && compare(low, to) >= 0))
    return undefined
  const values = {
    ...(low !== undefined && { ':low': { S: low } }),
    ...(to !== undefined && { ':high': { S: to } }),
  }
  if (low !== undefined && to !== undefined)
    return { text: ' AND sk BETWEEN :low AND :high', values }
  if (low !== undefined) return { text: ' AND sk >= :low', values }
  return { text: to === undefined ? '' : ' AND sk < :high', values }
}
