import { open, rm } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { readJsonColumns } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { EventType } from '../schema/registry.ts'
import { quoteText } from './duckdb.ts'
import { isBroken } from './duckdb-failure.ts'

/** Chunk in which lines are copied together before they are written. */
const CHUNK_BYTES = 1 << 20

/** Longest line that is read: above the largest `event_max_bytes` and what the collector adds. */
const LINE_MAX_BYTES = 2_000_000

/**
 * Version 2 pages (delta and byte-stream-split encodings) made the same rows 16 % smaller and 12 % faster to write than
 * version 1; zstd level 1 wrote 10 % faster than level 3 for the same size.
 */
export const PARQUET_OPTIONS =
  'FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1'

/**
 * Writes lines to a file, each with a line end. Lines that lie one after the other in one buffer with a line end between
 * them, as those of a stream record do, are copied together. Returns the bytes written. Throws the file system's error.
 */
export async function writeLines(
  file: string,
  rows: readonly { readonly line: Uint8Array }[],
): Promise<number> {
  const handle = await open(file, 'w')
  let written = 0
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let used = 0
  const flush = async (bytes: Uint8Array) => {
    await handle.writeFile(bytes)
    written += bytes.length
  }
  try {
    for (let index = 0; index < rows.length; ) {
      const end = endOfRun(rows, index)
      const run = runBytes(rows[index]!.line, rows[end - 1]!.line)
      if (used + run.length + 1 > chunk.length) {
        await flush(chunk.subarray(0, used))
        used = 0
      }
      if (run.length + 1 > chunk.length) await flush(run)
      else {
        chunk.set(run, used)
        used += run.length
      }
      chunk[used++] = 10
      index = end
    }
    await flush(chunk.subarray(0, used))
  } finally {
    await handle.close()
  }
  return written
}

/** Index after the last line that follows `start` in the same buffer, one line end apart. */
function endOfRun(rows: readonly { readonly line: Uint8Array }[], start: number): number {
  let line = rows[start]!.line
  const bytes = new Uint8Array(line.buffer)
  let offset = line.byteOffset + line.length
  let end = start + 1
  while (end < rows.length) {
    line = rows[end]!.line
    if (line.buffer !== bytes.buffer || line.byteOffset !== offset + 1 || bytes[offset] !== 10)
      break
    offset = line.byteOffset + line.length
    end++
  }
  return end
}

function runBytes(first: Uint8Array, last: Uint8Array): Uint8Array {
  const length = last.byteOffset + last.length - first.byteOffset
  return new Uint8Array(first.buffer, first.byteOffset, length)
}

/** `read_json` over a file of canonical lines of a type, as a relation. */
export function readLines(type: EventType, file: string): string {
  return `read_json(${quoteText(file)}, format = 'newline_delimited', auto_detect = false,
    maximum_object_size = ${LINE_MAX_BYTES}, columns = ${readJsonColumns(TABLES[type])})`
}

/** Writes what a SELECT gives to one Parquet file. Returns its rows and bytes. Throws `lakeError`s, and then leaves no file. */
export async function copyToParquet(
  connection: DuckDBConnection,
  select: string,
  file: string,
): Promise<{ rows: number; bytes: number }> {
  try {
    const [row] = await queryRows(
      connection,
      `COPY (${select}) TO ${quoteText(file)} (${PARQUET_OPTIONS}, RETURN_STATS)`,
    )
    return { rows: Number(row!.count), bytes: Number(row!.file_size_bytes) }
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}

/** Rows of a statement as objects of JSON values (64-bit integers and decimals are text). Throws `lakeError`s. */
export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ [name: string]: unknown }[]> {
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } catch (error) {
    throw lakeError(error)
  }
}

/** Runs a statement and returns how many rows it changed. Throws `lakeError`s. */
export async function runStatement(connection: DuckDBConnection, sql: string): Promise<number> {
  try {
    return (await connection.run(sql)).rowsChanged
  } catch (error) {
    throw lakeError(error)
  }
}

/** DuckDB's classes of errors that a row causes, whatever is tried again. */
const REFUSED = /^(Invalid Input|Conversion|Out of Range|Mismatch Type|Decimal) ?Error/

/**
 * encoder_refused (a row is to blame), lake_unavailable (disk, memory: try again) or internal (the engine is broken:
 * only a new process helps), around an error of DuckDB or the file system.
 */
export function lakeError(error: unknown): ShoplakeError {
  if (error instanceof ShoplakeError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (isBroken(message)) return new ShoplakeError('internal', message, { cause: error })
  const code = REFUSED.test(message) ? 'encoder_refused' : 'lake_unavailable'
  return new ShoplakeError(code, message, { cause: error })
}
