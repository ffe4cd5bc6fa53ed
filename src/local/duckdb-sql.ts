import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Result, ResultColumn, ResultValue, SqlEngine, SqlLimits } from '../ports.ts'
import type { Duckdb } from './duckdb.ts'
import { duckdbFailure, isBroken } from './duckdb-failure.ts'
import { checkStatement } from './sql-guard.ts'
import { createSlots } from './sql-slots.ts'
import { bindParameters, resultValue, typeName } from './sql-values.ts'
import { createWatch, type StopReason, type Watched } from './sql-watch.ts'

export interface DuckdbSqlOptions {
  readonly database: Duckdb
  /** Holds the lake's files as they are now until the returned function is called. */
  lease(): () => void
  /** Makes text of our own (`trusted`) ready to run on the connection. Default: it is run as it is. */
  resolve?(connection: DuckDBConnection, sql: string): Promise<string>
  readonly config: Pick<Config, 'sql_slots' | 'sql_queue' | 'sql_memory_mb'>
  readonly metrics: Metrics
  /** Milliseconds; only differences count. */
  now(): number
  /** Called once when a query can no longer be stopped or DuckDB is broken: the process has to end. */
  onStuck?(reason: string): void
  /** Estimated size of one result. Default: 64 MB. */
  readonly result_max_bytes?: number
  /** Default: 10 s. */
  readonly stuck_ms?: number
  /** Anonymous memory of this process at which running queries are stopped. Default: as of a process with nothing else to do. */
  readonly process_max_bytes?: number
}

export interface DuckdbSql extends SqlEngine {
  /** Queries that run or wait now. */
  readonly busy: { readonly running: number; readonly waiting: number }
}

interface Job {
  readonly sql: string
  readonly params: readonly ResultValue[]
  readonly limits: SqlLimits
  readonly signal: AbortSignal
}

/** How long a caller waits for its stopped query to end before it is answered anyway; the slot stays taken. */
const LET_GO_MS = 1000
const NEVER_STUCK = () => {}

/**
 * SQL over the lake's views. Each query has a connection of its own, so nothing that one does to its session is left
 * for the next; a lease keeps the files it planned with. Contract of the codes: ports.ts.
 */
export function createDuckdbSql(options: DuckdbSqlOptions): DuckdbSql {
  const { config, metrics, now, onStuck = NEVER_STUCK, stuck_ms = 10_000 } = options
  const slots = createSlots(config.sql_slots, config.sql_queue)
  const watch = createWatch({
    memory_max_bytes: options.process_max_bytes ?? config.sql_memory_mb * 1_500_000 + 1_000_000_000,
    stuck_ms,
    onStuck,
  })

  const execute = async (job: Job, free: () => void): Promise<Result> => {
    let reason: StopReason | undefined
    let connection: DuckDBConnection | undefined
    const watched: Watched = {
      interrupt(why) {
        reason ??= why
        connection?.interrupt()
      },
    }
    let release: (() => void) | undefined
    const timer = setTimeout(() => watch.stop(watched, 'timeout'), job.limits.timeout_ms)
    const cancel = () => watch.stop(watched, 'cancelled')
    watch.add(watched)
    job.signal.addEventListener('abort', cancel, { once: true })
    if (job.signal.aborted) cancel()
    try {
      release = options.lease()
      connection = await options.database.connect()
      const result = await query(connection, job, options, () => reason !== undefined)
      // An interrupt at the very end may go unnoticed by DuckDB; whoever asked for it is not to be surprised.
      if (reason === 'cancelled') throw stopped(reason, job.limits)
      return result
    } catch (error) {
      if (isBroken(String(error instanceof Error ? error.message : error))) onStuck('DuckDB broke')
      throw reason === undefined ? duckdbFailure(error) : stopped(reason, job.limits)
    } finally {
      clearTimeout(timer)
      job.signal.removeEventListener('abort', cancel)
      watch.remove(watched)
      connection?.closeSync()
      release?.()
      free()
    }
  }

  return {
    async run(sql, params, limits, signal) {
      const started = now()
      let outcome = 'done'
      try {
        const free = await slots.take(signal)
        const work = execute({ sql, params, limits, signal }, free)
        const result = await answerInTime(work, limits, signal)
        return { ...result, elapsed_ms: Math.round(now() - started) }
      } catch (error) {
        outcome = error instanceof ShoplakeError ? error.code : 'internal'
        throw error
      } finally {
        metrics.observe('shoplake_sql_seconds', (now() - started) / 1000, { outcome })
      }
    },
    get busy() {
      return { running: slots.taken, waiting: slots.waiting }
    },
  }
}

/** The work's own answer, or soon after the limit or the signal an answer without it. */
async function answerInTime(
  work: Promise<Result>,
  limits: SqlLimits,
  signal: AbortSignal,
): Promise<Result> {
  const timers: NodeJS.Timeout[] = []
  let onAbort: () => void = () => {}
  const late = new Promise<never>((_, reject) => {
    const after = (ms: number, reason: StopReason) => {
      timers.push(setTimeout(() => reject(stopped(reason, limits)), ms))
    }
    onAbort = () => after(LET_GO_MS, 'cancelled')
    after(limits.timeout_ms + LET_GO_MS, 'timeout')
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    // When the caller was answered without it, the work's end interests nobody but its own `finally`.
    work.catch(() => undefined)
  }
}

function stopped(reason: StopReason, limits: SqlLimits): ShoplakeError {
  if (reason === 'cancelled') return new ShoplakeError('sql_cancelled', 'The query was cancelled.')
  const detail =
    reason === 'timeout'
      ? `The query took longer than ${limits.timeout_ms} ms; narrow it by date or columns.`
      : 'The query needs more memory than it may take (sql_memory_mb); narrow it.'
  return new ShoplakeError('sql_limit', detail)
}

async function query(
  connection: DuckDBConnection,
  job: Job,
  options: DuckdbSqlOptions,
  isStopped: () => boolean,
): Promise<Result> {
  const { sql, limits } = job
  const statement = limits.trusted
    ? await resolved(connection, sql.replace(/[\s;]+$/, ''), options)
    : await checkStatement(connection, sql)
  const columns = limits.trusted ? undefined : await columnsOf(connection, statement)
  // Not DuckDB's streaming results: the binding takes an error in the middle of one for its end.
  const prepared = await connection.prepare(
    `SELECT * FROM (${statement}\n) LIMIT ${limits.max_rows + 1}`,
  )
  try {
    bindParameters(prepared, job.params)
    return await fetchRows(prepared, columns, limits, options.result_max_bytes, isStopped)
  } finally {
    prepared.destroySync()
  }
}

async function resolved(
  connection: DuckDBConnection,
  sql: string,
  options: DuckdbSqlOptions,
): Promise<string> {
  return options.resolve ? options.resolve(connection, sql) : sql
}

/** Names as written: inside parentheses a repeated name gets a number. Also gives errors in the user's own text. */
async function columnsOf(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  const prepared = await connection.prepare(sql)
  try {
    return Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index))
  } finally {
    prepared.destroySync()
  }
}

async function fetchRows(
  prepared: DuckDBPreparedStatement,
  names: readonly string[] | undefined,
  limits: SqlLimits,
  maxBytes = 64_000_000,
  isStopped: () => boolean,
): Promise<Result> {
  const result = await prepared.run()
  const columns: ResultColumn[] = result.columnTypes().map((type, index) => ({
    name: names?.[index] ?? result.columnName(index),
    type: typeName(type),
  }))
  const rows: ResultValue[][] = []
  let bytes = 0
  for (let chunk = await result.fetchChunk(); chunk; chunk = await result.fetchChunk()) {
    if (chunk.rowCount === 0) break
    if (isStopped()) throw new Error('stopped')
    for (const values of chunk.getRows()) {
      const row = values.map(resultValue)
      bytes += bytesOf(row)
      rows.push(row)
    }
    if (bytes > maxBytes) {
      throw new ShoplakeError(
        'sql_limit',
        `The result is larger than ${maxBytes} bytes; select fewer columns or rows.`,
      )
    }
  }
  const truncated = rows.length > limits.max_rows
  if (truncated) rows.length = limits.max_rows
  return { columns, rows, truncated, elapsed_ms: 0, scanned_bytes: undefined }
}

/** About the length as JSON. */
function bytesOf(value: ResultValue): number {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 2
  for (const child of Object.values(value)) bytes += bytesOf(child) + 8
  return bytes
}
