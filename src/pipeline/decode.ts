import { isAscii, isUtf8 } from 'node:buffer'
import { ShoplakeError } from '../errors.ts'
import { hasTooManyParts } from './json-parts.ts'
import { elementTexts, valueStart } from './raw-text.ts'

/** Stands in for an event whose line is not JSON. */
export interface Malformed {
  readonly malformed: string
}

/** What a body holds: one value per event that was sent, in order. */
export interface Decoded {
  readonly values: readonly unknown[]
  /** Lines that are not JSON, by index; their value is undefined. */
  readonly malformed: ReadonlyMap<number, string>
  /**
   * No escape and no own `__proto__` anywhere: every string is well-formed Unicode and needs no escaping in JSON.
   * Lets the later stages skip looking.
   */
  readonly plain: boolean
  /** An event as it was sent: text, or bytes where it is not UTF-8. */
  raw(index: number): string | Uint8Array
}

const NONE: ReadonlyMap<number, string> = new Map()
const PROTO = Buffer.from('__proto__')
const BACKSLASH = 92
const LINE_END = 10

/**
 * The events of a request body: one object, an array, {"events":[…]} or NDJSON; a UTF-8 byte order mark is skipped.
 * Returns Malformed where the body as a whole is not JSON in UTF-8. Throws too_many_events (not retryable).
 * A body announced as JSON whose first line is a JSON value of its own is read as NDJSON.
 */
export function decodeBody(
  body: Uint8Array,
  format: 'json' | 'ndjson',
  maxEvents: number,
): Decoded | Malformed {
  const bytes = withoutMark(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  if (hasTooManyParts(bytes)) return { malformed: 'There are too many objects and arrays in it.' }
  if (!isUtf8(bytes)) return decodeBroken(bytes, format, maxEvents)
  const text = isAscii(bytes) ? bytes.toString('latin1') : bytes.toString()
  const plain = bytes.indexOf(BACKSLASH) === -1 && bytes.indexOf(PROTO) === -1
  if (format === 'ndjson') return decodeLines(linesOf(text, maxEvents), plain)
  const whole = parse(text)
  if ('value' in whole) return decodeValue(whole.value, text, plain, maxEvents)
  return beginsWithJsonLine(text) ? decodeLines(linesOf(text, maxEvents), plain) : whole
}

function withoutMark(bytes: Buffer): Buffer {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return marked ? bytes.subarray(3) : bytes
}

function parse(text: string): { value: unknown } | Malformed {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { malformed: text.trim() === '' ? 'There is nothing in it.' : (error as Error).message }
  }
}

function beginsWithJsonLine(text: string): boolean {
  const end = text.indexOf('\n')
  return end > 0 && 'value' in parse(text.slice(0, end))
}

function decodeValue(value: unknown, text: string, plain: boolean, maxEvents: number): Decoded {
  const batch = batchOf(value)
  if (!batch) return { values: [value], malformed: NONE, plain, raw: () => text.trim() }
  checkCount(batch.length, maxEvents)
  let texts: string[] | undefined
  const raw = (index: number) => {
    texts ??= elementTexts(text, arrayStart(value, text))
    return texts[index] ?? ''
  }
  return { values: batch, malformed: NONE, plain, raw }
}

function arrayStart(value: unknown, text: string): number {
  return Array.isArray(value) ? text.indexOf('[') : (valueStart(text, 'events') ?? 0)
}

/** The events of a batch; undefined where the value is an event itself, or at least meant to be one. */
function batchOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'event_type')) {
    return undefined
  }
  const events = Object.hasOwn(value, 'events') ? (value as { events: unknown }).events : undefined
  return Array.isArray(events) ? events : undefined
}

function linesOf(text: string, maxEvents: number): string[] {
  const lines: string[] = []
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('\n', start)
    const end = next === -1 ? text.length : next
    const line = text.slice(start, end)
    if (line.trim() !== '') lines.push(line)
    checkCount(lines.length, maxEvents)
    start = end + 1
  }
  return lines
}

function decodeLines(lines: readonly string[], plain: boolean): Decoded | Malformed {
  if (lines.length === 0) return { malformed: 'There is nothing in it.' }
  const values: unknown[] = []
  const malformed = new Map<number, string>()
  for (let index = 0; index < lines.length; index++) {
    const line = parse(lines[index]!)
    if ('value' in line) values.push(line.value)
    else {
      values.push(undefined)
      malformed.set(index, line.malformed)
    }
  }
  return { values, malformed, plain, raw: (index) => lines[index]!.trim() }
}

/** A body with bytes that are not UTF-8: in NDJSON only the lines that hold them are lost. */
function decodeBroken(
  bytes: Buffer,
  format: 'json' | 'ndjson',
  maxEvents: number,
): Decoded | Malformed {
  if (format === 'json') return { malformed: NOT_UTF8 }
  const lines = splitBytes(bytes, maxEvents)
  const malformed = new Map<number, string>()
  const values = lines.map((line, index) => {
    const result = isUtf8(line) ? parse(line.toString()) : { malformed: NOT_UTF8 }
    if ('value' in result) return result.value
    malformed.set(index, result.malformed)
    return undefined
  })
  const raw = (index: number) => {
    const line = lines[index]!
    return isUtf8(line) ? line.toString().trim() : line
  }
  return { values, malformed, plain: false, raw }
}

/** A body that is not JSON at all, as one event that was sent and refused. */
export function brokenBody(body: Uint8Array, message: string): Decoded {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return {
    values: [undefined],
    malformed: new Map([[0, message]]),
    plain: false,
    raw: () => (isUtf8(bytes) ? bytes.toString() : bytes),
  }
}

/** Events that a caller in process has parsed already. */
export function parsedValues(values: readonly unknown[]): Decoded {
  return { values, malformed: NONE, plain: false, raw: (index) => textOf(values[index]) }
}

/** JSON of a value that need not be JSON: a dead letter then tells only that it was there. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch (error) {
    return `(${(error as Error).message})`
  }
}

const NOT_UTF8 = 'The text is not UTF-8.'

function splitBytes(bytes: Buffer, maxEvents: number): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const next = bytes.indexOf(LINE_END, start)
    const end = next === -1 ? bytes.length : next
    const line = bytes.subarray(start, end)
    if (line.some((byte) => byte > 32)) lines.push(line)
    checkCount(lines.length, maxEvents)
    start = end + 1
  }
  return lines
}

function checkCount(count: number, maxEvents: number): void {
  if (count <= maxEvents) return
  throw new ShoplakeError(
    'too_many_events',
    `A request may hold at most ${maxEvents} events; send the rest in another one.`,
  )
}
