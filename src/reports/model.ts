import { TABLES } from '../derive/table.ts'
import { COLLECTED, ENVELOPE, WRITTEN } from '../schema/envelope.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import { expand, type Problem, refuse } from './expand.ts'
import { parseReach, type Reach, SAME_DAYS } from './reach.ts'
import { parseTableMacro, type TableMacro, writeTableMacros } from './table-macros.ts'
import { readsOf, tokenize } from './tokens.ts'

/**
 * Keys that models may have, each with its value for an event. The owner is what sessions are made by: the session_id, else the
 * browser, else the customer.
 */
export const KEYS: { readonly [column: string]: string } = {
  order_id: 'order_id',
  owner: "COALESCE(session_id, anonymous_id, customer_id, '')",
}

/** A reusable table under the reports: a view over event views and other models. */
export interface Model {
  readonly name: string
  /** What a row is. */
  readonly description: string
  /** In the portable dialect, table macros written out. */
  readonly sql: string
  readonly sql_line: number
  /** Names that stand after FROM or JOIN: event types and other models among them. */
  readonly reads: readonly string[]
  /** The same, as often as they stand there. */
  readonly tables: readonly string[]
  /**
   * For rows of a range of days (`dt`) to be right: how many days around it each table must be read. Absent where
   * a row may depend on any day.
   */
  readonly days?: ReadonlyMap<string, Reach>
  /**
   * Whether an engine may keep its rows of a day once that day and those around it are over, and make them again when
   * an event comes late.
   */
  readonly kept: boolean
  /** A column whose values are one of KEYS: its rows with a key come from events with that key alone. */
  readonly key?: string
  /** Whether it is cheaper to evaluate it at each use, for the columns and rows wanted there, than to hold its rows. */
  readonly in_place: boolean
}

/** The models from the texts of all files, by name; those of table macros (`-- takes:`) serve the others. Throws report_invalid (not retryable) whose detail lists every problem with its line. */
export function parseModels(texts: { readonly [name: string]: string }): Model[] {
  const files = Object.entries(texts)
  const macros = files.flatMap(([name, text]) => parseTableMacro(name, text) ?? [])
  return files
    .filter(([name]) => !macros.some((macro) => macro.name === name))
    .map(([name, text]) => parseModel(name, text, macros))
}

/**
 * A model from the text of its file: comment lines that say what a row is, then one SELECT without parameters. Among the
 * comments may stand `-- days: table -1..1, other 0..0`, which names each table that it reads (see `Model.days`), and
 * `-- keep: days` (see `Model.kept`), `-- key: order_id` (see `Model.key`) and `-- use: in place` (see `Model.in_place`). Throws report_invalid (not retryable) whose
 * detail lists every problem with its line.
 */
function parseModel(name: string, text: string, macros: readonly TableMacro[] = []): Model {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('-- '))
  const head = readHead(lines.slice(0, end))
  const own = tokenize(lines.slice(end).join('\n').trimEnd(), end + 1)
  const { tokens, problems } = writeTableMacros(own, macros)
  const sql = tokens.map(({ text }) => text).join('')
  const tables = readsOf(tokens)
  refuse(`models/${name}.sql`, [
    ...(end > 0 ? [] : [{ line: 1, message: 'the first line must be a comment: what a row is' }]),
    ...head.problems,
    ...problems,
    ...expand(tokens, 'duckdb', new Set()).problems,
  ])
  const { description, days, kept, key, in_place } = head
  const reads = [...new Set(tables)]
  return {
    ...{ name, description, sql, sql_line: end + 1, reads, tables, kept, in_place },
    ...(days ? { days } : {}),
    ...(key ? { key } : {}),
  }
}

interface Head {
  readonly description: string
  readonly days?: ReadonlyMap<string, Reach>
  readonly key?: string
  readonly kept: boolean
  readonly in_place: boolean
  readonly problems: readonly Problem[]
}

function readHead(lines: readonly string[]): Head {
  const words: string[] = []
  const problems: Problem[] = []
  const days = new Map<string, Reach>()
  let key: string | undefined
  let kept = false
  let in_place = false
  for (const [index, line] of lines.entries()) {
    const [, value] = /^-- days: (.*)$/.exec(line) ?? []
    const [, column] = /^-- key: ([a-z_]+)$/.exec(line) ?? []
    if (column && Object.hasOwn(KEYS, column)) key = column
    else if (line === '-- keep: days') kept = true
    else if (line === '-- use: in place') in_place = true
    else if (value === undefined) words.push(line.slice(3))
    else {
      const found = parseReach(value, index + 1)
      for (const [table, reach] of found.reach) days.set(table, reach)
      problems.push(...found.problems)
    }
  }
  const description = words.join(' ')
  return {
    ...{ description, kept, in_place, problems },
    ...(days.size > 0 ? { days } : {}),
    ...(key ? { key } : {}),
  }
}

/** Own columns of event types that `events` also carries, where the type has them. */
const SUBJECTS = ['order_id', 'product_id'] as const

/** Columns of `events`: what every event has, and what it is about. */
export function eventsColumns(): readonly string[] {
  const shared = [...Object.keys(ENVELOPE), ...COLLECTED.map((field) => field.name), WRITTEN.name]
  const stored = shared.map((name) => (name === 'timestamp' ? 'occurred_at' : name))
  return ['event_type', ...stored, ...SUBJECTS, 'dt']
}

/** Every event of every type in one table. */
function eventsSql(): string {
  return EVENT_TYPES.map(eventsBranch).join('\nUNION ALL\n')
}

function eventsBranch(type: EventType): string {
  const own = new Set(TABLES[type].columns.map((column) => column.name))
  const select = eventsColumns().map((name) => {
    if (name === 'event_type') return `'${EVENTS[type].type}' AS event_type`
    return own.has(name) || name === 'dt' ? name : `CAST(NULL AS VARCHAR) AS ${name}`
  })
  return `SELECT ${select.join(', ')} FROM ${type}`
}

/** `events`, as a model: every event of every type in one table. */
export const EVENTS_MODEL: Model = {
  name: 'events',
  description: 'Every event.',
  sql: eventsSql(),
  sql_line: 1,
  reads: EVENT_TYPES,
  tables: EVENT_TYPES,
  days: new Map(EVENT_TYPES.map((type) => [type, SAME_DAYS])),
  kept: false,
  in_place: true,
}
