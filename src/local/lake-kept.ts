import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { EventType } from '../schema/registry.ts'
import { quoteName, quoteText } from './duckdb.ts'
import type { DayRange, KeptDays, KeptModel, KeptState } from './kept-model.ts'
import type { LakeCore } from './lake-core.ts'
import type { LakeFile } from './lake-files.ts'
import type { ModelView } from './lake-views.ts'

/** Directory of kept rows under the lake's: made from its files, and made again without them. */
export const KEPT = '.models'

const DAY_MS = 86_400_000

/** What stands on disk for the files of the list as they are; everything else there goes. Nothing may be hot yet. */
export async function openKept(core: LakeCore, models: readonly ModelView[]): Promise<KeptState[]> {
  const states: KeptState[] = []
  for (const { name, kept } of models) {
    if (!kept) continue
    const model = { name, ...kept }
    const open = new Set<string>()
    const files = new Map<string, string>()
    for (const type of model.reach.keys()) {
      for (const file of core.types.get(type)!.files.values()) open.add(file.dt)
    }
    for (const day of open) {
      const file = keptPath(core, model, day)
      if (await isThere(path.join(core.lakeDirectory, file))) files.set(day, file)
    }
    for (const day of files.keys()) open.delete(day)
    states.push({ model, days: { files, open }, made: new Map() })
  }
  await removeOthers(core.lakeDirectory, states)
  return states
}

async function isThere(file: string): Promise<boolean> {
  return (await namesIn(path.dirname(file))).includes(path.basename(file))
}

async function removeOthers(lakeDirectory: string, states: readonly KeptState[]): Promise<void> {
  const used = new Set(states.flatMap((state) => [...state.days.files.values()]))
  for (const name of await namesIn(path.join(lakeDirectory, KEPT))) {
    for (const day of await namesIn(path.join(lakeDirectory, KEPT, name))) {
      const folder = `${KEPT}/${name}/${day}`
      const others = (await namesIn(path.join(lakeDirectory, folder))).filter(
        (file) => !used.has(`${folder}/${file}`),
      )
      for (const file of others) await rm(path.join(lakeDirectory, folder, file), { force: true })
    }
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

/** Where a day's rows are kept: the name says what they were made from and how, so that a file is right or unused. */
export function keptPath(core: LakeCore, model: KeptModel, day: string): string {
  const hash = createHash('sha256').update(model.rowsOf([{ from: day, to: day }]))
  for (const file of filesAround(core, model, { from: day, to: day })) hash.update(`\n${file.path}`)
  return `${KEPT}/${model.name}/dt=${day}/${hash.digest('hex').slice(0, 24)}.parquet`
}

/** Files that the rows of some days depend on, by path. */
export function filesAround(core: LakeCore, model: KeptModel, days: DayRange): LakeFile[] {
  const found: LakeFile[] = []
  for (const [type, { back, forward }] of model.reach) {
    const from = shiftDay(days.from, back)
    const to = shiftDay(days.to, forward)
    for (const file of core.types.get(type)!.files.values()) {
      if (file.dt >= from && file.dt <= to) found.push(file)
    }
  }
  return found.sort((left, right) => (left.path < right.path ? -1 : 1))
}

/**
 * Per model whose view no longer fits, its days after a change: rows that come or go on `touched` days of a type reopen the
 * days around those.
 */
export function keptAfter(
  core: LakeCore,
  touched: ReadonlyMap<EventType, ReadonlySet<string>>,
): Map<KeptState, KeptDays> {
  const next = new Map<KeptState, KeptDays>()
  for (const state of core.kept) {
    const files = new Map(state.days.files)
    const open = new Set(state.days.open)
    for (const [type, days] of touched) {
      const reach = state.model.reach.get(type)
      if (!reach) continue
      for (const day of days) {
        for (let at = -reach.forward; at <= -reach.back; at++)
          reopen(shiftDay(day, at), files, open)
        if (!files.has(day)) open.add(day)
      }
    }
    const same = files.size === state.days.files.size && open.size === state.days.open.size
    if (!same) next.set(state, { files, open })
  }
  return next
}

function reopen(day: string, files: Map<string, unknown>, open: Set<string>): void {
  if (files.delete(day)) open.add(day)
}

/** The model's view: what is kept, and the days that are not as the events say now. */
export function keptViewSql(core: LakeCore, model: KeptModel, days: KeptDays): string {
  // A day that nobody has, so that the columns are those of the model even when all its days are kept.
  const open = days.open.size > 0 ? rangesOf(days.open) : [{ from: '1900-01-01', to: '1900-01-01' }]
  const parts = [`SELECT * FROM (\n${model.rowsOf(open)}\n)`]
  const files = [...days.files.values()].filter((file) => file !== undefined)
  if (files.length > 0) {
    const names = files.map((file) => quoteText(path.join(core.lakeDirectory, file))).join(', ')
    parts.push(
      `SELECT * FROM read_parquet([${names}], hive_partitioning = true, hive_types = {'dt': DATE})`,
    )
  }
  return `CREATE OR REPLACE VIEW ${quoteName(model.name)} AS\n${parts.join('\nUNION ALL BY NAME\n')}`
}

/** Days as ranges, in order. */
export function rangesOf(days: Iterable<string>): DayRange[] {
  const ranges: { from: string; to: string }[] = []
  for (const day of [...days].sort()) {
    const last = ranges.at(-1)
    if (last && shiftDay(last.to, 1) === day) last.to = day
    else ranges.push({ from: day, to: day })
  }
  return ranges
}

/** A calendar day some days later. */
export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}
