import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type CsvError, parse } from 'csv-parse'
import { ShoplakeError } from '../errors.ts'
import type { BrokenRow, Mapping, SourceRow } from './mapping.ts'
import { isObject } from './mapping-expression.ts'

/** Longest row, in bytes: one wrong quote must not read the rest of a file into memory. */
const ROW_LIMIT = 1_000_000
const RAW_LIMIT = 8192

/** SHA-256 of a file's bytes as they rest on disk, lower-case hex. Throws the system's error where it cannot be read. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/**
 * Throws mapping_invalid, not retryable, when a file's text is not in the encoding that the mapping says: read all the same it
 * would lose letters, and what is in once cannot be imported again. And the system's error where the file cannot be read.
 */
export async function requireEncoding(path: string, mapping: Mapping): Promise<void> {
  const decoder = new TextDecoder(mapping.encoding, { fatal: true })
  try {
    for await (const chunk of bytesOf(path)) decoder.decode(chunk as Buffer, { stream: true })
    decoder.decode()
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw cause
    throw new ShoplakeError(
      'mapping_invalid',
      `${path} is not in ${mapping.encoding}; say in the mapping what it is, such as "encoding": "windows-1252"`,
      { cause },
    )
  }
}

/**
 * The rows of a CSV or NDJSON file, `.gz` or not, in order and without holding more than a few. `onBytes` is told how many
 * bytes were read from disk. Throws mapping_invalid (not retryable) when a CSV lacks a column that the mapping names, and
 * the system's error where the file cannot be read.
 */
export async function* readRows(
  path: string,
  mapping: Mapping,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<SourceRow | BrokenRow> {
  const raw = bytesOf(path, onBytes)
  const bytes = mapping.encoding === 'utf-8' ? raw : Readable.from(asUtf8(raw, mapping.encoding))
  yield* mapping.format === 'csv' ? csvRows(bytes, mapping, path) : jsonRows(bytes)
}

/** A file's bytes, of a `.gz` the inflated ones; `onBytes` is told of those on disk. */
function bytesOf(path: string, onBytes: (bytes: number) => void = () => {}): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 17 })
  file.on('data', (chunk) => onBytes(chunk.length))
  return path.endsWith('.gz') ? inflated(file) : file
}

async function* asUtf8(bytes: Readable, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of bytes)
    yield Buffer.from(decoder.decode(chunk as Buffer, { stream: true }))
  yield Buffer.from(decoder.decode())
}

/** Errors of the file pass on to the reader of its inflated bytes. */
function inflated(file: Readable): Readable {
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  return file.pipe(gunzip)
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

async function* csvRows(
  bytes: Readable,
  mapping: Mapping,
  path: string,
): AsyncGenerator<SourceRow | BrokenRow> {
  const skipped: BrokenRow[] = []
  const parser = parse({
    bom: true,
    delimiter: mapping.delimiter,
    info: true,
    relax_column_count: true,
    // A stray quote is a character of its field: refusing the row would lose the place where the next one begins.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: ROW_LIMIT,
  })
  parser.on('skip', (error: CsvError, raw: string) => {
    skipped.push({
      line: lineOf(error),
      problem: error.message,
      raw: raw?.slice(0, RAW_LIMIT) ?? '',
    })
  })
  bytes.on('error', (error) => parser.destroy(error))
  bytes.pipe(parser)
  let header: readonly string[] | undefined
  for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
    yield* skipped.splice(0)
    if (header) yield csvRow(header, record, info.lines)
    else header = checkedHeader(record, mapping, path)
  }
  yield* skipped.splice(0)
}

function lineOf(error: CsvError): number {
  return Number((error as { lines?: unknown }).lines ?? 0)
}

function csvRow(
  header: readonly string[],
  record: readonly string[],
  lastLine: number,
): SourceRow | BrokenRow {
  const line = lastLine - lineEndsIn(record)
  if (record.length !== header.length) {
    const problem = `the row has ${record.length} fields, the header ${header.length}`
    return { line, problem, raw: record.join(',').slice(0, RAW_LIMIT) }
  }
  const values: { [column: string]: string } = Object.create(null)
  for (let index = 0; index < header.length; index++) values[header[index]!] = record[index]!
  return { line, values }
}

/** Line ends within quoted fields: the parser counts the line on which a row ends. */
function lineEndsIn(record: readonly string[]): number {
  let count = 0
  for (const field of record) if (field.includes('\n')) count += field.split('\n').length - 1
  return count
}

function checkedHeader(
  record: readonly string[],
  mapping: Mapping,
  path: string,
): readonly string[] {
  const missing = mapping.columns.filter((column) => !record.includes(column))
  if (missing.length === 0) return record
  throw new ShoplakeError(
    'mapping_invalid',
    `${path} has no column ${missing.map((name) => `"${name}"`).join(', ')}, which mapping ${mapping.name} reads; ` +
      `it has ${record.slice(0, 50).join(', ')}. A column that some files lack goes into "optional_columns"`,
  )
}

async function* jsonRows(bytes: Readable): AsyncGenerator<SourceRow | BrokenRow> {
  const lines = createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })
  bytes.on('error', (error) => lines.emit('error', error))
  let line = 0
  for await (const text of lines) {
    line++
    if (text.trim() !== '') yield jsonRow(text, line)
  }
}

function jsonRow(text: string, line: number): SourceRow | BrokenRow {
  const raw = text.slice(0, RAW_LIMIT)
  try {
    const values: unknown = JSON.parse(text)
    return isObject(values) ? { line, values } : { line, problem: 'the line is not an object', raw }
  } catch (cause) {
    return { line, problem: (cause as Error).message, raw }
  }
}
