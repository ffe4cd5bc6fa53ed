import { randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimes,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { ShoplakeError } from '../errors.ts'

const RETRY_MS = 50
/** A holder touches its lock so often, for those who cannot see its process. */
const BEAT_MS = 1000
const NAMESPACE = '/proc/self/ns/pid'
/** A lock that is not touched for so long is nobody's. */
const SILENCE_MS = 5000

/**
 * Takes a lock file for this process; the answer releases it. A lock whose process is gone is taken over; of a process in another
 * container, which cannot be seen from here, that shows after five seconds, for which this blocks. Throws data_dir_in_use, not
 * retryable, while another living process holds it.
 */
export function takeExclusive(file: string): () => void {
  mkdirSync(path.dirname(file), { recursive: true })
  const mine = identityOf(process.pid)
  for (;;) {
    if (tryCreate(file, mine)) return holding(file, mine)
    const holder = readHolder(file)
    if (isAlive(file, holder)) {
      const pid = pidOf(holder)
      const where = isHere(holder) ? `stop it (kill ${pid})` : 'stop it in its container'
      throw new ShoplakeError(
        'data_dir_in_use',
        `process ${pid} already serves ${path.dirname(path.dirname(file))}; ${where}, or choose another --data-dir`,
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
  return isAlive(file, holder) ? pidOf(holder) : undefined
}

/** Touches the lock until it is released. */
function holding(file: string, mine: string): () => void {
  const beat = setInterval(() => touch(file), BEAT_MS)
  beat.unref()
  return () => {
    clearInterval(beat)
    if (readHolder(file) === mine) rmSync(file, { force: true })
  }
}

function touch(file: string): void {
  const now = new Date()
  // Where the disk hangs or the directory is gone, whoever needs them tells of it.
  utimes(file, now, now, () => undefined)
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

function pidOf(holder: string): number {
  return Number(holder.split(' ')[0])
}

function isAlive(file: string, holder: string | undefined): holder is string {
  if (holder === undefined || !(pidOf(holder) > 0)) return false
  if (!isHere(holder)) return isTouched(file)
  const identity = identityOf(pidOf(holder))
  return identity === holder || identity.startsWith(`${holder} `)
}

/** Whether the holder's number means a process that is seen from here: one of the same PID namespace (pid_namespaces(7)). */
function isHere(holder: string): boolean {
  const namespace = holder.split(' ')[2]
  return namespace === undefined || namespace === namespaceOf()
}

/** Whether the file's time moves. Blocks for a moment while its holder lives; the clocks of both need not agree. */
function isTouched(file: string): boolean {
  const first = touchedAt(file)
  const sleeping = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < SILENCE_MS; waited += RETRY_MS) {
    Atomics.wait(sleeping, 0, 0, RETRY_MS)
    const last = touchedAt(file)
    if (last !== first) return last !== undefined
  }
  return false
}

function touchedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}

/** Process number, start time and namespace, so that a number used again is not taken for the old process; "" when it is gone. */
function identityOf(pid: number): string {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  const start = startTimeOf(pid)
  return start === undefined ? '' : `${pid} ${start} ${namespaceOf()}`
}

/** Of this process's numbers; "-" on systems without them. */
function namespaceOf(): string {
  return existsSync(NAMESPACE) ? readlinkSync(NAMESPACE) : '-'
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
