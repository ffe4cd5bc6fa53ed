import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { type DayRange, shiftDay } from '../derive/days.ts'
import type { EventType } from '../schema/registry.ts'
import { type LakeFile, newFileName } from './lake-files.ts'
import type { KeptFiles, LakeState } from './lake-state.ts'

/** A model whose rows of a day come from the events of the days around it alone, so that they can be kept. */
export interface KeptModel {
  readonly name: string
  /** The model over events and nothing else, so that its kept rows follow changes of any model that it reads. */
  readonly sql: string
  /** Its rows of a key come from events of that key alone: the column, and its value for an event. */
  readonly key?: { readonly column: string; readonly ofEvent: string }
  /** SELECT that marks what it reads by `lake_days`: the rows of these days, ranges in order. */
  rowsOf(days: readonly DayRange[]): string
  /** Per event type, the days around a day that its rows depend on. */
  readonly reach: ReadonlyMap<EventType, { readonly back: number; readonly forward: number }>
}

/** Directory of kept rows under the lake's. All of it may be deleted while the lake is closed: it is made again. */
const KEPT = '.models'
/** Folder of rows of days that are not over. Which files they were made of is not written down: a start deletes them. */
const SO_FAR = 'so-far'

type Types = LakeState['types']

/** Per model, what stands on disk for the files of the lake as they are; everything else there is deleted. Before anybody reads. */
export async function openKept(
  models: readonly KeptModel[],
  types: Types,
  lakeDirectory: string,
): Promise<Map<string, KeptFiles>> {
  const byName = new Map(models.map((model) => [model.name, model]))
  const kept = new Map<string, Map<string, string>>()
  for (const name of byName.keys()) kept.set(name, new Map())
  for (const name of await namesIn(path.join(lakeDirectory, KEPT))) {
    const model = byName.get(name)
    for (const folder of await namesIn(path.join(lakeDirectory, KEPT, name))) {
      const day = folder.slice('dt='.length)
      const right = model && folder !== SO_FAR && keptPath(model, day, types)
      for (const file of await namesIn(path.join(lakeDirectory, KEPT, name, folder))) {
        const found = `${KEPT}/${name}/${folder}/${file}`
        if (found === right) kept.get(name)!.set(day, found)
        else await rm(path.join(lakeDirectory, found), { force: true })
      }
    }
  }
  return kept
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

/**
 * Where a day's rows are kept. The name says which files they were made from and by which SQL, and files of the lake never
 * change: what stands under this name is right, and what stands under another is not read.
 */
export function keptPath(model: KeptModel, day: string, types: Types): string {
  const days = { from: day, to: day }
  const paths = filesAround(model, days, types).map((file) => file.path)
  const hash = createHash('sha256').update(model.sql)
  for (const file of paths.sort()) hash.update(`\n${file}`)
  return `${KEPT}/${model.name}/dt=${day}/${hash.digest('hex').slice(0, 24)}.parquet`
}

/** A place for rows of days that are not over: a name that no other file has or had. */
export function soFarPath(model: KeptModel, now: number): string {
  return `${KEPT}/${model.name}/${SO_FAR}/${newFileName(now)}`
}

/** Files that the rows of some days depend on. */
export function filesAround(model: KeptModel, days: DayRange, types: Types): LakeFile[] {
  const found: LakeFile[] = []
  for (const [type, { back, forward }] of model.reach) {
    const from = shiftDay(days.from, back)
    const to = shiftDay(days.to, forward)
    for (const file of types.get(type)!.files.values()) {
      if (file.dt >= from && file.dt <= to) found.push(file)
    }
  }
  return found
}

/** Whether rows of some days depend on any that are not in files yet. */
export function isHot(model: KeptModel, days: DayRange, types: Types): boolean {
  for (const [type, { back, forward }] of model.reach) {
    const from = shiftDay(days.from, back)
    const to = shiftDay(days.to, forward)
    for (const hot of types.get(type)!.hot.days) if (hot >= from && hot <= to) return true
  }
  return false
}

/** Whether rows on any of these days may change those of a model from some day on. */
export function reaches(
  model: KeptModel,
  from: string,
  touched: ReadonlyMap<EventType, ReadonlySet<string>>,
): boolean {
  return [...touched].some(([type, days]) => {
    const reach = model.reach.get(type)
    return reach && [...days].some((day) => day >= shiftDay(from, reach.back))
  })
}

/** What is still right once rows of types have come or gone on these days. */
export function keptAfter(
  model: KeptModel,
  files: KeptFiles,
  touched: ReadonlyMap<EventType, ReadonlySet<string>>,
): KeptFiles {
  const gone = new Set<string>()
  for (const [type, days] of touched) {
    const reach = model.reach.get(type)
    if (!reach) continue
    for (const day of days) {
      for (let shift = -reach.forward; shift <= -reach.back; shift++) {
        const around = shiftDay(day, shift)
        if (files.has(around)) gone.add(around)
      }
    }
  }
  return gone.size === 0 ? files : new Map([...files].filter(([day]) => !gone.has(day)))
}
