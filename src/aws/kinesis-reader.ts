import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis'
import { sequenceText } from './sequence.ts'

/** A record as it stands in the stream. `sequence` is comparable as text. */
export interface KinesisRecord {
  readonly shard_id: string
  readonly partition_key: string
  readonly sequence: string
  readonly data: Uint8Array
  /** Milliseconds since 1970. */
  readonly arrived_at: number
}

/** Shards of a stream, parents before their children: the order in which they must be read. */
export async function shardsOf(client: KinesisClient, stream_name: string): Promise<Shard[]> {
  const shards: Shard[] = []
  let NextToken: string | undefined
  do {
    const page = await client.send(
      new ListShardsCommand(NextToken ? { NextToken } : { StreamName: stream_name }),
    )
    shards.push(...(page.Shards ?? []))
    NextToken = page.NextToken
  } while (NextToken)
  const ordered: Shard[] = []
  const placed = new Set<string>()
  const known = new Set(shards.map((shard) => shard.ShardId))
  while (ordered.length < shards.length) {
    for (const shard of shards) {
      const parents = [shard.ParentShardId, shard.AdjacentParentShardId]
      const waits = parents.some((id) => id !== undefined && known.has(id) && !placed.has(id))
      if (waits || placed.has(shard.ShardId!)) continue
      placed.add(shard.ShardId!)
      ordered.push(shard)
    }
  }
  return ordered
}

/**
 * What the stream holds now, shard by shard, oldest first, from a moment on or all of it: for the ledger, tools and tests. Consumers
 * are handed their records. Throws the client's error.
 */
export async function* readStream(
  client: KinesisClient,
  stream_name: string,
  from?: Date,
): AsyncGenerator<KinesisRecord> {
  for (const shard of await shardsOf(client, stream_name)) {
    yield* readShard(client, stream_name, shard.ShardId!, from)
  }
}

async function* readShard(
  client: KinesisClient,
  StreamName: string,
  ShardId: string,
  from: Date | undefined,
): AsyncGenerator<KinesisRecord> {
  const start = await client.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId,
      ...(from
        ? { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: from }
        : { ShardIteratorType: 'TRIM_HORIZON' }),
    }),
  )
  let iterator = start.ShardIterator
  while (iterator) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 1000 }))
    for (const record of page.Records ?? []) {
      yield {
        shard_id: ShardId,
        partition_key: record.PartitionKey!,
        sequence: sequenceText(record.SequenceNumber!),
        data: record.Data!,
        arrived_at: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
      }
    }
    if ((page.Records?.length ?? 0) === 0 && (page.MillisBehindLatest ?? 0) === 0) return
    iterator = page.NextShardIterator
  }
}
