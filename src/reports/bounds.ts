import { athenaNames } from '../derive/athena.ts'
import { type DayRange, FIRST_DAY, joinDays, LAST_DAY, shiftDay } from '../derive/days.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import type { Dialect } from './dialect.ts'
import { expand } from './expand.ts'
import { EVENTS_MODEL, KEYS, type Model } from './model.ts'
import { addReach, EVER, hullOf, isEver, type Reach, SAME_DAYS } from './reach.ts'
import { tableModels } from './table-models.ts'
import { tokenize } from './tokens.ts'

export interface BoundOptions {
  readonly dialect: Dialect
  readonly models: readonly Model[]
  /**
   * Whether the engine keeps rows of models by day (see `Model.kept`). Those are then read, as event types that are cut are, by
   * `lake_days('table', 'from..to,from..to')` after FROM, which the engine replaces by what holds the rows of those days.
   */
  readonly kept?: boolean
  /** Wanted models that are read for some keys alone (see `Model.key`), with the table that holds the keys. Not on Trino. */
  readonly chosen?: ReadonlyMap<string, string>
  /** Models whose rows stand in tables: read by their names, and no further. On Trino without it: `tableModels`. */
  readonly tables?: ReadonlySet<string>
}

/** A table as one statement sees it: its name and the query that stands for it. */
export interface BoundTable {
  readonly name: string
  /** `name AS (…)`, for the WITH clause. */
  readonly sql: string
  /** The table whose keys it is read for, where not all of it is wanted: that one must stand before it. */
  readonly of?: string
}

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES)

/**
 * What a statement's WITH clause begins with so that the tables it names read no more days than they must: each in place of
 * the view of its name, each evaluated once, those that others read first. `wanted` are the days around `days` for which
 * each table is wanted; it has those rows and no others. Event types that are needed whole stay views. `uses` counts how often the statement reads each; `days` are ranges in order.
 */
export function boundTables(
  wanted: ReadonlyMap<string, Reach>,
  uses: readonly string[],
  days: readonly DayRange[],
  options: BoundOptions,
): BoundTable[] {
  const models = new Map([EVENTS_MODEL, ...options.models].map((model) => [model.name, model]))
  const stored = storedOf(options)
  for (const model of options.models) {
    if (stored.has(model.name)) models.set(model.name, { ...model, reads: [], tables: [] })
  }
  const order = dependentsFirst([...wanted.keys()], models)
  const keys = keysOf([...wanted.keys()], models, options)
  const isListed = (name: string) => options.dialect === 'trino' || keys.has(name)
  const reaches = reachesOf(wanted, order, models, isListed)
  if (!options.kept) {
    for (const name of stored) if (isEver(reaches.get(name) ?? SAME_DAYS)) reaches.delete(name)
  }
  const bound = order.filter((name) => reaches.has(name))
  const reads = [...uses, ...bound.flatMap((name) => models.get(name)?.tables ?? [])]
  return bound.reverse().map((name) => {
    const model = stored.has(name) && !options.kept ? undefined : models.get(name)
    const often = reads.filter((read) => read === name).length > 1
    const reach = reaches.get(name)!
    const marked = options.kept && (!model || model.kept)
    const key = keys.get(name)
    const source = marked
      ? `lake_days('${name}', '${daysText(daysAround(reach, days))}') AS ${name}`
      : sourceOf(name, model, options)
    const conditions = [
      ...(marked ? [] : cutOf(reach, days)),
      ...(key && (!model || marked)
        ? [`${model ? key.column : KEYS[key.column]} IN (SELECT ${key.column} FROM ${key.of})`]
        : []),
    ]
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
    const once = options.dialect === 'duckdb' ? onceOf(model, often) : ''
    const sql = `${name} AS ${once}(SELECT * FROM ${source}${where})`
    return { name, sql, ...(key ? { of: key.of } : {}) }
  })
}

/** Tables that none but chosen models read, and for which keys. */
function keysOf(
  wanted: readonly string[],
  models: ReadonlyMap<string, Model>,
  { chosen = new Map(), dialect }: BoundOptions,
): Map<string, { column: string; of: string }> {
  const keys = new Map<string, { column: string; of: string }>()
  if (dialect === 'trino') return keys
  const others = wanted.filter((name) => !chosen.has(name))
  const whole = new Set(dependentsFirst(others, models))
  for (const [model, of] of chosen) {
    const column = models.get(model)?.key
    if (!column) continue
    for (const name of dependentsFirst([model], models)) {
      if (!whole.has(name)) keys.set(name, { column, of })
    }
  }
  return keys
}

/** Models that are not read further than their rows: kept by day, or in tables. */
function storedOf({ kept, tables, dialect, models }: BoundOptions): ReadonlySet<string> {
  if (kept) return new Set(models.filter((model) => model.kept).map(({ name }) => name))
  return tables ?? (dialect === 'trino' ? tableModels(models) : new Set())
}

/** Types of events that a model reads, with the days around a day for which its rows are to be right. */
export function eventReach(name: string, all: readonly Model[]): Map<EventType, Reach> {
  const models = new Map([EVENTS_MODEL, ...all].map((model) => [model.name, model]))
  const wanted = new Map([[name, { back: 0, forward: 0 }]])
  const reaches = reachesOf(wanted, dependentsFirst([name], models), models, () => true)
  return new Map([...reaches].filter(([read]) => TYPES.has(read))) as Map<EventType, Reach>
}

/** Tables from the asked ones down to events: each before those that it reads. */
function dependentsFirst(names: readonly string[], models: ReadonlyMap<string, Model>): string[] {
  const done: string[] = []
  const visit = (name: string): void => {
    if (done.includes(name)) return
    for (const read of readsOfModel(models.get(name), models)) visit(read)
    done.push(name)
  }
  for (const name of names) visit(name)
  return done.reverse()
}

/** Per table the days around the range. Whole event tables stay views, unless they are `listed`. */
function reachesOf(
  wanted: ReadonlyMap<string, Reach>,
  order: readonly string[],
  models: ReadonlyMap<string, Model>,
  listed: (name: string) => boolean,
): Map<string, Reach> {
  const reaches = new Map<string, Reach>()
  const widen = (name: string, reach: Reach) => reaches.set(name, hullOf(reaches.get(name), reach))
  for (const [name, reach] of wanted) widen(name, reach)
  for (const name of order) {
    const reach = reaches.get(name)!
    const model = models.get(name)
    for (const read of readsOfModel(model, models)) {
      widen(read, addReach(reach, model?.days?.get(read) ?? EVER))
    }
    if (!model && isEver(reach) && !listed(name)) reaches.delete(name)
  }
  return reaches
}

/** The models and event types among what a model reads; the rest are names of its own. */
function readsOfModel(model: Model | undefined, models: ReadonlyMap<string, Model>): string[] {
  return model?.reads.filter((name) => models.has(name) || TYPES.has(name)) ?? []
}

/** Copied where that saves a second evaluation. Event tables are not: each use reads other columns. */
function onceOf(model: Model | undefined, often: boolean): string {
  return model && often && !model.in_place ? 'MATERIALIZED ' : 'NOT MATERIALIZED '
}

/** On Trino models and reports read what is compacted: see `compactedViewSql`. */
function isCompacted(name: string, { dialect }: BoundOptions): boolean {
  return dialect === 'trino' && TYPES.has(name)
}

function sourceOf(name: string, model: Model | undefined, options: BoundOptions): string {
  if (!model) {
    return isCompacted(name, options) ? `${athenaNames(name).compacted} AS ${name}` : name
  }
  const { sql } = expand(tokenize(model.sql, model.sql_line), options.dialect, new Set())
  return `(\n${sql}\n) AS ${name}`
}

function cutOf(reach: Reach, days: readonly DayRange[]): string[] {
  if (isEver(reach)) return []
  const ranges = daysAround(reach, days).map(({ from, to }) => {
    if (from === FIRST_DAY) return `dt <= DATE '${to}'`
    return to === LAST_DAY ? `dt >= DATE '${from}'` : `dt BETWEEN DATE '${from}' AND DATE '${to}'`
  })
  return [ranges.length === 1 ? ranges[0]! : `(${ranges.join(' OR ')})`]
}

function daysText(days: readonly DayRange[]): string {
  return days.map(({ from, to }) => `${from}..${to}`).join(',')
}

/** The days around ranges in order. */
function daysAround(reach: Reach, days: readonly DayRange[]): DayRange[] {
  const { back, forward } = reach
  return joinDays(
    days.map(({ from, to }) => ({
      from: Number.isFinite(back) ? shiftDay(from, back) : FIRST_DAY,
      to: Number.isFinite(forward) ? shiftDay(to, forward) : LAST_DAY,
    })),
  )
}

/** A statement with more tables in front of its own WITH clause. */
export function withTables(tables: readonly BoundTable[], sql: string): string {
  if (tables.length === 0) return sql
  const own = /^\s*WITH\s+/i.exec(sql)
  const rest = own ? `,\n${sql.slice(own[0].length)}` : `\n${sql}`
  return `WITH ${tables.map((table) => table.sql).join(',\n')}${rest}`
}
