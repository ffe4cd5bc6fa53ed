import { type ErrorCode, ShoplakeError } from '../errors.ts'
import { failureOf } from './failure.ts'

/** Runs calls of an AWS client. What they fail with becomes one thing to the caller: `code`, retryable. */
export async function reached<T>(
  work: () => Promise<T>,
  code: ErrorCode = 'store_unavailable',
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ShoplakeError) throw error
    throw new ShoplakeError(code, failureOf(error).message, { cause: error })
  }
}
