import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ShoplakeError } from '../errors.ts'

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
    if (holder !== undefined && identityOf(Number(holder.split(' ')[0])) === holder) {
      throw new ShoplakeError(
        'data_dir_in_use',
        `process ${holder.split(' ')[0]} already serves ${path.dirname(path.dirname(file))}; stop it, or choose another --data-dir`,
      )
    }
    rmSync(file, { force: true })
  }
}

/**
 * The same, but waits while the holder ends: processes of a supervisor that was killed still finish what they have. The
 * supervisor's own lock has already refused a second server. Throws data_dir_in_use after `limitMs`.
 */
export async function awaitExclusive(file: string, limitMs: number): Promise<() => void> {
  const end = Date.now() + limitMs
  for (;;) {
    try {
      return takeExclusive(file)
    } catch (error) {
      const isHeld = error instanceof ShoplakeError && error.code === 'data_dir_in_use'
      if (!isHeld || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

const RETRY_MS = 50

function tryCreate(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
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

/** Process number and start time, so that a number used again is not taken for the old process; "" when it is gone. */
function identityOf(pid: number): string {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  return `${pid} ${startTimeOf(pid)}`
}

/** Field 22 of /proc/<pid>/stat (proc(5)); "0" on systems without it. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '0'
    throw error
  }
}
