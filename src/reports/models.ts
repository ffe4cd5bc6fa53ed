import { TABLES } from '../derive/table.ts'
import { COLLECTED, ENVELOPE, WRITTEN } from '../schema/envelope.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import { refuse } from './compile.ts'
import type { Dialect } from './dialect.ts'
import { expand } from './expand.ts'
import { tokenize } from './tokens.ts'

/** A reusable table under the reports: a view over event views and other models. */
export interface Model {
  readonly name: string
  /** What a row is. */
  readonly description: string
  /** In the portable dialect. */
  readonly sql: string
  readonly sql_line: number
  /** Names that stand after FROM or JOIN: event types and other models among them. */
  readonly reads: readonly string[]
}

/** A view as an engine makes it. */
export interface View {
  readonly name: string
  readonly sql: string
}

/**
 * A model from the text of its file: comment lines that say what a row is, then one SELECT without parameters.
 * Throws report_invalid (not retryable) whose detail lists every problem with its line.
 */
export function parseModel(name: string, text: string): Model {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('-- '))
  const sql = lines.slice(end).join('\n').trimEnd()
  const tokens = tokenize(sql, end + 1)
  const solid = tokens.filter((token) => token.kind !== 'blank')
  const reads = solid
    .filter((_, index) => ['from', 'join'].includes(solid[index - 1]?.text.toLowerCase() ?? ''))
    .filter((token) => token.kind === 'word')
    .map((token) => token.text)
  refuse(`models/${name}.sql`, [
    ...(end > 0 ? [] : [{ line: 1, message: 'the first line must be a comment: what a row is' }]),
    ...expand(tokens, 'duckdb', new Set()).problems,
  ])
  const description = lines
    .slice(0, end)
    .map((line) => line.slice(3))
    .join(' ')
  return { name, description, sql, sql_line: end + 1, reads: [...new Set(reads)] }
}

/**
 * Views for one engine in the order in which they must be made: `events` first, then each model after those that it
 * reads. They stand on one view per event type, which the caller has. Throws report_invalid when models read each other in a circle.
 */
export function compileModels(models: readonly Model[], dialect: Dialect): View[] {
  const byName = new Map(models.map((model) => [model.name, model]))
  const done: View[] = [{ name: 'events', sql: eventsSql() }]
  const open = new Set<string>()
  const visit = (model: Model): void => {
    if (done.some((view) => view.name === model.name)) return
    if (open.has(model.name)) {
      refuse(`models/${model.name}.sql`, [{ line: 1, message: 'it reads itself in a circle' }])
    }
    open.add(model.name)
    for (const name of model.reads) {
      const other = byName.get(name)
      if (other) visit(other)
    }
    const { sql } = expand(tokenize(model.sql, model.sql_line), dialect, new Set())
    done.push({ name: model.name, sql })
  }
  for (const model of models) visit(model)
  return done
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
