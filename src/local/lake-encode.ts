import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { lineColumns } from '../derive/duckdb.ts'
import { TABLES } from '../derive/table.ts'
import { ShoplakeError } from '../errors.ts'
import type { RowLine } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import { quoteName, quoteText } from './duckdb.ts'
import type { LakeCore } from './lake-core.ts'
import { erasedSelect } from './lake-erase-sql.ts'
import {
  type FileFacts,
  type LakeFile,
  newFilePath,
  publishFile,
  UNFINISHED,
} from './lake-files.ts'
import type { DayRows } from './lake-rows.ts'
import {
  copyToParquet,
  lakeError,
  PARQUET_OPTIONS,
  queryRows,
  readLines,
  runStatement,
  writeLines,
} from './parquet.ts'

/** A Parquet file that is whole but not in its place yet. */
interface Unfinished {
  readonly file: string
  readonly facts: FileFacts
}

/** Work on a path for a file being written; what still stands there afterwards goes. */
export async function withUnfinished<T>(
  core: LakeCore,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const file = path.join(core.lakeDirectory, UNFINISHED, String(core.counter++))
  try {
    return await work(file)
  } finally {
    await rm(file, { recursive: true, force: true })
  }
}

/**
 * Hands `work` a relation over the lines, as DuckDB reads them from a temporary NDJSON file, without `written_at` and
 * with erased customers stripped; the file goes afterwards.
 */
export async function withLines<T>(
  core: LakeCore,
  type: EventType,
  rows: readonly RowLine[],
  work: (select: string) => Promise<T>,
): Promise<T> {
  const file = path.join(core.tempDirectory, `lines-${core.counter++}.ndjson`)
  try {
    await writeLines(file, rows)
    return await work(writtenSelect(core, type, readLines(type, file)))
  } catch (error) {
    throw lakeError(error)
  } finally {
    await rm(file, { force: true })
  }
}

function writtenSelect(core: LakeCore, type: EventType, relation: string): string {
  const names = lineColumns(TABLES[type]).map((field) => field.name)
  const written = `make_timestamp_ms(${core.now()}) AS written_at`
  if (core.tombstones === 0) return `SELECT *, ${written} FROM ${relation}`
  return `SELECT *, ${written} FROM (${erasedSelect(type, relation, names, core.tombstoneKey)})`
}

/**
 * One Parquet file of one day from lines. Returns undefined where an event_id stands in it twice: the caller takes the
 * longer way. Rejects with encoder_refused or lake_unavailable.
 */
export async function encodeDay(
  core: LakeCore,
  type: EventType,
  day: DayRows,
  uncheckedFrom: number,
): Promise<LakeFile | undefined> {
  return withLines(core, type, day.rows, (select) =>
    withUnfinished(core, async (file) => {
      const stats = await copyToParquet(core.encoder, select, file)
      expectRows(stats.rows, day.rows.length)
      const [unique] = await queryRows(
        core.encoder,
        `SELECT count(DISTINCT event_id) AS ids FROM read_parquet(${quoteText(file)})`,
      )
      if (Number(unique!.ids) < stats.rows) return undefined
      const { dt, min_received_at, max_received_at } = day
      return publish(core, {
        file,
        facts: {
          event_type: type,
          dt,
          ...stats,
          min_received_at,
          max_received_at,
          unchecked_from: uncheckedFrom,
        },
      })
    }),
  )
}

/** One line is one row, else the lines were not what they were said to be. */
function expectRows(got: number, wanted: number): void {
  if (got === wanted) return
  throw new ShoplakeError('encoder_refused', `${wanted} lines became ${got} rows`)
}

/** Parquet files of all days of a table with the stored columns of a type, one per day and thread. */
export async function encodeTable(
  core: LakeCore,
  type: EventType,
  table: string,
  uncheckedFrom: number,
  connection = core.connection,
): Promise<LakeFile[]> {
  const days = await daysOf(connection, table)
  const columns = TABLES[type].columns.map((field) => quoteName(field.name)).join(', ')
  return withUnfinished(core, async (target) => {
    const finished =
      days.length === 1
        ? [
            await encodeOneDay(
              connection,
              type,
              `SELECT ${columns} FROM ${table}`,
              days[0]!,
              target,
            ),
          ]
        : await encodeManyDays(connection, type, columns, table, days, target)
    return publishAll(
      core,
      finished.map(({ file, facts }) => ({
        file,
        facts: { ...facts, unchecked_from: uncheckedFrom },
      })),
    )
  })
}

type DayFacts = Pick<LakeFile, 'dt' | 'rows' | 'min_received_at' | 'max_received_at'>

async function daysOf(connection: DuckDBConnection, table: string): Promise<DayFacts[]> {
  const days = await queryRows(
    connection,
    `SELECT CAST(CAST(occurred_at AS DATE) AS VARCHAR) AS dt, count(*) AS n,
       epoch_ms(min(received_at)) AS low, epoch_ms(max(received_at)) AS high
     FROM ${table} GROUP BY 1 ORDER BY 1`,
  )
  return days.map((day) => ({
    dt: String(day.dt),
    rows: Number(day.n),
    min_received_at: Number(day.low),
    max_received_at: Number(day.high),
  }))
}

async function encodeOneDay(
  connection: DuckDBConnection,
  type: EventType,
  select: string,
  day: DayFacts,
  file: string,
): Promise<Unfinished> {
  const stats = await copyToParquet(connection, select, file)
  return { file, facts: { ...day, ...stats, event_type: type, unchecked_from: 0 } }
}

async function encodeManyDays(
  connection: DuckDBConnection,
  type: EventType,
  columns: string,
  table: string,
  days: readonly DayFacts[],
  directory: string,
): Promise<Unfinished[]> {
  const byDay = new Map(days.map((day) => [day.dt, day]))
  const files = await queryRows(
    connection,
    `COPY (SELECT ${columns}, CAST(occurred_at AS DATE) AS dt FROM ${table}) TO ${quoteText(directory)}
     (${PARQUET_OPTIONS}, PARTITION_BY (dt), FILENAME_PATTERN '{i}', RETURN_STATS)`,
  )
  return files.map((row) => {
    const file = String(row.filename)
    const dt = path.basename(path.dirname(file)).slice('dt='.length)
    const facts = {
      ...byDay.get(dt)!,
      event_type: type,
      rows: Number(row.count),
      bytes: Number(row.file_size_bytes),
      unchecked_from: 0,
    }
    return { file, facts }
  })
}

/** Publishes side by side, as each waits for the disk; if one cannot be, none is there. */
async function publishAll(core: LakeCore, files: readonly Unfinished[]): Promise<LakeFile[]> {
  const settled = await Promise.allSettled(files.map((file) => publish(core, file)))
  const published = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = settled.find((each) => each.status === 'rejected')
  if (!failed) return published
  for (const file of published) {
    await rm(path.join(core.lakeDirectory, file.path), { force: true })
  }
  throw failed.reason
}

/**
 * Files of days that have few rows each, with one statement for all of them. Returns undefined where an event_id stands
 * in a day twice.
 */
export async function encodeFew(
  core: LakeCore,
  type: EventType,
  rows: readonly RowLine[],
  uncheckedFrom: number,
): Promise<LakeFile[] | undefined> {
  const table = 'temp.main.few'
  return withLines(core, type, rows, async (select) => {
    await runStatement(core.encoder, `CREATE OR REPLACE TEMP TABLE few AS ${select}`)
    try {
      const [counted] = await queryRows(
        core.encoder,
        `SELECT count(*) AS n, count(DISTINCT (event_id, CAST(occurred_at AS DATE))) AS ids FROM ${table}`,
      )
      expectRows(Number(counted!.n), rows.length)
      if (Number(counted!.ids) < rows.length) return undefined
      return await encodeTable(core, type, table, uncheckedFrom, core.encoder)
    } finally {
      await runStatement(core.encoder, `DROP TABLE ${table}`)
    }
  })
}

/** Moves a file to its place, durably; where that fails nothing is there. It is part of the lake once a change lists it. */
export async function publish(core: LakeCore, unfinished: Unfinished): Promise<LakeFile> {
  const { facts, file } = unfinished
  await core.step('encoded')
  const target = newFilePath(facts.event_type, facts.dt, core.now())
  try {
    await publishFile(file, core.lakeDirectory, target)
    await core.step('published')
  } catch (error) {
    await rm(path.join(core.lakeDirectory, target), { force: true })
    throw lakeError(error)
  }
  return {
    ...facts,
    path: target,
    generation: core.meta.generation() + 1,
    created_at: core.now(),
    schema: core.schemaKeys.get(facts.event_type)!,
    tombstones: core.tombstones,
  }
}

/** Lines into a hot table, within the change's transaction. */
export async function insertHot(
  core: LakeCore,
  type: EventType,
  rows: readonly RowLine[],
  table: string,
): Promise<void> {
  await withLines(core, type, rows, async (select) => {
    const inserted = await runStatement(core.connection, `INSERT INTO ${table} ${select}`)
    expectRows(inserted, rows.length)
  })
}
