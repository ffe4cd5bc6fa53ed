import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type DayRange, shiftDay } from '../derive/days.ts'
import type { LakeCore } from './lake-core.ts'
import { resolveDays } from './lake-days.ts'
import { unfinishedPath } from './lake-encode.ts'
import { publishFile } from './lake-files.ts'
import { filesAround, isHot, type KeptModel, keptPath } from './lake-kept.ts'
import type { LakeState } from './lake-state.ts'
import { copyToParquet, runStatement } from './parquet.ts'

/** Rows of events read for days that are made together. */
const MAX_ROWS = 1_000_000
/** Days around which a file is as young as that are not kept yet: a history being imported would be kept again and again, ms. */
const SETTLED_MS = 60_000
/** A day to which events keep coming late is not made again sooner, ms. */
const AGAIN_MS = 5 * 60_000
const MADE = 'kept_rows'

/**
 * Keeps the rows of some days of one model that are over; models that others read go first, then the latest days. Returns whether
 * there were any. Queries see the same rows before and after. Throws `lakeError`s; then nothing has happened.
 */
export async function keepOnce(core: LakeCore): Promise<boolean> {
  for (const model of core.models) {
    const days = nextDays(core, model)
    if (!days) continue
    const release = core.leases.lease()
    try {
      const made = await makeDays(core, model, days, core.state)
      await core.lock(async () => showDays(core, model, made))
    } finally {
      release()
    }
    return true
  }
  return false
}

/** Days in a row that can be kept, as many as make a moderate statement. */
function nextDays(core: LakeCore, model: KeptModel): DayRange | undefined {
  const { types, kept } = core.state
  const today = new Date(core.now()).toISOString().slice(0, 10)
  const forward = Math.max(...[...model.reach.values()].map((reach) => reach.forward))
  const candidates = new Set<string>()
  for (const type of model.reach.keys()) {
    for (const { dt } of types.get(type)!.files.values()) candidates.add(dt)
  }
  const isSettled = (range: DayRange) =>
    !isHot(model, range, types) &&
    filesAround(model, range, types).every(
      (file) => Math.abs(core.now() - file.created_at) >= SETTLED_MS,
    )
  const isReady = (day: string) =>
    shiftDay(day, forward) < today &&
    !kept.get(model.name)!.has(day) &&
    Math.abs(core.now() - (core.made.get(`${model.name} ${day}`) ?? 0)) >= AGAIN_MS &&
    isSettled({ from: day, to: day })
  let days: DayRange | undefined
  for (const day of [...candidates].filter(isReady).sort().reverse()) {
    if (days && shiftDay(day, 1) !== days.from) break
    const more: DayRange = { from: day, to: days?.to ?? day }
    const rows = filesAround(model, more, types).reduce((sum, file) => sum + file.rows, 0)
    if (days && rows > MAX_ROWS) break
    days = more
  }
  return days
}

/** By day, the file that now holds its rows. */
async function makeDays(
  core: LakeCore,
  model: KeptModel,
  days: DayRange,
  state: LakeState,
): Promise<Map<string, string>> {
  const { background, lakeDirectory } = core
  const files = new Map<string, string>()
  for (let day = days.from; day <= days.to; day = shiftDay(day, 1)) {
    files.set(day, keptPath(model, day, state.types))
    core.made.set(`${model.name} ${day}`, core.now())
  }
  const source = { ...core.views, hot: false }
  const rows = resolveDays(model.rowsOf([days]), state, core.models, source)
  await runStatement(background, `CREATE OR REPLACE TEMP TABLE ${MADE} AS ${rows}`)
  for (const [day, target] of files) {
    const file = unfinishedPath(core)
    const ofDay = `SELECT * EXCLUDE (dt) FROM ${MADE} WHERE dt = DATE '${day}'`
    await copyToParquet(background, ofDay, file)
    await mkdir(path.dirname(path.join(lakeDirectory, target)), { recursive: true })
    await publishFile(file, lakeDirectory, target)
  }
  await runStatement(background, `DROP TABLE ${MADE}`)
  return files
}

/** Within `core.lock`: days whose events have not changed meanwhile are kept from now on. */
function showDays(core: LakeCore, model: KeptModel, made: ReadonlyMap<string, string>): void {
  const { types, kept } = core.state
  const files = new Map(kept.get(model.name))
  for (const [day, file] of made) {
    const isRight =
      !isHot(model, { from: day, to: day }, types) && file === keptPath(model, day, types)
    if (isRight) files.set(day, file)
    else core.leases.retire([file], core.now(), 0)
  }
  core.state = { types, kept: new Map(kept).set(model.name, files) }
  core.versions.set(core.version, core.state)
}
