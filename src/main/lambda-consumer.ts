import { bucketOfKey } from '../aws/bucket-key.ts'
import { createEmfMetrics, type EmfMetrics } from '../aws/emf-metrics.ts'
import { sequenceText } from '../aws/sequence.ts'
import type { BucketRecord } from '../consume/bucket-shares.ts'

/** What an event source mapping of Kinesis hands over; the parts that are read. */
export interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: {
      readonly partitionKey: string
      readonly sequenceNumber: string
      /** In base64. */
      readonly data: string
    }
  }[]
}

/** One line to the function's log. Never given a payload. */
export function logLine(level: 'info' | 'warn' | 'error', fields: object): void {
  process.stdout.write(`${JSON.stringify({ level, ...fields })}\n`)
}

export function lambdaMetrics(): EmfMetrics {
  return createEmfMetrics({
    namespace: 'shoplake',
    now: Date.now,
    write: (line) => process.stdout.write(`${line}\n`),
  })
}

/**
 * The function of a consumer. It succeeds or fails as a whole: what it throws makes the event source hand the batch over
 * again, all of it or cut anew. A record with a foreign partition key is nobody's: it is logged and left.
 */
export function consumerOf(options: {
  readonly buckets: number
  readonly metrics: EmfMetrics
  take(records: readonly BucketRecord[]): Promise<void>
}): (event: KinesisEvent) => Promise<void> {
  return async (event) => {
    try {
      await options.take(recordsOf(event, options.buckets))
    } catch (error) {
      const { name, message, stack } = error as Error
      logLine('error', { message: 'the batch is handed over again', name, why: message, stack })
      throw error
    } finally {
      options.metrics.flush()
    }
  }
}

function recordsOf(event: KinesisEvent, buckets: number): BucketRecord[] {
  return event.Records.flatMap(({ kinesis }) => {
    const bucket = bucketOfKey(kinesis.partitionKey, buckets)
    if (bucket === undefined) {
      const { sequenceNumber } = kinesis
      logLine('warn', { message: 'a record that is not of this product', sequenceNumber })
      return []
    }
    const sequence = sequenceText(kinesis.sequenceNumber)
    return [{ bucket, sequence, data: Buffer.from(kinesis.data, 'base64') }]
  })
}
