import { type DayRange, FIRST_DAY, LAST_DAY } from '../derive/days.ts'
import { EVENTS, type EventType } from '../schema/registry.ts'
import { boundTables, eventReach, withTables } from './bounds.ts'
import type { Dialect } from './dialect.ts'
import { expand, refuse } from './expand.ts'
import { EVENTS_MODEL, KEYS, type Model } from './model.ts'
import { EVER, type Reach, SAME_DAYS } from './reach.ts'
import { tableModels } from './table-models.ts'
import { tokenize } from './tokens.ts'

/** A view as an engine makes it. */
export interface View {
  readonly name: string
  readonly sql: string
  /** How its rows can be kept by day. */
  readonly kept?: KeptView
  /** Whether its rows stand in a table (see `trinoTables`) instead of following from `sql`. */
  readonly in_table?: boolean
}

export interface KeptView {
  /** Where the model has a key (see `Model.key`): its column, and its value for an event. */
  readonly key?: { readonly column: string; readonly ofEvent: string }
  /** Rows of some days (ranges in order). Columns as the view's; what it reads is marked as `BoundOptions.kept` says. */
  rowsOf(days: readonly DayRange[]): string
  /** Per event type, the days around a day that its rows depend on. */
  readonly reach: ReadonlyMap<EventType, Reach>
}

/** A model whose rows stand in a table, made anew by days. */
export interface TableModel {
  readonly name: string
  /** A query for the rows of some days, from compacted events and tables of models before it. */
  rowsOf(days: readonly DayRange[]): string
  /** Per event type, the days around a day that its rows depend on. */
  readonly reach: ReadonlyMap<EventType, Reach>
}

/** Models that are tables on Trino, each behind those that it reads. */
export function trinoTables(models: readonly Model[]): TableModel[] {
  const tables = tableModels(models)
  return [...tables].map((name) => {
    const wanted = new Map([[name, SAME_DAYS]])
    const others = without(tables, name)
    const options = { dialect: 'trino', models, tables: others } as const
    return {
      name,
      rowsOf: (days) =>
        withTables(boundTables(wanted, [name], days, options), `SELECT * FROM ${name}`),
      reach: eventReach(name, models),
    }
  })
}

function without(names: ReadonlySet<string>, one: string): ReadonlySet<string> {
  return new Set([...names].filter((name) => name !== one))
}

const ALL_DAYS = [{ from: FIRST_DAY, to: LAST_DAY }]

/**
 * Views for one engine in the order in which they must be made: `events` first, then each model after those that it
 * reads. They stand on one view per event type, which the caller has, and not on each other: each brings along what it reads, so
 * that nothing is evaluated twice. Throws report_invalid when models read each other in a circle.
 */
export function compileModels(models: readonly Model[], dialect: Dialect): View[] {
  const byName = new Map(models.map((model) => [model.name, model]))
  for (const model of models) {
    checkDays(model, byName)
    checkKey(model, byName)
  }
  const done: View[] = [{ name: EVENTS_MODEL.name, sql: EVENTS_MODEL.sql }]
  const open = new Set<string>()
  const tables = dialect === 'trino' ? tableModels(models) : new Set()
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
    const sql = wholeSql(model, models, dialect)
    const kept = dialect === 'duckdb' && model.kept
    done.push({
      name: model.name,
      sql,
      ...(kept ? { kept: keptView(model, models) } : {}),
      ...(tables.has(model.name) ? { in_table: true } : {}),
    })
  }
  for (const model of models) visit(model)
  return done
}

function keptView(model: Model, models: readonly Model[]): KeptView {
  const wanted = new Map([[model.name, SAME_DAYS]])
  const reach = eventReach(model.name, models)
  const endless = [...reach].filter(([, { back, forward }]) => !Number.isFinite(forward - back))
  refuse(
    `models/${model.name}.sql`,
    endless.map(([type]) => ({ line: 1, message: `it cannot be kept: it reads all of ${type}` })),
  )
  const others = models.map((other) => (other === model ? { ...model, kept: false } : other))
  return {
    rowsOf: (days) =>
      withTables(
        boundTables(wanted, [model.name], days, { dialect: 'duckdb', models: others, kept: true }),
        `SELECT * FROM ${model.name}`,
      ),
    reach,
    ...(model.key ? { key: { column: model.key, ofEvent: KEYS[model.key]! } } : {}),
  }
}

function wholeSql(model: Model, models: readonly Model[], dialect: Dialect): string {
  const { sql } = expand(tokenize(model.sql, model.sql_line), dialect, new Set())
  const wanted = new Map([[model.name, EVER]])
  const others = dialect === 'trino' ? without(tableModels(models), model.name) : undefined
  const tables = boundTables(wanted, [model.name], ALL_DAYS, {
    ...{ dialect, models },
    ...(others ? { tables: others } : {}),
  })
  return withTables(
    tables.filter((table) => table.name !== model.name),
    sql,
  )
}

/** A model that says how many days it reads says so for every table, and for no other. */
function checkDays(model: Model, byName: ReadonlyMap<string, Model>): void {
  if (!model.days) return
  const tables = model.reads.filter(
    (name) => byName.has(name) || name === 'events' || Object.hasOwn(EVENTS, name),
  )
  const missing = tables.filter((name) => !model.days!.has(name))
  const extra = [...model.days.keys()].filter((name) => !tables.includes(name))
  refuse(`models/${model.name}.sql`, [
    ...missing.map((name) => ({ line: 1, message: `"days" leaves out ${name}, which it reads` })),
    ...extra.map((name) => ({ line: 1, message: `"days" names ${name}, which it does not read` })),
  ])
}

/** A key holds in all models that one with it reads. */
function checkKey(model: Model, byName: ReadonlyMap<string, Model>): void {
  if (!model.key) return
  const others = model.reads.filter(
    (name) => byName.has(name) && byName.get(name)!.key !== model.key,
  )
  refuse(
    `models/${model.name}.sql`,
    others.map((name) => ({
      line: 1,
      message: `${name}, which it reads, has not the key ${model.key}`,
    })),
  )
}
