import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ShoplakeError } from '../errors.ts'

const RETRY_MS = 50

/**
 * Takes a lock file for this process; the answer releases it. A lock whose process is gone is taken over.
 * Throws data_dir_in_use, not retryable, while another living process holds it.
 */
export function takeExclusive(file: string): () => void {
  mkdirSync(path.dirname(file), { recursive: true })
  const mine = identityOf(process.pid)
  for (;;) {
    if (tryCreate(file, mine)) return () => release(file, mine)
    const holder = readHolder(file)
    if (isAlive(holder)) {
      throw new ShoplakeError(
        'data_dir_in_use',
        `process ${pidOf(holder)} already serves ${path.dirname(path.dirname(file))}; stop it (kill ${pidOf(holder)}), or choose another --data-dir`,
      )
    }
    if (holder !== undefined) removeStale(file, holder)
  }
}

/**
 * The same, but waits while the holder ends: processes of a supervisor that was killed still finish what they have. The
 * supervisor's own lock has already refused a second server. Throws data_dir_in_use after `limitMs`.
 */
export async function awaitExclusive(file: string, limitMs: number): Promise<() => void> {
  const end = performance.now() + limitMs
  for (;;) {
    try {
      return takeExclusive(file)
    } catch (error) {
      const isHeld = error instanceof ShoplakeError && error.code === 'data_dir_in_use'
      if (!isHeld || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

/** The living process that holds a lock file, or undefined. */
export function holderOf(file: string): number | undefined {
  const holder = readHolder(file)
  return isAlive(holder) ? pidOf(holder) : undefined
}

/** Whole at once: a reader never finds the file without its text. */
function tryCreate(file: string, text: string): boolean {
  const unnamed = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  writeFileSync(unnamed, text, { flag: 'wx', mode: 0o600 })
  try {
    linkSync(unnamed, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(unnamed, { force: true })
  }
}

/** Of two processes that find the same stale lock, the slower one must not take away the lock that the faster one made. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    renameSync(file, aside)
    if (readHolder(aside) !== stale) linkSync(aside, file)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function readHolder(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function release(file: string, mine: string): void {
  if (readHolder(file) === mine) rmSync(file, { force: true })
}

function pidOf(holder: string): number {
  return Number(holder.split(' ')[0])
}

function isAlive(holder: string | undefined): holder is string {
  return holder !== undefined && pidOf(holder) > 0 && identityOf(pidOf(holder)) === holder
}

/** Process number and start time, so that a number used again is not taken for the old process; "" when it is gone. */
function identityOf(pid: number): string {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  const start = startTimeOf(pid)
  return start === undefined ? '' : `${pid} ${start}`
}

/**
 * Field 22 of /proc/<pid>/stat (proc(5)); "0" on systems without it. Undefined for a process that has ended and that nobody
 * has asked for (state Z), as in a container whose first process does not: it holds nothing any more.
 */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : (fields[19] ?? '0')
  } catch (error) {
    // ESRCH: it ended while it was being read.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '0'
    throw error
  }
}
