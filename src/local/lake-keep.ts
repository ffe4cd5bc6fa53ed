import { existsSync } from 'node:fs'
import path from 'node:path'
import { type DayRange, LAST_DAY, shiftDay } from '../derive/days.ts'
import type { LakeCore } from './lake-core.ts'
import { makeLive, resolveDays } from './lake-days.ts'
import { withUnfinished } from './lake-encode.ts'
import { type LakeFile, publishFile } from './lake-files.ts'
import { filesAround, isHot, type KeptModel, keptPath, soFarPath } from './lake-kept.ts'
import { firstOpenDay, isBehind } from './lake-so-far.ts'
import type { LakeState, SoFar } from './lake-state.ts'
import { copyToParquet, lakeError, runStatement } from './parquet.ts'

/** Rows of events read for days that are made together. */
const MAX_ROWS = 1_000_000
/** Days around which a file is as young as that are not kept yet: a history being imported would be kept again and again, ms. */
const SETTLED_MS = 60_000
/** A day to which events keep coming late is not made again sooner, ms. */
const AGAIN_MS = 5 * 60_000
/** More events on days that are not over are evaluated when they are asked for: other upkeep waits for this. */
const SO_FAR_ROWS = 2_000_000
/** Of the time, at most, goes into making a model's rows so far. */
const SO_FAR_SHARE = 0.02
const MADE = 'kept_rows'

/**
 * Keeps the rows of some days of one model that are over; models that others read go first, then the latest days. Where there are
 * none, those of a model's other days, as far as they have come. Returns whether there were any. Queries see the same rows before and after. Throws `lakeError`s; then nothing has happened.
 */
export async function keepOnce(core: LakeCore): Promise<boolean> {
  for (const model of core.models) {
    const days = nextDays(core, model)
    if (days) return leased(core, () => keepDays(core, model, days))
  }
  for (const model of core.models) {
    if (isSoFarDue(core, model)) return leased(core, () => keepSoFar(core, model))
  }
  return false
}

async function leased(core: LakeCore, work: () => Promise<void>): Promise<true> {
  const release = core.leases.lease()
  try {
    await work()
  } finally {
    release()
  }
  return true
}

async function keepDays(core: LakeCore, model: KeptModel, days: DayRange): Promise<void> {
  const made = await makeDays(core, model, days, core.state)
  await core.lock(async () => showDays(core, model, made))
}

/** Rows of days that are not over are made again when enough has come, and not every second. */
function isSoFarDue(core: LakeCore, model: KeptModel): boolean {
  if (!model.key) return false
  const { types, soFar } = core.state
  const known = soFar.get(model.name)
  const made = core.made.get(model.name) ?? Number.NEGATIVE_INFINITY
  const rest_ms = Math.max(SETTLED_MS, (core.took.get(model.name) ?? 0) / SO_FAR_SHARE)
  if (Math.abs(core.now() - made) < rest_ms) return false
  if (known && !isBehind(model, known, types)) return false
  const rows = rowsIn(openFiles(core, model))
  return rows > 0 && rows <= SO_FAR_ROWS
}

function rowsIn(files: readonly LakeFile[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0)
}

function openFiles(core: LakeCore, model: KeptModel): LakeFile[] {
  return filesAround(model, openDays(core, model), core.state.types)
}

function openDays(core: LakeCore, model: KeptModel): DayRange {
  return { from: firstOpenDay(model, todayOf(core)), to: LAST_DAY }
}

/** Keeps the rows of days that are not over as the files give them now. */
async function keepSoFar(core: LakeCore, model: KeptModel): Promise<void> {
  const { state } = core
  const days = openDays(core, model)
  const files = openFiles(core, model)
  const made_of = new Set(files.map((file) => file.path))
  const target = soFarPath(model, core.now())
  const began = performance.now()
  core.made.set(model.name, core.now())
  try {
    await orRetired(core, [target], () =>
      withRows(core, model, days, state, () => writeRows(core, `FROM ${MADE}`, target)),
    )
  } finally {
    core.took.set(model.name, performance.now() - began)
  }
  await core.lock(async () => {
    showSoFar(core, model, { from: days.from, file: target, made_of, rows: rowsIn(files) })
  })
}

/** Within `core.lock`: nothing of what the rows were made from may have been lost or altered meanwhile. */
function showSoFar(core: LakeCore, model: KeptModel, made: SoFar): void {
  const { types, soFar } = core.state
  const present = new Set(
    filesAround(model, { from: made.from, to: LAST_DAY }, types).map(({ path }) => path),
  )
  if (![...made.made_of].every((name) => present.has(name))) {
    core.leases.retire([made.file], core.now(), 0)
    return
  }
  const old = soFar.get(model.name)
  if (old) core.leases.retire([old.file], core.now(), 0)
  core.state = { ...core.state, soFar: new Map(soFar).set(model.name, made) }
  core.versions.set(core.version, core.state)
}

function todayOf(core: LakeCore): string {
  return new Date(core.now()).toISOString().slice(0, 10)
}

/**
 * Work on the table MADE: rows of a model on some days, from files. No table stays, whatever fails: it would take memory from what
 * encodes commits.
 */
async function withRows(
  core: LakeCore,
  model: KeptModel,
  days: DayRange,
  state: LakeState,
  work: () => Promise<void>,
): Promise<void> {
  const { background } = core
  const source = { ...core.views, hot: false }
  const { live, sql } = resolveDays(model.rowsOf([days]), state, core.models, source)
  const drop = (name: string) => runStatement(background, `DROP TABLE IF EXISTS ${name}`)
  try {
    await makeLive(background, live)
    await runStatement(background, `CREATE OR REPLACE TEMP TABLE ${MADE} AS ${sql}`)
    for (const { name } of live) await drop(name)
    await work()
  } finally {
    for (const name of [MADE, ...live.map(({ name }) => name)]) await drop(name)
  }
}

/** Days in a row that can be kept, as many as make a moderate statement. */
function nextDays(core: LakeCore, model: KeptModel): DayRange | undefined {
  const { types, kept } = core.state
  const firstOpen = firstOpenDay(model, todayOf(core))
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
    day < firstOpen &&
    !kept.get(model.name)!.has(day) &&
    Math.abs(core.now() - (core.made.get(`${model.name} ${day}`) ?? 0)) >= AGAIN_MS &&
    isSettled({ from: day, to: day })
  let days: DayRange | undefined
  for (const day of [...candidates].filter(isReady).sort().reverse()) {
    if (days && shiftDay(day, 1) !== days.from) break
    const more: DayRange = { from: day, to: days?.to ?? day }
    if (days && rowsIn(filesAround(model, more, types)) > MAX_ROWS) break
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
  const files = new Map<string, string>()
  for (let day = days.from; day <= days.to; day = shiftDay(day, 1)) {
    files.set(day, keptPath(model, day, state.types))
    core.made.set(`${model.name} ${day}`, core.now())
  }
  const write = async () => {
    for (const [day, target] of files) {
      // Right by its name, and a query of before may be reading it.
      if (isThere(core, target)) continue
      await writeRows(core, `SELECT * EXCLUDE (dt) FROM ${MADE} WHERE dt = DATE '${day}'`, target)
    }
  }
  await orRetired(core, [...files.values()], () => withRows(core, model, days, state, write))
  return files
}

async function writeRows(core: LakeCore, select: string, target: string): Promise<void> {
  await withUnfinished(core, async (file) => {
    await copyToParquet(core.background, select, file)
    await publishFile(file, core.lakeDirectory, target)
  })
}

/** Work that makes files. Where it fails those that are there already go again: nothing names them. */
async function orRetired(
  core: LakeCore,
  files: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const there = files.filter((file) => isThere(core, file))
    core.leases.retire(there, core.now(), 0)
    throw lakeError(error)
  }
}

function isThere(core: LakeCore, file: string): boolean {
  return existsSync(path.join(core.lakeDirectory, file))
}

/** Within `core.lock`: days whose events have not changed meanwhile are kept from now on. */
function showDays(core: LakeCore, model: KeptModel, made: ReadonlyMap<string, string>): void {
  const { types, kept } = core.state
  const files = new Map(kept.get(model.name))
  for (const [day, file] of made) {
    const isRight =
      !isHot(model, { from: day, to: day }, types) && file === keptPath(model, day, types)
    if (isRight) {
      files.set(day, file)
      // It waits to go where the days around it had other files for a while.
      core.leases.revive(file)
    } else core.leases.retire([file], core.now(), 0)
  }
  core.state = { ...core.state, kept: new Map(kept).set(model.name, files) }
  core.versions.set(core.version, core.state)
}
