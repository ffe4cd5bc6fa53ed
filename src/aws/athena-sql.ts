import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { Result, ResultColumn, ResultValue, SqlEngine, SqlLimits } from '../ports.ts'
import { athenaStatement } from './athena-statement.ts'
import { athenaValue } from './athena-values.ts'
import { failureOf } from './failure.ts'

export interface AthenaSqlOptions {
  readonly client: AthenaClient
  readonly workgroup: string
  readonly database: string
  /** Places for queries that run at once: sql_busy or sql_cancelled where there is none. */
  readonly slots: { take(signal: AbortSignal): Promise<() => void> }
  /** A result of the same text may be up to so old; 0 for none. */
  readonly reuse_minutes: number
  readonly metrics: Metrics
  /** Milliseconds; only differences count. */
  now(): number
}

/** Rows of one page (API reference, GetQueryResults). */
const PAGE_ROWS = 1000
const FIRST_LOOK_MS = 80
const LONGEST_LOOK_MS = 1000

/**
 * SQL by Athena: started, looked at until it is done, paged. A query that nobody waits for any more is stopped. Contract of the
 * codes: ports.ts. `scanned_bytes` is what the query is paid by.
 */
export function createAthenaSql(options: AthenaSqlOptions): SqlEngine {
  return {
    async run(sql, params, limits, signal) {
      if (signal.aborted) throw cancelled()
      const statement = athenaStatement(sql, params)
      const free = await options.slots.take(signal)
      const began = options.now()
      try {
        const result = await execute(options, statement, limits, signal)
        observe(options, began, 'done')
        return { ...result, elapsed_ms: options.now() - began }
      } catch (error) {
        const known = asSqlError(error)
        observe(options, began, known.code)
        throw known
      } finally {
        free()
      }
    },
  }
}

function observe({ metrics, now }: AthenaSqlOptions, began: number, outcome: string): void {
  metrics.observe('shoplake_sql_seconds', (now() - began) / 1000, { outcome })
}

async function execute(
  options: AthenaSqlOptions,
  statement: string,
  limits: SqlLimits,
  signal: AbortSignal,
): Promise<Omit<Result, 'elapsed_ms'>> {
  const QueryExecutionId = await start(options, statement)
  const timeout = AbortSignal.timeout(limits.timeout_ms)
  const ended = AbortSignal.any([signal, timeout])
  try {
    const execution = await untilDone(options, QueryExecutionId, ended)
    const scanned_bytes = execution.Statistics?.DataScannedInBytes
    return {
      ...(await fetchRows(options, QueryExecutionId, limits.max_rows, ended)),
      scanned_bytes,
    }
  } catch (error) {
    if (!ended.aborted) throw error
    await options.client.send(new StopQueryExecutionCommand({ QueryExecutionId }))
    if (signal.aborted) throw cancelled()
    const s = limits.timeout_ms / 1000
    throw new ShoplakeError(
      'sql_limit',
      `The query ran longer than ${s} s; narrow it by date or columns.`,
    )
  }
}

/** Where statements run. */
export type AthenaPlace = Pick<AthenaSqlOptions, 'client' | 'workgroup' | 'database'>

/** Runs a statement of our own that gives no rows: DDL, MERGE. Rejects as SqlEngine.run does. */
export async function runStatement(place: AthenaPlace, sql: string): Promise<void> {
  try {
    const id = await start({ ...place, reuse_minutes: 0 }, sql)
    await untilDone(place, id, new AbortController().signal)
  } catch (error) {
    throw asSqlError(error)
  }
}

async function start(
  options: AthenaPlace & Pick<AthenaSqlOptions, 'reuse_minutes'>,
  QueryString: string,
): Promise<string> {
  const { client, workgroup, database, reuse_minutes } = options
  const answer = await client.send(
    new StartQueryExecutionCommand({
      QueryString,
      WorkGroup: workgroup,
      QueryExecutionContext: { Database: database },
      // A call that is made again because its answer was lost starts nothing new.
      ClientRequestToken: randomUUID(),
      ...(reuse_minutes > 0 && {
        ResultReuseConfiguration: {
          ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: reuse_minutes },
        },
      }),
    }),
  )
  return answer.QueryExecutionId!
}

async function untilDone(
  { client }: Pick<AthenaSqlOptions, 'client'>,
  QueryExecutionId: string,
  ended: AbortSignal,
): Promise<QueryExecution> {
  for (let look = 0; ; look++) {
    const pause = Math.min(LONGEST_LOOK_MS, FIRST_LOOK_MS * 1.3 ** look)
    await sleep(pause, undefined, { signal: ended })
    const { QueryExecution: execution } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
      { abortSignal: ended },
    )
    const state = execution?.Status?.State
    if (state === 'SUCCEEDED') return execution!
    if (state === 'FAILED' || state === 'CANCELLED') throw failed(execution!)
  }
}

/** Category 2 is the user's (API reference, AthenaError); Athena itself cancels what scans too much. */
function failed({ Status }: QueryExecution): ShoplakeError {
  const reason = Status?.StateChangeReason ?? 'Athena gives no reason.'
  if (/scanned limit|EXCEEDED_MEMORY|exhausted|EXCEEDED_/i.test(reason)) {
    return new ShoplakeError('sql_limit', reason)
  }
  if (Status?.State === 'CANCELLED') return cancelled()
  const isUsers = Status?.AthenaError?.ErrorCategory !== 1
  return new ShoplakeError(isUsers ? 'sql_failed' : 'sql_unavailable', reason)
}

async function fetchRows(
  { client }: AthenaSqlOptions,
  QueryExecutionId: string,
  max_rows: number,
  ended: AbortSignal,
): Promise<Pick<Result, 'columns' | 'rows' | 'truncated'>> {
  const rows: ResultValue[][] = []
  let columns: ResultColumn[] = []
  let NextToken: string | undefined
  let isFirst = true
  do {
    const page = await client.send(
      new GetQueryResultsCommand({
        QueryExecutionId,
        MaxResults: PAGE_ROWS,
        ...(NextToken && { NextToken }),
      }),
      { abortSignal: ended },
    )
    columns = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name, Type }) => ({
      name: Name!,
      type: Type!.toUpperCase(),
    }))
    // The first row of a SELECT is its column names.
    for (const { Data = [] } of (page.ResultSet?.Rows ?? []).slice(isFirst ? 1 : 0)) {
      rows.push(columns.map(({ type }, at) => athenaValue(Data[at]?.VarCharValue, type)))
    }
    isFirst = false
    NextToken = page.NextToken
  } while (NextToken && rows.length <= max_rows)
  const truncated = rows.length > max_rows
  return { columns, rows: rows.slice(0, max_rows), truncated }
}

function cancelled(): ShoplakeError {
  return new ShoplakeError('sql_cancelled', 'The query was cancelled.')
}

function asSqlError(error: unknown): ShoplakeError {
  if (error instanceof ShoplakeError) return error
  const { name, message, passing } = failureOf(error)
  const options = { cause: error, retryAfterS: 2 }
  if (/TooManyRequests|Throttl/.test(name)) return new ShoplakeError('sql_busy', message, options)
  // What Athena refuses to start is not SQL it can read.
  if (name === 'InvalidRequestException' && !passing) {
    return new ShoplakeError('sql_failed', message, { cause: error })
  }
  return new ShoplakeError('sql_unavailable', message, options)
}
