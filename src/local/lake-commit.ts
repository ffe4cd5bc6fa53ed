import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ShoplakeError } from '../errors.ts'
import type { RowLine, RowsByType, Span } from '../ports.ts'
import { EVENT_TYPES, type EventType } from '../schema/registry.ts'
import { changeLake, type LakeChange } from './lake-change.ts'
import { type LakeCore, stateOf } from './lake-core.ts'
import { encodeDay, encodeFew, encodeTable, insertHot } from './lake-encode.ts'
import {
  type LateCandidates,
  lateCandidates,
  lateDeltas,
  ledgerOf,
  repeatsWithin,
  STAGE,
  stageOnce,
} from './lake-late.ts'
import { refusedRow } from './lake-refused.ts'
import { type RoutedRows, routeRows } from './lake-rows.ts'
import { hotTable } from './lake-views.ts'
import { queryRows, runStatement } from './parquet.ts'

/** Bytes of lines in all hot tables together, above which the fullest go to Parquet. */
const HOT_MAX_BYTES = 64_000_000

/** A day with fewer rows of a commit is written together with others like it: late events come from many days. */
const FEW_ROWS = 1000

/** See Lake.commit. Within `core.lock`. */
export async function commitRows(
  core: LakeCore,
  spans: readonly Span[],
  rows: RowsByType,
): Promise<'applied' | 'already'> {
  if (spans.every((span) => span.last <= core.positions[span.bucket]!)) return 'already'
  const routed = newRows(core, rows)
  await changeLake(core, async (change) => {
    for (const span of spans) {
      const position = change.positions[span.bucket]!
      change.positions[span.bucket] = Math.max(position, span.last)
    }
    for (const group of routed) await addRows(core, change, group)
    // A refused row is booked with its type's checkpoint: soon, so that it can be looked at.
    for (const [type, state] of core.types) {
      if (state.refused.length > 0) await flushHot(core, change, type)
    }
    await flushFullest(core, change)
  })
  for (const group of routed) {
    core.metrics.add('shoplake_lake_rows_total', group.rows.length, {
      event_type: group.event_type,
    })
  }
  return 'applied'
}

function newRows(core: LakeCore, rows: RowsByType): RoutedRows[] {
  const groups: RoutedRows[] = []
  for (const type of EVENT_TYPES) {
    const given = rows[type]
    if (!given || given.length === 0) continue
    const group = routeRows(type, given, isNewTo(core, type))
    if (group.misfit) throw new ShoplakeError('encoder_refused', misfitMessage(type))
    if (group.rows.length > 0) groups.push(group)
  }
  return groups
}

export function misfitMessage(type: EventType): string {
  return `${type}: a line without occurred_at near its start`
}

/** Whether a row lies behind what is in Parquet, in the hot table or refused. */
function isNewTo(core: LakeCore, type: EventType): (row: RowLine) => boolean {
  const { checkpoint, refused } = stateOf(core, type)
  const digests = new Set(refused.map((row) => row.id))
  return (row) =>
    row.sequence > core.positions[row.bucket]! &&
    row.sequence > checkpoint[row.bucket]! &&
    (digests.size === 0 || !digests.has(refusedRow(type, row, '').id))
}

async function addRows(core: LakeCore, change: LakeChange, group: RoutedRows): Promise<void> {
  const { config } = core
  const type = group.event_type
  const state = stateOf(core, type)
  const direct = group.rows.length > config.lake_direct_rows
  const full = state.hot.rows + group.rows.length >= config.lake_flush_rows
  if (direct) await flushHot(core, change, type)
  const candidates = lateCandidates(state, group)
  const late = candidates.files.length > 0 || candidates.memory
  if (direct) await addDirect(core, change, group, candidates, late)
  else {
    await addHot(core, change, group, late ? candidates : undefined)
    if (full || candidates.uncheckedFrom > 0) {
      await flushHot(core, change, type, candidates.uncheckedFrom)
    }
  }
}

async function addDirect(
  core: LakeCore,
  change: LakeChange,
  group: RoutedRows,
  candidates: LateCandidates,
  late: boolean,
): Promise<void> {
  const { uncheckedFrom } = candidates
  if (!late && (await encodeDays(core, change, group, uncheckedFrom))) {
    change.tallies.set(group.event_type, group.tally)
    return
  }
  const staged = await stageOnce(core, group, candidates)
  change.tallies.set(group.event_type, staged.tally)
  if (staged.rows > 0) {
    change.add.push(...(await encodeTable(core, group.event_type, STAGE, uncheckedFrom)))
  }
  await runStatement(core.connection, `DROP TABLE ${STAGE}`)
}

/** Files of all days, in the change; false, with none in it, where one would hold an id twice. */
async function encodeDays(
  core: LakeCore,
  change: LakeChange,
  group: RoutedRows,
  uncheckedFrom: number,
): Promise<boolean> {
  const type = group.event_type
  const few = group.days.filter((day) => day.rows.length < FEW_ROWS)
  const together = few.length > 1 ? few : []
  const before = change.add.length
  for (const day of group.days) {
    if (together.includes(day)) continue
    const file = await encodeDay(core, type, day, uncheckedFrom)
    if (!file) return dropFiles(core, change, before)
    change.add.push(file)
  }
  if (together.length === 0) return true
  const rows = together.flatMap((day) => day.rows)
  const files = await encodeFew(core, type, rows, uncheckedFrom)
  if (!files) return dropFiles(core, change, before)
  change.add.push(...files)
  return true
}

async function dropFiles(core: LakeCore, change: LakeChange, from: number): Promise<false> {
  for (const file of change.add.splice(from)) await rm(path.join(core.lakeDirectory, file.path))
  return false
}

async function addHot(
  core: LakeCore,
  change: LakeChange,
  group: RoutedRows,
  late: LateCandidates | undefined,
): Promise<void> {
  const type = group.event_type
  let rows = group.rows.length
  let tally = group.tally
  if (late) {
    const staged = await stageOnce(core, group, late)
    rows = staged.rows
    tally = staged.tally
    await runStatement(core.connection, `INSERT INTO ${hotTable(type)} FROM ${STAGE}`)
    await runStatement(core.connection, `DROP TABLE ${STAGE}`)
  } else await insertHot(core, type, group.rows, hotTable(type))
  change.tallies.set(type, tally)
  if (rows === 0) return
  const { bytes, min_received_at } = group
  const days = new Set(group.days.map((day) => day.dt))
  change.hot.set(type, { rows, bytes, min_received_at, since: core.now(), days })
}

/** Writes a type's hot rows, those of this change too, to Parquet. */
export async function flushHot(
  core: LakeCore,
  change: LakeChange,
  type: EventType,
  uncheckedFrom = 0,
): Promise<void> {
  const rows = stateOf(core, type).hot.rows + (change.hot.get(type)?.rows ?? 0)
  if (rows === 0 || change.cleared.has(type)) return
  await dropRepeats(core, change, type)
  change.add.push(...(await encodeTable(core, type, hotTable(type), uncheckedFrom)))
  change.cleared.add(type)
}

/** What the door's window promises to keep apart is made sure of before it is written. */
async function dropRepeats(core: LakeCore, change: LakeChange, type: EventType): Promise<void> {
  const table = hotTable(type)
  const [count] = await queryRows(
    core.connection,
    `SELECT count(*) - count(DISTINCT (event_id, CAST(occurred_at AS DATE))) AS repeats FROM ${table}`,
  )
  if (Number(count!.repeats) === 0) return
  const before = await ledgerOf(core, type, `FROM ${table}`)
  await runStatement(core.connection, repeatsWithin(table))
  const after = await ledgerOf(core, type, `FROM ${table}`)
  change.ledger.push(...lateDeltas(before, after))
}

async function flushFullest(core: LakeCore, change: LakeChange): Promise<void> {
  const sizes = [...core.types]
    .map(([type, state]) => ({
      type,
      bytes: change.cleared.has(type) ? 0 : state.hot.bytes + (change.hot.get(type)?.bytes ?? 0),
    }))
    .sort((left, right) => right.bytes - left.bytes)
  let total = sizes.reduce((sum, size) => sum + size.bytes, 0)
  for (const { type, bytes } of sizes) {
    if (total <= HOT_MAX_BYTES) return
    await flushHot(core, change, type)
    total -= bytes
  }
}

/** Adds a row to what is booked as not_encodable when the type's checkpoint passes it. */
export function refuseRow(core: LakeCore, type: EventType, row: RowLine, message: string): void {
  if (!isNewTo(core, type)(row)) return
  stateOf(core, type).refused.push(refusedRow(type, row, message))
  core.metrics.add('shoplake_not_encodable_total', 1, { event_type: type })
}
