import path from 'node:path'
import { ShoplakeError } from '../errors.ts'

const WHY: { readonly [code: string]: string } = {
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'its disk is mounted read-only',
  ENOTDIR: 'a file is in its way',
  EEXIST: 'a file is in its way',
  ENOENT: 'a link in its path leads nowhere; is its disk mounted?',
  ENOSPC: 'its disk is full',
}

/**
 * Runs what needs a data directory. Where the system does not let it, throws config_invalid, not retryable, with why and what
 * to do; all else is thrown as it is.
 */
export function inDataDir<T>(dataDir: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const why = WHY[(cause as NodeJS.ErrnoException).code ?? '']
    if (why === undefined) throw cause
    throw new ShoplakeError(
      'config_invalid',
      `the data directory ${path.resolve(dataDir)} cannot be used: ${why} (${(cause as Error).message}); choose another with --data-dir, or run as its owner`,
      { cause },
    )
  }
}
