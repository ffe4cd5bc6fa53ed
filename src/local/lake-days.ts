import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type DayRange, FIRST_DAY, isWithin, joinDays, LAST_DAY, shiftDay } from '../derive/days.ts'
import type { EventType } from '../schema/registry.ts'
import { quoteText } from './duckdb.ts'
import { filesAround, isHot, type KeptModel } from './lake-kept.ts'
import { newEvents, newKeysSql } from './lake-so-far.ts'
import type { LakeState } from './lake-state.ts'
import { readFiles, typeSelectSql, type ViewSource } from './lake-views.ts'
import { runStatement } from './parquet.ts'

/** `lake_days('table', 'from..to,from..to')` after FROM: rows of an event type or of a kept model on some UTC days. */
const MARK = /\blake_days\('(\w+)', '([\d.,-]+)'\)/g

/** A statement, and the tables that it reads, in order: each is made on the connection that runs it. */
export interface ResolvedSql {
  readonly live: readonly LiveTable[]
  readonly sql: string
}

interface LiveTable {
  readonly name: string
  readonly sql: string
}

/** Makes what a statement reads, so that it can be run on the connection. */
export async function makeLive(
  connection: DuckDBConnection,
  live: ResolvedSql['live'],
): Promise<void> {
  for (const { name, sql } of live) {
    await runStatement(connection, `CREATE OR REPLACE TEMP TABLE ${name} AS\n${sql}`)
  }
}

/**
 * A statement with each mark replaced by what holds those rows in a state of the lake: files of the days asked for and no others, hot
 * rows, kept rows, and where days of a model are not kept, its rows as the events say. Those are evaluated once for all marks,
 * into tables: the plan of what reads them then goes by how many there are. Of days that are kept so far only rows with keys of
 * newer events are.
 */
export function resolveDays(
  sql: string,
  state: LakeState,
  models: readonly KeptModel[],
  source: ViewSource,
): ResolvedSql {
  const byName = new Map(models.map((model) => [model.name, model]))
  const wanted = new Map<string, DayRange[]>()
  const want = (table: string, days: readonly DayRange[]) => {
    wanted.set(table, [...(wanted.get(table) ?? []), ...days])
    return `SELECT * FROM ${table} WHERE ${inDays(days)}`
  }
  const rowsOf = (name: string, days: readonly DayRange[]): string => {
    const model = byName.get(name)
    if (!model) return typeRows(name as EventType, days, state, source)
    const { files, open, soFar } = partsOf(model, days, state)
    const parts = open.length > 0 ? [want(`live_${name}`, open)] : []
    if (files.length > 0) parts.push(`SELECT * FROM ${readFiles(files, source.lakeDirectory)}`)
    if (soFar.length > 0) {
      const hasNew = newOf(model, state, source).length > 0
      if (hasNew) parts.push(want(`newer_${name}`, soFar))
      const but = hasNew ? ` ANTI JOIN ${keysTable(model)} USING (${model.key!.column})` : ''
      const { file } = state.soFar.get(name)!
      const kept = quoteText(path.join(source.lakeDirectory, file))
      parts.push(`SELECT * FROM read_parquet(${kept})${but} WHERE ${inDays(soFar)}`)
    }
    return parts.join('\nUNION ALL BY NAME\n')
  }
  const resolve = (text: string, within?: KeptModel) =>
    text.replace(MARK, (_, name: string, days: string) => {
      const rows = `(${rowsOf(name, readDays(days))})`
      if (!within) return rows
      const { column, ofEvent } = within.key!
      const key = byName.has(name) ? column : ofEvent
      return `(SELECT * FROM ${rows} WHERE ${key} IN (FROM ${keysTable(within)}))`
    })
  const whole = resolve(sql)
  const live: LiveTable[] = []
  for (const model of [...models].reverse()) {
    const make = (name: string, within?: KeptModel) => {
      const days = wanted.get(name)
      if (days) live.unshift({ name, sql: resolve(model.rowsOf(joinDays(days)), within) })
      return days !== undefined
    }
    make(`live_${model.name}`)
    if (make(`newer_${model.name}`, model)) {
      const keys = newKeysSql(model.key!, newOf(model, state, source), source)
      live.unshift({ name: keysTable(model), sql: keys })
    }
  }
  return { live, sql: whole }
}

/** The table of keys for which rows kept so far are not right any more. */
function keysTable(model: KeptModel): string {
  return `keys_of_${model.name}`
}

function newOf(model: KeptModel, state: LakeState, source: ViewSource) {
  const found = newEvents(model, state.soFar.get(model.name)!, state.types)
  return found.filter(({ files, hot }) => files.length > 0 || (hot && source.hot))
}

interface Parts {
  readonly files: readonly string[]
  readonly open: readonly DayRange[]
  readonly soFar: readonly DayRange[]
}

/** Which of the days a model has in files, which so far, and the others, where there are any events for them. */
function partsOf(model: KeptModel, days: readonly DayRange[], state: LakeState): Parts {
  const kept = [...state.kept.get(model.name)!].filter(([day]) => isWithin(day, days)).sort()
  const files = kept.map(([, file]) => file)
  const others = daysBeside(
    days,
    kept.map(([day]) => day),
  )
  const from = state.soFar.get(model.name)?.from
  const soFar = from === undefined ? [] : cutDays(others, { from, to: LAST_DAY })
  const before = from === undefined ? LAST_DAY : shiftDay(from, -1)
  const open = cutDays(others, { from: FIRST_DAY, to: before }).filter(
    (range) =>
      filesAround(model, range, state.types).length > 0 || isHot(model, range, state.types),
  )
  // No rows at all: the columns are the model's all the same.
  if (files.length + open.length + soFar.length === 0) open.push({ from: FIRST_DAY, to: FIRST_DAY })
  return { files: files.reverse(), open, soFar }
}

/** Days but some single ones, as ranges in order. */
function daysBeside(days: readonly DayRange[], single: readonly string[]): DayRange[] {
  const ranges: DayRange[] = []
  for (const range of days) {
    let { from } = range
    for (const day of single) {
      if (day < from || day > range.to) continue
      if (from < day) ranges.push({ from, to: shiftDay(day, -1) })
      from = shiftDay(day, 1)
    }
    if (from <= range.to) ranges.push({ from, to: range.to })
  }
  return ranges
}

/** As much of some ranges as lies within another. */
function cutDays(ranges: readonly DayRange[], within: DayRange): DayRange[] {
  return ranges
    .map(({ from, to }) => ({
      from: [from, within.from].sort()[1]!,
      to: [to, within.to].sort()[0]!,
    }))
    .filter(({ from, to }) => from <= to)
}

function typeRows(
  type: EventType,
  days: readonly DayRange[],
  state: LakeState,
  source: ViewSource,
): string {
  const { files, hot } = state.types.get(type)!
  const own = [...files.values()].filter((file) => isWithin(file.dt, days))
  const withHot = source.hot && [...hot.days].some((day) => isWithin(day, days))
  const rows = typeSelectSql(type, own, { ...source, hot: withHot })
  return withHot ? `SELECT * FROM (${rows}) WHERE ${inDays(days)}` : rows
}

function inDays(ranges: readonly DayRange[]): string {
  const each = ranges.map(({ from, to }) => `dt BETWEEN DATE '${from}' AND DATE '${to}'`)
  return `(${each.join(' OR ')})`
}

function readDays(text: string): DayRange[] {
  return text.split(',').map((range) => {
    const [from, to] = range.split('..') as [string, string]
    return { from, to }
  })
}
