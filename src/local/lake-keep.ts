import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { DayRange, KeptModel, KeptState } from './kept-model.ts'
import type { LakeCore } from './lake-core.ts'
import { unfinishedPath } from './lake-encode.ts'
import { publishFile } from './lake-files.ts'
import { filesAround, keptPath, keptViewSql, shiftDay } from './lake-kept.ts'
import { typeViewSql } from './lake-views.ts'
import { copyToParquet, queryRows, runStatement } from './parquet.ts'

/** Rows of events read for days that are made together. */
const MAX_ROWS = 1_000_000
/** A day to which events keep coming late is not made again sooner, ms. */
const AGAIN_MS = 5 * 60_000
const MADE = 'kept_rows'

/**
 * Keeps the rows of some days of one model that are over, the latest of all models first. Returns whether there were any. Queries see
 * the same rows before and after. Throws `lakeError`s; then nothing has happened.
 */
export async function keepOnce(core: LakeCore): Promise<boolean> {
  const [next] = core.kept
    .flatMap((state) => {
      const days = nextDays(core, state)
      return days ? [{ state, days }] : []
    })
    .sort((left, right) => (left.days.to < right.days.to ? 1 : -1))
  if (!next) return false
  const release = core.leases.lease()
  try {
    const files = await makeDays(core, next.state, next.days)
    await core.lock(() => showDays(core, next.state, files))
  } finally {
    release()
  }
  return true
}

/** Days in a row that can be kept, as many as make a moderate statement. */
function nextDays(core: LakeCore, state: KeptState): DayRange | undefined {
  const ready = [...state.days.open].filter((day) => isReady(core, state, day)).sort()
  let days: DayRange | undefined
  for (const day of ready.reverse()) {
    if (days && shiftDay(day, 1) !== days.from) break
    const more: DayRange = { from: day, to: days?.to ?? day }
    if (days && rowsAround(core, state.model, more) > MAX_ROWS) break
    days = more
  }
  return days
}

function isReady(core: LakeCore, { model, made }: KeptState, day: string): boolean {
  const now = core.now()
  if (now - (made.get(day) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return false
  const today = new Date(now).toISOString().slice(0, 10)
  for (const [type, { back, forward }] of model.reach) {
    const from = shiftDay(day, back)
    const to = shiftDay(day, forward)
    if (to >= today) return false
    for (const hot of core.types.get(type)!.hotDays) if (hot >= from && hot <= to) return false
  }
  return true
}

function rowsAround(core: LakeCore, model: KeptModel, days: DayRange): number {
  return filesAround(core, model, days).reduce((sum, file) => sum + file.rows, 0)
}

/** By day, the file that now holds its rows; undefined where there are none. */
async function makeDays(
  core: LakeCore,
  { model, made }: KeptState,
  days: DayRange,
): Promise<Map<string, string | undefined>> {
  const { background } = core
  const targets = new Map<string, string>()
  for (let day = days.from; day <= days.to; day = shiftDay(day, 1)) {
    targets.set(day, keptPath(core, model, day))
    made.set(day, core.now())
  }
  const files = filesAround(core, model, days)
  for (const type of model.reach.keys()) {
    const own = files.filter((file) => file.event_type === type)
    await runStatement(background, typeViewSql(type, own, { ...core.views, hot: false }))
  }
  await runStatement(background, `CREATE OR REPLACE TEMP TABLE ${MADE} AS ${model.rowsOf([days])}`)
  const kept = new Map<string, string | undefined>()
  for (const [day, target] of targets) {
    kept.set(day, (await writeDay(core, day, target)) ? target : undefined)
  }
  await runStatement(background, `DROP TABLE ${MADE}`)
  return kept
}

async function writeDay(core: LakeCore, day: string, target: string): Promise<boolean> {
  const ofDay = `FROM ${MADE} WHERE dt = DATE '${day}'`
  const [count] = await queryRows(core.background, `SELECT count(*) AS rows ${ofDay}`)
  if (Number(count!.rows) === 0) return false
  const file = unfinishedPath(core)
  await copyToParquet(core.background, `SELECT * EXCLUDE (dt) ${ofDay}`, file)
  await mkdir(path.dirname(path.join(core.lakeDirectory, target)), { recursive: true })
  await publishFile(file, core.lakeDirectory, target)
  return true
}

/** Within `core.lock`: days whose events have not changed meanwhile are kept from now on. */
async function showDays(
  core: LakeCore,
  state: KeptState,
  made: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  const files = new Map(state.days.files)
  const open = new Set(state.days.open)
  const unused: string[] = []
  for (const [day, file] of made) {
    const still = open.has(day) && isUntouched(core, state.model, day)
    if (still && (file === undefined || file === keptPath(core, state.model, day))) {
      files.set(day, file)
      open.delete(day)
    } else if (file !== undefined) unused.push(file)
  }
  const days = { files, open }
  await runStatement(core.connection, keptViewSql(core, state.model, days))
  state.days = days
  if (unused.length > 0) core.leases.retire(unused, 0)
}

function isUntouched(core: LakeCore, model: KeptModel, day: string): boolean {
  for (const [type, { back, forward }] of model.reach) {
    const from = shiftDay(day, back)
    const to = shiftDay(day, forward)
    for (const hot of core.types.get(type)!.hotDays) if (hot >= from && hot <= to) return false
  }
  return true
}
