import { ShoplakeError } from '../errors.ts'
import { ENVELOPE } from '../schema/envelope.ts'
import { formatMoney } from '../schema/money.ts'
import { EVENTS, type EventType, isEventType } from '../schema/registry.ts'
import type { Rejection } from '../schema/rejection.ts'
import {
  type Condition,
  compileCondition,
  compileExpression,
  compileFields,
  type Expression,
  isObject,
  MappingProblem,
  type MappingScope,
  onlyKeys,
  RowProblem,
  type SourceRow,
  type Value,
} from './mapping-expression.ts'

export type { SourceRow }

/** A line that is not a row: not CSV, not JSON, or with another number of fields than the header. */
export interface BrokenRow {
  readonly line: number
  readonly problem: string
  /** As much of it as is known. */
  readonly raw: string
}

/** How to read a file and what to make of its rows. Compiled from a mapping file. */
export interface Mapping {
  readonly name: string
  readonly description: string
  readonly format: 'csv' | 'ndjson'
  /** Between the fields of a CSV. */
  readonly delimiter: string
  /** Of the file's text, as TextDecoder names it. */
  readonly encoding: string
  /** Columns that a CSV must have: those that the mapping names, and all that its expressions read but the optional ones. */
  readonly columns: readonly string[]
  readonly outputs: readonly Output[]
}

interface Output {
  readonly name: string
  readonly event_type: EventType
  /** Names of the event's fields. */
  readonly names: readonly string[]
  /** What stands behind the line in event_id; empty for the first output. */
  readonly suffix: string
  readonly when: Condition
  readonly group: Expression | undefined
  /** Rows of a group stand together: it ends where another begins. */
  readonly contiguous: boolean
  readonly fields: (rows: readonly SourceRow[]) => { [name: string]: Value } | undefined
}

/** What one row or group became: an event on our wire, or a row that the mapping refuses. */
export interface MappedEvent {
  /** A wire event; for a refusal the row as it was read. */
  readonly value: { readonly [name: string]: unknown }
  /** Line of the row, of a group the first. */
  readonly line: number
  readonly refusal?: {
    readonly reason: Rejection
    readonly path?: string
    readonly message: string
  }
}

/** The file that rows come from. */
export interface SourceFile {
  /** Lower-case hex. */
  readonly sha256: string
}

/** Rows held in open groups of one file; a file beyond it must be sorted by its group and say `contiguous`. */
const OPEN_ROWS_LIMIT = 2_000_000
/** Together with a hash and a line of nine digits at most 100 characters, the longest event_id. */
const NAME = /^[a-z][a-z0-9-]{0,15}$/
const KEYS = [
  'name',
  'description',
  'format',
  'delimiter',
  'encoding',
  'time_zone',
  'columns',
  'optional_columns',
  'outputs',
]
const OUTPUT_KEYS = ['name', 'event_type', 'when', 'group_by', 'contiguous', 'fields']
const OUTPUT_NAME = /^[a-z][a-z0-9]{0,7}$/

/**
 * A mapping from its JSON. Throws mapping_invalid (not retryable), which says where in the JSON and what is expected.
 */
export function compileMapping(json: unknown): Mapping {
  try {
    return compile(json)
  } catch (cause) {
    if (!(cause instanceof MappingProblem)) throw cause
    throw new ShoplakeError('mapping_invalid', cause.message, { cause })
  }
}

function compile(json: unknown): Mapping {
  if (!isObject(json)) throw new MappingProblem('mapping', 'expected an object')
  onlyKeys(json, KEYS, 'mapping')
  const {
    name,
    description = '',
    format = 'csv',
    delimiter = ',',
    encoding = 'utf-8',
    time_zone = 'UTC',
  } = json
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new MappingProblem('name', 'expected up to 16 lower-case letters, digits and -')
  }
  if (format !== 'csv' && format !== 'ndjson')
    throw new MappingProblem('format', 'expected "csv" or "ndjson"')
  if (typeof delimiter !== 'string' || delimiter.length !== 1) {
    throw new MappingProblem('delimiter', 'expected one character')
  }
  if (typeof encoding !== 'string' || !isEncoding(encoding)) {
    throw new MappingProblem('encoding', 'expected a name such as utf-8 or windows-1252')
  }
  const columns = columnsAt(json, 'columns')
  const optional = columnsAt(json, 'optional_columns')
  if (typeof time_zone !== 'string') throw new MappingProblem('time_zone', 'expected an IANA zone')
  const reads = new Set(columns)
  const outputs = compileOutputs(json.outputs, { time_zone, reads })
  return {
    name,
    description: String(description),
    format,
    delimiter,
    encoding,
    columns: [...reads].filter((column) => !optional.includes(column)),
    outputs,
  }
}

function columnsAt(json: { readonly [key: string]: unknown }, key: string): readonly string[] {
  const columns = json[key] ?? []
  if (Array.isArray(columns) && columns.every((column) => typeof column === 'string'))
    return columns
  throw new MappingProblem(key, 'expected a list of column names')
}

function isEncoding(name: string): boolean {
  try {
    new TextDecoder(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Fields of a mapping's events that no definition knows: they are kept, but only in `extra`. By `<event_type>.<name>`. */
export function unknownFields(mapping: Mapping): string[] {
  return mapping.outputs.flatMap(({ event_type, names }) =>
    names
      .filter((name) => !(name in EVENTS[event_type].fields) && !(name in ENVELOPE))
      .map((name) => `${event_type}.${name}`),
  )
}

function compileOutputs(json: unknown, scope: MappingScope): Output[] {
  if (!Array.isArray(json) || json.length === 0)
    throw new MappingProblem('outputs', 'expected a list')
  const outputs = json.map((output, index) => compileOutput(output, index, scope))
  const names = outputs.map((output) => output.name)
  if (new Set(names).size < names.length)
    throw new MappingProblem('outputs', 'two outputs have one name')
  return outputs
}

function compileOutput(json: unknown, index: number, scope: MappingScope): Output {
  const path = `outputs.${index}`
  if (!isObject(json)) throw new MappingProblem(path, 'expected an object')
  onlyKeys(json, OUTPUT_KEYS, path)
  const { name, event_type, group_by, contiguous = false } = json
  if (typeof name !== 'string' || !OUTPUT_NAME.test(name)) {
    throw new MappingProblem(`${path}.name`, 'expected up to 8 lower-case letters and digits')
  }
  if (!isEventType(event_type))
    throw new MappingProblem(
      `${path}.event_type`,
      `"${event_type}" is no event type; see docs/reference/events.md`,
    )
  if (typeof contiguous !== 'boolean')
    throw new MappingProblem(`${path}.contiguous`, 'expected true or false')
  return {
    name,
    event_type,
    names: isObject(json.fields) ? Object.keys(json.fields) : [],
    suffix: index === 0 ? '' : `:${name}`,
    when: compileCondition(json.when, `${path}.when`, scope),
    group:
      group_by === undefined ? undefined : compileExpression(group_by, `${path}.group_by`, scope),
    contiguous,
    fields: compileFields(json.fields, `${path}.fields`, scope),
  }
}

/**
 * What the rows of one file become, each once: an event as soon as its row or group is complete, a refusal for a row that
 * no output takes or that one of them cannot read. A refused row makes no event at all. event_id is
 * `<mapping>:<file sha256>:<line>`, and for outputs after the first `:<output>` behind it; the line of a group is its first.
 * Throws mapping_invalid when more than 2,000,000 rows are in open groups.
 */
export async function* mapRows(
  mapping: Mapping,
  rows: AsyncIterable<SourceRow | BrokenRow>,
  file: SourceFile,
): AsyncGenerator<MappedEvent> {
  const groups = openGroups(mapping)
  const idOf = (output: Output, line: number) =>
    `${mapping.name}:${file.sha256}:${line}${output.suffix}`
  for await (const row of rows) {
    if ('problem' in row) {
      yield refused({ text: row.raw }, row.line, row.problem)
      continue
    }
    const taken = tryRow(mapping, row)
    if ('problem' in taken) {
      yield refused(row.values, row.line, taken.problem)
      continue
    }
    for (const { output, key, event } of taken.parts) {
      if (key === undefined) yield wireEvent(event, row.line, idOf(output, row.line))
      else {
        for (const done of groups.add(output, key, row)) yield groupEvent(output, done, idOf)
      }
    }
  }
  for (const [output, group] of groups.rest()) yield groupEvent(output, group, idOf)
}

interface Part {
  readonly output: Output
  readonly key: string | undefined
  readonly event: { readonly [name: string]: unknown }
}

/**
 * Every event that a row takes part in, made of this row alone: what fails later would fail here. So a row is either
 * taken by all of its outputs or refused by all.
 */
function tryRow(mapping: Mapping, row: SourceRow): { parts: Part[] } | { problem: string } {
  const parts: Part[] = []
  let at = ''
  try {
    for (const output of mapping.outputs) {
      at = output.name
      if (!output.when([row])) continue
      const group = output.group?.([row])
      if (output.group && group === undefined) throw new RowProblem('group_by is empty')
      parts.push({
        output,
        key: group === undefined ? undefined : String(group),
        event: eventOf(output, [row]),
      })
    }
  } catch (cause) {
    if (!(cause instanceof RowProblem)) throw cause
    return { problem: `${at}: ${cause.message}` }
  }
  return parts.length > 0 ? { parts } : { problem: 'no output of the mapping takes this row' }
}

type Rows = SourceRow[]

/** Rows of groups that may still grow. */
function openGroups(mapping: Mapping) {
  const open = new Map(mapping.outputs.map((output) => [output, new Map<string, Rows>()]))
  let held = 0
  return {
    /** Adds a row; returns the groups that are complete by it. */
    add(output: Output, key: string, row: SourceRow): Rows[] {
      const groups = open.get(output)!
      const group = groups.get(key)
      if (group) group.push(row)
      const done = !group && output.contiguous ? [...groups.values()] : []
      if (done.length > 0) groups.clear()
      if (!group) groups.set(key, [row])
      held += 1 - done.reduce((sum, rows) => sum + rows.length, 0)
      if (held > OPEN_ROWS_LIMIT) throw tooManyOpen(mapping, output)
      return done
    },
    *rest(): Generator<[Output, Rows]> {
      for (const [output, groups] of open)
        for (const group of groups.values()) yield [output, group]
    },
  }
}

function tooManyOpen(mapping: Mapping, output: Output): ShoplakeError {
  return new ShoplakeError(
    'mapping_invalid',
    `${mapping.name}: more than ${OPEN_ROWS_LIMIT} rows wait for the end of their group in output "${output.name}"; ` +
      'sort the file by its group_by and set "contiguous": true',
  )
}

function groupEvent(
  output: Output,
  rows: Rows,
  idOf: (output: Output, line: number) => string,
): MappedEvent {
  const { line } = rows[0]!
  try {
    return wireEvent(eventOf(output, rows), line, idOf(output, line))
  } catch (cause) {
    if (!(cause instanceof RowProblem)) throw cause
    return refused(
      { rows: rows.map((row) => row.values) },
      line,
      `${output.name}: ${cause.message}`,
    )
  }
}

function eventOf(output: Output, rows: readonly SourceRow[]): { readonly [name: string]: unknown } {
  const fields = output.fields(rows) ?? {}
  return { event_type: output.event_type, ...(wireValue(fields) as { [name: string]: unknown }) }
}

function wireEvent(
  event: { readonly [name: string]: unknown },
  line: number,
  event_id: string,
): MappedEvent {
  return { value: { event_id, ...event }, line }
}

/** Amounts become decimal text. */
function wireValue(value: Value): unknown {
  if (typeof value === 'bigint') return formatMoney(value)
  if (Array.isArray(value)) return value.map(wireValue)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, wireValue(inner)]))
}

function refused(
  value: { readonly [name: string]: unknown },
  line: number,
  message: string,
): MappedEvent {
  return { value, line, refusal: { reason: 'invalid_field', message } }
}
