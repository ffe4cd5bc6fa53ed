import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis'
import { shardsOf } from '../../src/aws/kinesis-reader.ts'
import type { KinesisEvent } from '../../src/main/lambda-consumer.ts'
import type { EventSourceSettings } from './synthesized.ts'

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
        const most = Math.min(size, settings.batch_size)
        const { records, closed } = await readAfter(
          client,
          stream_name,
          { shard, position: progress.position },
          most,
        )
        progress.done = closed && records.length === 0
        const batch = withinPayload(records.slice(0, most))
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

/** Bytes of one invocation (Lambda quotas, "Invocation payload"), and what each record has around its data. */
const PAYLOAD_BYTES = 6_000_000
const AROUND_BYTES = 500

/** The first records that fit into an invocation; one alone always does. */
function withinPayload(records: readonly SourceRecord[]): SourceRecord[] {
  let bytes = 0
  const end = records.findIndex(({ kinesis }, index) => {
    bytes += kinesis.data.length + AROUND_BYTES
    return index > 0 && bytes > PAYLOAD_BYTES
  })
  return end === -1 ? [...records] : records.slice(0, end)
}

/** Records behind a position, until there are `enough` or the shard has no more; `closed` when it never will. */
async function readAfter(
  client: KinesisClient,
  StreamName: string,
  { shard, position }: { shard: Shard; position: string | undefined },
  enough: number,
): Promise<{ records: SourceRecord[]; closed: boolean }> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: shard.ShardId!,
      ...(position === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position }),
    }),
  )
  const records: SourceRecord[] = []
  let bytes = 0
  let iterator = ShardIterator
  while (iterator) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }))
    for (const { PartitionKey, SequenceNumber, Data } of page.Records ?? []) {
      const data = Buffer.from(Data!).toString('base64')
      bytes += data.length
      records.push({
        eventID: `${shard.ShardId}:${SequenceNumber}`,
        kinesis: { partitionKey: PartitionKey!, sequenceNumber: SequenceNumber!, data },
      })
    }
    if (!page.NextShardIterator) return { records, closed: true }
    // Of a shard that was closed an empty page is not the end: that is where there is no further iterator.
    const isEmpty =
      (page.Records?.length ?? 0) === 0 && !shard.SequenceNumberRange?.EndingSequenceNumber
    if (isEmpty || records.length >= enough || bytes > PAYLOAD_BYTES)
      return { records, closed: false }
    iterator = page.NextShardIterator
  }
  return { records, closed: true }
}
