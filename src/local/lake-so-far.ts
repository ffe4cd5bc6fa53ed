import { isWithin, LAST_DAY, shiftDay } from '../derive/days.ts'
import type { EventType } from '../schema/registry.ts'
import type { LakeFile } from './lake-files.ts'
import type { KeptModel } from './lake-kept.ts'
import type { LakeState, SoFar } from './lake-state.ts'
import { typeSelectSql, type ViewSource } from './lake-views.ts'

/** Rows kept so far are made again once one event in so many of those that they depend on is new. */
const NEW_SHARE = 64

type Types = LakeState['types']

/** Events of a type that may change rows kept so far. */
interface NewEvents {
  readonly type: EventType
  readonly files: readonly LakeFile[]
  readonly hot: boolean
}

/** The first day whose rows may still change because it, or a day that they depend on, is not over. */
export function firstOpenDay(model: KeptModel, today: string): string {
  return shiftDay(today, -Math.max(...[...model.reach.values()].map(({ forward }) => forward)))
}

/** What has come since rows were kept so far, on the days that these depend on. */
export function newEvents(model: KeptModel, soFar: SoFar, types: Types): NewEvents[] {
  const found: NewEvents[] = []
  for (const [type, { back }] of model.reach) {
    const days = [{ from: shiftDay(soFar.from, back), to: LAST_DAY }]
    const { files, hot } = types.get(type)!
    const added = [...files.values()].filter(
      (file) => isWithin(file.dt, days) && !soFar.made_of.has(file.path),
    )
    const isHot = [...hot.days].some((day) => isWithin(day, days))
    if (added.length > 0 || isHot) found.push({ type, files: added, hot: isHot })
  }
  return found
}

/** The keys of new events, once each, in a column of the key's name. */
export function newKeysSql(
  key: NonNullable<KeptModel['key']>,
  events: readonly NewEvents[],
  source: ViewSource,
): string {
  const each = events.map(({ type, files, hot }) => {
    const rows = typeSelectSql(type, files, { ...source, hot: source.hot && hot })
    return `SELECT ${key.ofEvent} AS ${key.column} FROM (${rows})`
  })
  return `SELECT DISTINCT ${key.column} FROM (\n${each.join('\nUNION ALL\n')}\n)`
}

/** How many events in files have come since. */
export function newRows(model: KeptModel, soFar: SoFar, types: Types): number {
  let rows = 0
  for (const { files } of newEvents(model, soFar, types)) {
    for (const file of files) rows += file.rows
  }
  return rows
}

/** Whether rows kept so far stand for too little of what is in files by now. */
export function isBehind(model: KeptModel, soFar: SoFar, types: Types): boolean {
  return newRows(model, soFar, types) * NEW_SHARE > soFar.rows
}
