import { ShoplakeError } from '../errors.ts'

/**
 * DuckDB's error as ours. Its messages begin with the kind: sql_limit for memory and spill, sql_refused for what the
 * lock forbids, sql_unavailable where a file could not be read or the instance is broken, else sql_failed.
 */
export function duckdbFailure(error: unknown): ShoplakeError {
  if (error instanceof ShoplakeError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (message.startsWith('Out of Memory Error')) {
    return new ShoplakeError(
      'sql_limit',
      'The query needs more memory than it may take (sql_memory_mb); narrow it by date or columns.',
      { cause: error },
    )
  }
  if (message.startsWith('Permission Error')) {
    return new ShoplakeError('sql_refused', 'SQL here reads tables only, no files or addresses.', {
      cause: error,
    })
  }
  if (isBroken(message) || message.startsWith('IO Error')) {
    return new ShoplakeError('sql_unavailable', firstParagraph(message), { cause: error })
  }
  return new ShoplakeError('sql_failed', message, { cause: error })
}

/** Whether the instance can do no more work at all: only a new process helps. */
export function isBroken(message: string): boolean {
  return (
    /^(FATAL|INTERNAL) Error/.test(message) || message.includes('database has been invalidated')
  )
}

/** Stack traces follow in later paragraphs. */
function firstParagraph(message: string): string {
  return message.split('\n\n')[0] ?? message
}
