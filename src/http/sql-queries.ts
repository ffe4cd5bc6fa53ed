import { randomBytes } from 'node:crypto'
import { ShoplakeError } from '../errors.ts'
import type {
  LastingQueries,
  Result,
  ResultColumn,
  ResultValue,
  SqlEngine,
  SqlLimits,
} from '../ports.ts'

/**
 * Queries that outlive the request that began them. Ids cannot be guessed: who knows one may read its result. Where the engine's
 * queries last, an id that another process began is as good as one of our own.
 */
export interface SqlQueries {
  /** Begins at once (or waits in the engine's queue). Rejects with overloaded when too many are running. */
  start(sql: string, params: readonly ResultValue[], limits: SqlLimits): Promise<QueryState>
  /** The state when the query ends, or after `wait_ms` if that is sooner. Throws not_found. */
  wait(queryId: string, wait_ms: number): Promise<QueryState>
  /**
   * Rows from a cursor (undefined for the first page) on. Throws the engine's error when the query failed, not_found,
   * or bad_request for a cursor that is not ours. While the query runs: no rows, status running.
   */
  page(queryId: string, cursor: string | undefined, pageRows: number): QueryPage
  /** All of the result at once. Throws as `page` does; undefined while the query runs. */
  result(queryId: string): Result | undefined
  /** Stops it if it runs, and forgets it. Resolves when the engine has let go. Throws not_found. */
  cancel(queryId: string): Promise<void>
  /** Stops every query and forgets all. */
  close(): Promise<void>
}

export interface QueryState {
  readonly query_id: string
  readonly status: 'running' | 'done' | 'failed'
}

export interface QueryPage extends QueryState {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly ResultValue[])[]
  readonly next_cursor: string | null
  /** Rows of the whole result; 0 while running. */
  readonly row_count: number
  readonly truncated: boolean
  readonly elapsed_ms: number
  readonly scanned_bytes: number | undefined
  /** What `freshTo` said when the query began. */
  readonly fresh_to: string | null | undefined
}

export interface SqlQueriesOptions {
  readonly engine: SqlEngine
  /** Of queries that another process began. */
  readonly limits: SqlLimits
  /** Milliseconds since 1970. */
  now(): number
  /** Up to when received events are visible to SQL; see http/fresh.ts. Default: the home never knows. */
  freshTo?(): string | null | undefined
  /** How long a finished query is kept after it was last asked for. Default: 10 minutes. */
  readonly keep_ms?: number
  /** Estimated bytes of all results kept; the one longest unasked goes first. Default: 128 MB. */
  readonly keep_bytes?: number
  /** Most queries remembered, running and finished. Default: 500. */
  readonly keep_queries?: number
}

interface Query {
  readonly id: string
  readonly abort: AbortController
  readonly fresh_to: string | null | undefined
  /** Settles when the engine has let go; never rejects. */
  ended: Promise<void>
  status: 'running' | 'done' | 'failed'
  result?: Result
  error?: unknown
  bytes: number
  asked_at: number
}

/** The registry behind the asynchronous SQL routes, over any engine. Holds results in memory, bounded. */
export function createSqlQueries(options: SqlQueriesOptions): SqlQueries {
  const {
    engine,
    now,
    limits,
    keep_ms = 600_000,
    keep_bytes = 128_000_000,
    keep_queries = 500,
    freshTo = () => undefined,
  } = options
  /** In order of last asked: a Map keeps the order in which keys were set. */
  const queries = new Map<string, Query>()

  const find = (id: string): Query => {
    expire()
    const query = queries.get(id) ?? (engine.lasting && follow(engine.lasting, id, limits))
    if (!query) throw new ShoplakeError('not_found', `There is no query ${id}, or it has expired.`)
    query.asked_at = now()
    queries.delete(id)
    queries.set(id, query)
    return query
  }

  const expire = (most = keep_queries) => {
    let bytes = 0
    for (const query of queries.values()) bytes += query.bytes
    for (const query of [...queries.values()]) {
      if (query.status === 'running') continue
      const old = query.asked_at + keep_ms <= now()
      const crowded = queries.size > most || (bytes > keep_bytes && queries.size > 1)
      if (!old && !crowded) continue
      queries.delete(query.id)
      bytes -= query.bytes
    }
  }

  const run = async (query: Query, work: (signal: AbortSignal) => Promise<Result>) => {
    try {
      query.result = await work(query.abort.signal)
      query.bytes = estimateBytes(query.result.rows)
      query.status = 'done'
    } catch (error) {
      query.error = error
      query.status = 'failed'
    }
    query.asked_at = now()
    expire()
  }

  const add = (id: string, work: (signal: AbortSignal) => Promise<Result>): Query => {
    const query: Query = {
      id,
      abort: new AbortController(),
      fresh_to: freshTo(),
      ended: Promise.resolve(),
      status: 'running',
      bytes: 0,
      asked_at: now(),
    }
    queries.set(id, query)
    query.ended = run(query, work)
    return query
  }

  const follow = (lasting: LastingQueries, id: string, limits: SqlLimits): Query =>
    add(id, (signal) => lasting.follow(id, limits, signal))

  const finished = (query: Query): Result | undefined => {
    if (query.status === 'failed') throw query.error
    return query.result
  }

  return {
    async start(sql, params, limits) {
      expire(keep_queries - 1)
      if (queries.size >= keep_queries) {
        throw new ShoplakeError('overloaded', 'Too many queries are running; delete some.', {
          retryAfterS: 5,
        })
      }
      const { lasting } = engine
      if (lasting) return stateOf(follow(lasting, await lasting.begin(sql, params, limits), limits))
      const id = `q_${randomBytes(16).toString('hex')}`
      return stateOf(add(id, (signal) => engine.run(sql, params, limits, signal)))
    },
    async wait(queryId, wait_ms) {
      const query = find(queryId)
      await endedWithin(query.ended, wait_ms)
      return stateOf(query)
    },
    page(queryId, cursor, pageRows) {
      const query = find(queryId)
      return pageOf(query, finished(query), cursor, pageRows)
    },
    result: (queryId) => finished(find(queryId)),
    async cancel(queryId) {
      const query = find(queryId)
      queries.delete(queryId)
      query.abort.abort()
      await query.ended
      const { error } = query
      if (error instanceof ShoplakeError && error.code === 'not_found') throw error
    },
    async close() {
      const all = [...queries.values()]
      queries.clear()
      for (const query of all) query.abort.abort()
      await Promise.all(all.map((query) => query.ended))
    },
  }
}

function stateOf(query: Query): QueryState {
  return { query_id: query.id, status: query.status }
}

async function endedWithin(ended: Promise<void>, wait_ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, wait_ms)
  })
  await Promise.race([ended, over])
  clearTimeout(timer)
}

function pageOf(
  query: Query,
  result: Result | undefined,
  cursor: string | undefined,
  pageRows: number,
): QueryPage {
  const total = result?.rows.length ?? 0
  const first = offsetOf(cursor)
  if (first > total) {
    throw new ShoplakeError('bad_request', 'The cursor is behind the end; begin without one.')
  }
  const next = first + Math.max(1, pageRows)
  return {
    ...stateOf(query),
    columns: result?.columns ?? [],
    rows: result?.rows.slice(first, next) ?? [],
    next_cursor: next < total ? `r${next}` : null,
    row_count: total,
    truncated: result?.truncated ?? false,
    elapsed_ms: result?.elapsed_ms ?? 0,
    scanned_bytes: result?.scanned_bytes,
    fresh_to: query.fresh_to,
  }
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const digits = /^r(\d{1,9})$/.exec(cursor)?.[1]
  if (digits === undefined) {
    throw new ShoplakeError(
      'bad_request',
      'The cursor is not one of ours; take next_cursor as it came.',
    )
  }
  return Number(digits)
}

/** About what rows take in memory: two bytes a character, 16 a value. Looks at 100 rows, spread over all. */
function estimateBytes(rows: readonly (readonly ResultValue[])[]): number {
  const step = Math.max(1, Math.floor(rows.length / 100))
  let bytes = 0
  let looked = 0
  for (let index = 0; index < rows.length; index += step) {
    bytes += valueBytes(rows[index] as ResultValue[])
    looked += 1
  }
  return looked === 0 ? 0 : Math.ceil((bytes / looked) * rows.length)
}

function valueBytes(value: ResultValue): number {
  if (typeof value === 'string') return 16 + value.length * 2
  if (typeof value !== 'object' || value === null) return 16
  return Object.values(value).reduce<number>((sum, child) => sum + valueBytes(child), 16)
}
