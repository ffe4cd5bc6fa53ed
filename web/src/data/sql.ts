import type { Api } from './api.ts'
import type { Value } from './report-types.ts'

/** A column of a result; `type` is the engine's own name. */
export interface SqlColumn {
  readonly name: string
  readonly type: string
}

/** The first rows of a finished query, and what is known of all. */
export interface SqlResult {
  readonly query_id: string
  readonly columns: readonly SqlColumn[]
  readonly rows: readonly (readonly Value[])[]
  readonly next_cursor: string | null
  /** Rows of the whole result. */
  readonly row_count: number
  /** Whether the server's row limit cut it. */
  readonly truncated: boolean
  readonly elapsed_ms: number
  readonly scanned_bytes: number | null
}

interface Running {
  readonly query_id: string
  readonly status: 'running' | 'done'
}

/**
 * Runs a query to its end; the server's page of rows is its answer. When the signal aborts, the query is cancelled on the
 * server too. Throws ProblemError.
 */
export async function runSql(api: Api, sql: string, signal: AbortSignal): Promise<SqlResult> {
  let answer = await api.read<Running | SqlResult>('/v1/sql', {
    method: 'POST',
    body: { sql },
    signal,
  })
  while (!isDone(answer)) {
    const path = `/v1/sql/${answer.query_id}`
    answer = await api.read<Running | SqlResult>(path, { signal }).catch((error: unknown) => {
      if (signal.aborted) void forgetSql(api, path)
      throw error
    })
  }
  return answer
}

/** Cancelled or not, the page has turned to something else. */
async function forgetSql(api: Api, path: string): Promise<void> {
  await api.open(path, { method: 'DELETE' }).catch(() => undefined)
}

function isDone(answer: Running | SqlResult): answer is SqlResult {
  return (answer as Running).status !== 'running'
}

/** The page of rows behind a cursor. */
export function nextPage(api: Api, { query_id, next_cursor }: SqlResult): Promise<SqlResult> {
  return api.read(`/v1/sql/${query_id}?cursor=${encodeURIComponent(next_cursor ?? '')}`)
}

/** A table that SQL can ask. */
export interface SqlTable {
  readonly name: string
  readonly columns: readonly (SqlColumn & { readonly description?: string })[]
}
