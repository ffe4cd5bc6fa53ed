import { type DayRange, FIRST_DAY, isWithin, joinDays, shiftDay } from '../derive/days.ts'
import type { EventType } from '../schema/registry.ts'
import { filesAround, isHot, type KeptModel } from './lake-kept.ts'
import type { LakeState } from './lake-state.ts'
import { readFiles, typeSelectSql, type ViewSource } from './lake-views.ts'

/** `lake_days('table', 'from..to,from..to')` after FROM: rows of an event type or of a kept model on some UTC days. */
const MARK = /\blake_days\('(\w+)', '([\d.,-]+)'\)/g

/**
 * A statement with each mark replaced by what holds those rows in a state of the lake: files of the days asked for and no others, hot
 * rows, kept rows, and where days of a model are not kept, its rows as the events say. Those are evaluated once for all marks,
 * in a WITH clause in front of the statement's own.
 */
export function resolveDays(
  sql: string,
  state: LakeState,
  models: readonly KeptModel[],
  source: ViewSource,
): string {
  const byName = new Map(models.map((model) => [model.name, model]))
  const wanted = new Map<string, DayRange[]>()
  const rowsOf = (name: string, days: readonly DayRange[]): string => {
    const model = byName.get(name)
    if (!model) return typeRows(name as EventType, days, state, source)
    const { open, files } = partsOf(model, days, state)
    wanted.set(name, [...(wanted.get(name) ?? []), ...open])
    const parts = open.length > 0 ? [`SELECT * FROM ${liveName(name)} WHERE ${inDays(open)}`] : []
    if (files.length > 0) parts.push(`SELECT * FROM ${readFiles(files, source.lakeDirectory)}`)
    return parts.join('\nUNION ALL BY NAME\n')
  }
  const resolve = (text: string) =>
    text.replace(MARK, (_, name: string, days: string) => `(${rowsOf(name, readDays(days))})`)
  const whole = resolve(sql)
  const live: string[] = []
  for (const model of [...models].reverse()) {
    const open = wanted.get(model.name)
    if (!open || open.length === 0) continue
    const rows = resolve(model.rowsOf(joinDays(open)))
    live.unshift(`${liveName(model.name)} AS MATERIALIZED (\n${rows}\n)`)
  }
  if (live.length === 0) return whole
  const own = /^\s*WITH\s+/i.exec(whole)
  return `WITH ${live.join(',\n')}${own ? `,\n${whole.slice(own[0].length)}` : `\n${whole}`}`
}

function liveName(name: string): string {
  return `live_${name}`
}

/** Which of the days a model has in files, and the others, where there are any events for them. */
function partsOf(
  model: KeptModel,
  days: readonly DayRange[],
  state: LakeState,
): { open: DayRange[]; files: string[] } {
  const kept = [...state.kept.get(model.name)!].filter(([day]) => isWithin(day, days)).sort()
  const files = kept.map(([, file]) => file)
  const open = daysBeside(
    days,
    kept.map(([day]) => day),
  ).filter(
    (range) =>
      filesAround(model, range, state.types).length > 0 || isHot(model, range, state.types),
  )
  // No rows at all: the columns are the model's all the same.
  if (files.length === 0 && open.length === 0) open.push({ from: FIRST_DAY, to: FIRST_DAY })
  return { open, files }
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
