import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis'
import { shardsOf } from '../../src/aws/kinesis-reader.ts'
import type { KinesisEvent } from '../../src/main/lambda-consumer.ts'

/** How an event source mapping hands batches over, as CloudFormation has it. */
export interface EventSourceSettings {
  readonly batch_size: number
  readonly window_s: number
  readonly bisect: boolean
  /** -1: until the records are too old. */
  readonly retries: number
  readonly reports_failures: boolean
}

interface Template {
  readonly Resources: {
    readonly [id: string]: {
      readonly Type: string
      readonly Properties?: { readonly [name: string]: unknown }
    }
  }
}

/** Settings of every event source mapping of a CloudFormation template, with Lambda's defaults where it says nothing. */
export function eventSourcesOf(template: Template): EventSourceSettings[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
    .map(({ Properties = {} }) => ({
      batch_size: Number(Properties.BatchSize ?? 100),
      window_s: Number(Properties.MaximumBatchingWindowInSeconds ?? 0),
      bisect: Properties.BisectBatchOnFunctionError === true,
      retries: Number(Properties.MaximumRetryAttempts ?? -1),
      reports_failures: Array.isArray(Properties.FunctionResponseTypes)
        ? Properties.FunctionResponseTypes.includes('ReportBatchItemFailures')
        : false,
    }))
}

type SourceRecord = KinesisEvent['Records'][number] & { readonly eventID: string }

export interface EventSource {
  /**
   * Looks at every shard once, parents before their children, and hands over at most one batch of each. `size` bounds a batch as
   * a window that closes early does. Returns how many batches were there.
   */
  poll(size: number): Promise<number>
  /** Polls until every record was taken. Rejects with what the function throws, which it has no reason to any more. */
  drain(): Promise<void>
  /** Forgets how failed batches were cut, as when a poller moves: what was not taken is batched anew. */
  regroup(): void
  /** Records that were given up on, by eventID. */
  readonly failed: string[]
  readonly invocations: { succeeded: number; failed: number }
}

interface ShardProgress {
  /** Sequence number of the last record that was taken. */
  position: string | undefined
  /** Batches that failed, cut or not, before anything further. */
  waiting: { records: readonly SourceRecord[]; attempts: number }[]
  done: boolean
}

/**
 * Lambda's poller of a Kinesis stream (Developer Guide, "Process Amazon Kinesis Data Streams records with Lambda"): one batch of a shard
 * at a time, in order; a failed one blocks its shard and is tried again, in halves where the mapping says so, which uses
 * up no attempt; children wait until their parents are read to the end.
 */
export function createEventSource(options: {
  readonly client: KinesisClient
  readonly stream_name: string
  readonly settings: EventSourceSettings
  handler(event: KinesisEvent): Promise<unknown>
}): EventSource {
  const { client, stream_name, settings } = options
  if (settings.reports_failures) throw new Error('this source hands batches over whole')
  const shards = new Map<string, ShardProgress>()
  let draining = false
  const source = { failed: [] as string[], invocations: { succeeded: 0, failed: 0 } }

  function progressOf(shard: Shard): ShardProgress {
    let progress = shards.get(shard.ShardId!)
    if (!progress) {
      progress = { position: undefined, waiting: [], done: false }
      shards.set(shard.ShardId!, progress)
    }
    return progress
  }

  async function handOver(progress: ShardProgress): Promise<void> {
    const batch = progress.waiting.shift()!
    try {
      await options.handler({ Records: batch.records })
      source.invocations.succeeded++
      progress.position = batch.records.at(-1)!.kinesis.sequenceNumber
    } catch (error) {
      source.invocations.failed++
      retry(progress, batch)
      if (draining) throw error
    }
  }

  function retry(
    progress: ShardProgress,
    { records, attempts }: ShardProgress['waiting'][0],
  ): void {
    if (settings.bisect && records.length > 1) {
      const middle = records.length >> 1
      const halves = [records.slice(0, middle), records.slice(middle)]
      progress.waiting.unshift(...halves.map((half) => ({ records: half, attempts })))
    } else if (settings.retries === -1 || attempts < settings.retries) {
      progress.waiting.unshift({ records, attempts: attempts + 1 })
    } else {
      source.failed.push(...records.map(({ eventID }) => eventID))
      progress.position = records.at(-1)!.kinesis.sequenceNumber
    }
  }

  async function poll(size: number): Promise<number> {
    let found = 0
    const known = await shardsOf(client, stream_name)
    const unread = new Set(known.filter((one) => !progressOf(one).done).map((one) => one.ShardId))
    for (const shard of known) {
      const progress = progressOf(shard)
      const parents = [shard.ParentShardId, shard.AdjacentParentShardId]
      if (progress.done || parents.some((id) => id !== undefined && unread.has(id))) continue
      if (progress.waiting.length === 0) {
        const { records, closed } = await readAfter(client, stream_name, shard, progress.position)
        progress.done = closed && records.length === 0
        const batch = records.slice(0, Math.min(size, settings.batch_size))
        if (batch.length > 0) progress.waiting.push({ records: batch, attempts: 0 })
      }
      if (progress.waiting.length === 0) continue
      found++
      await handOver(progress)
    }
    // Children that could be read only now.
    const opened = known.some((one) => unread.has(one.ShardId) && progressOf(one).done)
    return found + (opened ? 1 : 0)
  }

  return {
    ...source,
    poll,
    async drain() {
      draining = true
      while ((await poll(settings.batch_size)) > 0);
    },
    regroup() {
      for (const progress of shards.values()) progress.waiting = []
    },
  }
}

async function readAfter(
  client: KinesisClient,
  StreamName: string,
  shard: Shard,
  position: string | undefined,
): Promise<{ records: SourceRecord[]; closed: boolean }> {
  const start = position === undefined ? { ShardIteratorType: 'TRIM_HORIZON' as const } : undefined
  const after = {
    ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const,
    StartingSequenceNumber: position!,
  }
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName, ShardId: shard.ShardId!, ...(start ?? after) }),
  )
  const records: SourceRecord[] = []
  let iterator = ShardIterator
  while (iterator) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }))
    for (const { PartitionKey, SequenceNumber, Data } of page.Records ?? []) {
      records.push({
        eventID: `${shard.ShardId}:${SequenceNumber}`,
        kinesis: {
          partitionKey: PartitionKey!,
          sequenceNumber: SequenceNumber!,
          data: Buffer.from(Data!).toString('base64'),
        },
      })
    }
    if (!page.NextShardIterator) return { records, closed: true }
    if ((page.Records?.length ?? 0) === 0) return { records, closed: false }
    iterator = page.NextShardIterator
  }
  return { records, closed: true }
}
