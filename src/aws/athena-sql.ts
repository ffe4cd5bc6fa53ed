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
      try {
        return await observed(options, async () =>
          resultOf(options, await start(options, statement), limits, signal),
        )
      } finally {
        free()
      }
    },
    // Athena queues what is too much at once: who only begins a query holds no place here.
    lasting: {
      async begin(sql, params) {
        const statement = athenaStatement(sql, params)
        try {
          return await start(options, statement)
        } catch (error) {
          throw asSqlError(error)
        }
      },
      follow: (id, limits, signal) =>
        observed(options, async () => {
          await checkOurs(options, id)
          return resultOf(options, id, limits, signal)
        }),
    },
  }
}

async function observed(
  { metrics, now }: AthenaSqlOptions,
  work: () => Promise<Omit<Result, 'elapsed_ms'>>,
): Promise<Result> {
  const began = now()
  const observe = (outcome: string) =>
    metrics.observe('shoplake_sql_seconds', (now() - began) / 1000, { outcome })
  try {
    const result = await work()
    observe('done')
    return { ...result, elapsed_ms: now() - began }
  } catch (error) {
    const known = asSqlError(error)
    observe(known.code)
    throw known
  }
}

/** Athena's ids are random UUIDs. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An id is text of a client: only a query of our own workgroup is looked at, or stopped. */
async function checkOurs({ client, workgroup }: AthenaSqlOptions, id: string): Promise<void> {
  const none = new ShoplakeError('not_found', `There is no query ${id}.`)
  if (!ID.test(id)) throw none
  try {
    const { QueryExecution: found } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId: id }),
    )
    if (found?.WorkGroup !== workgroup) throw none
  } catch (error) {
    const { name } = failureOf(error)
    if (name === 'InvalidRequestException' || name === 'AccessDeniedException') throw none
    throw error
  }
}

async function resultOf(
  options: AthenaSqlOptions,
  QueryExecutionId: string,
  limits: SqlLimits,
  signal: AbortSignal,
): Promise<Omit<Result, 'elapsed_ms'>> {
  const began = options.now()
  const overdue = () => {
    if (signal.aborted) return cancelled()
    if (options.now() - began < limits.timeout_ms) return undefined
    const s = limits.timeout_ms / 1000
    const why = `The query ran longer than ${s} s; narrow it by date or columns.`
    return new ShoplakeError('sql_limit', why)
  }
  const execution = await untilDone(options, QueryExecutionId, overdue, signal)
  const scanned_bytes = execution.Statistics?.DataScannedInBytes
  return {
    ...(await fetchRows(options, QueryExecutionId, limits.max_rows, signal)),
    scanned_bytes,
  }
}

/** Where statements run. */
export type AthenaPlace = Pick<AthenaSqlOptions, 'client' | 'workgroup' | 'database'>

/** Runs a statement of our own that gives no rows: DDL, MERGE. Rejects as SqlEngine.run does. */
export async function runStatement(place: AthenaPlace, sql: string): Promise<void> {
  try {
    const id = await start({ ...place, reuse_minutes: 0 }, sql)
    await untilDone(place, id, () => undefined)
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

/**
 * Looks until the query is done. What is `overdue` is stopped, and rejects with that; but first comes the look: a function that
 * was frozen between two requests may find that all is done.
 */
async function untilDone(
  { client }: Pick<AthenaSqlOptions, 'client'>,
  QueryExecutionId: string,
  overdue: () => ShoplakeError | undefined,
  signal?: AbortSignal,
): Promise<QueryExecution> {
  for (let look = 0; ; look++) {
    const { QueryExecution: execution } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
    )
    const state = execution?.Status?.State
    if (state === 'SUCCEEDED') return execution!
    if (state === 'FAILED' || state === 'CANCELLED') throw failed(execution!)
    const late = overdue()
    if (late) {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId }))
      throw late
    }
    await pause(Math.min(LONGEST_LOOK_MS, FIRST_LOOK_MS * 1.3 ** look), signal)
  }
}

/** Ends early when the signal is aborted, which the next look sees. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch((error) => {
    if (!signal?.aborted) throw error
  })
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
  signal: AbortSignal,
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
      { abortSignal: signal },
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
  if (name === 'AbortError') return cancelled()
  const options = { cause: error, retryAfterS: 2 }
  if (/TooManyRequests|Throttl/.test(name)) return new ShoplakeError('sql_busy', message, options)
  // What Athena refuses to start is not SQL it can read.
  if (name === 'InvalidRequestException' && !passing) {
    return new ShoplakeError('sql_failed', message, { cause: error })
  }
  return new ShoplakeError('sql_unavailable', message, options)
}
