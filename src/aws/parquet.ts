import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { parquetSchemaOf } from '../derive/parquet.ts'
import { withRecord } from '../derive/record-column.ts'
import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { EventType } from '../schema/registry.ts'
import { encoderOf } from './parquet-values.ts'

/** A canonical row as parsed from its line. */
export type ParsedRow = { readonly [column: string]: unknown }

/** Rows of one row group: many enough for the encodings, few enough to hold their columns twice in memory. */
const ROW_GROUP_ROWS = 50_000
/** Native gzip at its fastest is both faster and smaller than the writer's own Snappy. */
const GZIP_LEVEL = 1

/**
 * The row of a canonical line. Rejects what is no JSON object with encoder_refused: nothing but the collector writes lines,
 * so it is damage.
 */
export function parseLine(line: Uint8Array): ParsedRow {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8')
  try {
    const row: unknown = JSON.parse(text)
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as ParsedRow
  } catch (cause) {
    throw new ShoplakeError('encoder_refused', `a line is no JSON: ${String(cause)}`, { cause })
  }
  throw new ShoplakeError('encoder_refused', 'a line is no JSON object')
}

/**
 * One Parquet file with the stored columns of a type and `record_hash`. `written_at` in milliseconds since 1970. Throws encoder_refused with column
 * and value where a row does not fit: no file is made then.
 */
export function encodeParquet(
  type: EventType,
  rows: readonly ParsedRow[],
  written_at: number,
): Uint8Array {
  const table = withRecord(TABLES[type])
  const columnData = table.columns.map((field) => {
    if (field.name === 'written_at') {
      return { name: field.name, data: rows.map(() => BigInt(written_at)) }
    }
    const encode = encoderOf(field)
    return { name: field.name, data: rows.map((row) => encode(row[field.name])) }
  })
  const bytes = parquetWriteBuffer({
    columnData,
    schema: parquetSchemaOf(table),
    codec: 'GZIP',
    compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes, { level: GZIP_LEVEL }) },
    rowGroupSize: ROW_GROUP_ROWS,
  })
  return new Uint8Array(bytes)
}
