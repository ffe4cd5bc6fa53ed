import { createHash } from 'node:crypto'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { RECORD } from '../derive/record-column.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { LakeSink, RowLine, RowsByType, Span } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { failureOf } from './failure.ts'
import { inParallel } from './parallel.ts'
import { encodeParquet, type ParsedRow, parseLine } from './parquet.ts'
import { reached } from './reached.ts'
import { sequenceNumber } from './sequence.ts'

export interface S3LakeOptions {
  readonly client: S3Client
  /** The S3 bucket. */
  readonly bucket: string
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  now(): number
}

/** One object to be: all rows of a type in one batch. */
interface RawObject {
  readonly key: string
  readonly body: Uint8Array
}

const PARALLEL_PUTS = 12

/** Where the rows of a type wait for compaction, whatever their day: a backfill of years is no more objects than a day. */
export function rawPrefix(type: EventType): string {
  return `raw/${type}/`
}

/**
 * Rows as immutable Parquet objects, `raw/<type>/<first>-<last>-<spans>.parquet`. The name says which records are in it,
 * so the same batch again meets its own objects and writes nothing; one that is cut anew writes rows again, and
 * views take each once (derive/athena.ts). Everything is encoded before anything is written: a row that does not fit
 * rejects the batch with encoder_refused while nothing is there. What S3 refuses is lake_unavailable.
 */
export function openS3Lake(options: S3LakeOptions): LakeSink<string> {
  const { metrics, now } = options
  return {
    async commit(spans, rows) {
      const files = filesOf(spans, rows, now())
      const outcomes = await reached(
        () => inParallel(files, PARALLEL_PUTS, (file) => put(options, file)),
        'lake_unavailable',
      )
      const wrote = outcomes.includes('written') || files.length === 0
      if (!wrote) return 'already'
      for (const [event_type, group] of Object.entries(rows)) {
        metrics.add('shoplake_lake_rows_total', group.length, { event_type })
      }
      return 'applied'
    },
    async probe(type, rows) {
      try {
        encodeParquet(type, rowsOf(rows), now())
        return undefined
      } catch (error) {
        if (error instanceof ShoplakeError && error.code === 'encoder_refused') return error.message
        throw error
      }
    },
  }
}

/** Rows with the record that each came with. */
function rowsOf(lines: readonly RowLine<string>[]): ParsedRow[] {
  const known = new Map<string, number>()
  return lines.map(({ line, bucket, sequence }) => {
    const record = `${bucket}/${sequence}`
    const hash = known.get(record) ?? hashOf(record)
    known.set(record, hash)
    return { ...parseLine(line), [RECORD.name]: hash }
  })
}

/** 48 bits, which a number holds exactly; of two records with the same event the same once in 10^14. */
function hashOf(record: string): number {
  return createHash('sha256').update(record).digest().readUIntBE(0, 6)
}

function filesOf(
  spans: readonly Span<string>[],
  rows: RowsByType<string>,
  written_at: number,
): RawObject[] {
  const name = nameOf(spans)
  return EVENT_TYPES.flatMap((type) => {
    const lines = rows[type] ?? []
    if (lines.length === 0) return []
    const body = encodeParquet(type, rowsOf(lines), written_at)
    return [{ key: `${rawPrefix(type)}${name}.parquet`, body }]
  })
}

/** First and last sequence, to be read, and a hash of all spans, so that no two stretches share a name. */
function nameOf(spans: readonly Span<string>[]): string {
  const sorted = [...spans].sort((a, b) => a.bucket - b.bucket)
  const firsts = sorted.map((span) => span.first).sort()
  const lasts = sorted.map((span) => span.last).sort()
  const text = JSON.stringify(sorted.map(({ bucket, first, last }) => [bucket, first, last]))
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return `${sequenceNumber(firsts[0] ?? '0')}-${sequenceNumber(lasts.at(-1) ?? '0')}-${hash}`
}

async function put(
  { client, bucket }: S3LakeOptions,
  { key, body }: RawObject,
): Promise<'written' | 'there'> {
  try {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: 'application/vnd.apache.parquet',
        IfNoneMatch: '*',
      }),
    )
    return 'written'
  } catch (error) {
    if (failureOf(error).status === 412) return 'there'
    throw error
  }
}
